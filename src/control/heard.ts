// When this daemon could hear TaskRouter, and when not: a heartbeat in the store once a minute. The
// stretch since the last one, and one in which deliveries had to be refused, is blind until the
// history of events has filled it in.

import { isWithin } from '../core/instants.ts';
import type { Clock, Store } from '../ports.ts';
import { SharedDocument } from './documents.ts';

interface Span {
  /** epoch ms */
  readonly from: number;
  readonly to: number;
}

export interface HeardDocument {
  /** The first start of all; before it nobody listened. 0: never. */
  readonly since: number;
  readonly beatAt: number;
  /** When nobody listened since. */
  readonly deaf: readonly Span[];
  /** What was read of the history, by event type. */
  readonly filled: Readonly<Record<string, readonly Span[]>>;
}

export const HEARD_LIMITS = {
  beatMs: 60_000,
  /** A delivery that was on its way at the last heartbeat may be lost with the process. */
  lateMs: 15_000,
  /** A heartbeat later than this after the last one: nobody listened in between. */
  missedMs: 180_000,
  /** Whether deliveries are still being refused shows after so long without one more. */
  settledMs: 10_000,
  /** Everything is read after a gap, but no sooner after the last time than so. */
  readAgainMs: 5 * 60_000,
  /** No `count` looks further back, so older stretches are forgotten. */
  keepMs: 25 * 3_600_000,
} as const;

const NEVER: HeardDocument = { since: 0, beatAt: 0, deaf: [], filled: {} };

export class Heard {
  readonly #document: SharedDocument<HeardDocument>;
  readonly #clock: Clock;
  /** From when on deliveries were refused that the document does not know of yet. */
  #refusedFrom: number | null = null;
  #refusedAt = Number.NEGATIVE_INFINITY;
  /** Events were missed of which only a read of everything tells. */
  #missed = false;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(store: Store, clock: Clock) {
    this.#document = new SharedDocument(store, 'heard', NEVER);
    this.#clock = clock;
  }

  /**
   * This process listens from now on. Returns the stretch in which nobody did; null: at no time.
   */
  async start(): Promise<Span | null> {
    await this.#document.refresh();
    const at = this.#clock.now();
    const before = this.#document.current();
    await this.#document.change((kept) => beaten(kept, at, 0));
    return before.since === 0 ? null : { from: before.beatAt, to: at };
  }

  /** Once a second; writes once a minute. True: nobody listened for a while, without a start. */
  async beat(): Promise<boolean> {
    const at = this.#clock.now();
    if (isWithin(this.#document.current().beatAt, at, HEARD_LIMITS.beatMs)) return false;
    await this.#document.refresh();
    const deaf = this.#document.current().deaf.length;
    await this.#document.change((kept) => beaten(kept, at, HEARD_LIMITS.missedMs));
    const missed = this.#document.current().deaf.length > deaf;
    this.#missed ||= missed;
    return missed;
  }

  /** A delivery could not be stored: what it told may never come again. */
  refused(): void {
    this.#missed = true;
    this.#refusedAt = this.#clock.now();
    this.#refusedFrom ??= this.#refusedAt - HEARD_LIMITS.lateMs;
  }

  /** Deliveries are being refused just now: what is filled in would be blind again in a moment. */
  isRefusing(): boolean {
    return isWithin(this.#refusedAt, this.#clock.now(), HEARD_LIMITS.settledMs);
  }

  /**
   * Once a second. True: events were missed since this start, and it is time to read what they would
   * have told. The read that follows the start itself is not asked for here.
   */
  mustRead(): boolean {
    const at = this.#clock.now();
    if (!this.#missed || this.isRefusing()) return false;
    if (isWithin(this.#readAt, at, HEARD_LIMITS.readAgainMs)) return false;
    this.#missed = false;
    this.#readAt = at;
    return true;
  }

  /**
   * Once a second: the stretch since the first refusal is blind from the moment that the store can
   * be told so. Answers a stretch that is new; null: none, or one that only grew longer.
   */
  async ownUp(): Promise<Span | null> {
    const from = this.#refusedFrom;
    if (from === null) return null;
    // What is refused from here on is told the next time.
    this.#refusedFrom = null;
    try {
      await this.#document.refresh();
      const span = { from, to: this.#clock.now() };
      const before = this.#document.current().deaf.length;
      await this.#document.change((kept) => ({ ...kept, deaf: withSpan(kept.deaf, span) }));
      return this.#document.current().deaf.length > before ? span : null;
    } catch (error) {
      this.#refusedFrom = from;
      throw error;
    }
  }

  /** From when on every event of this type is on record, epoch ms. */
  blindTo(type: string): number {
    return blindIn(this.#document.current(), type).at(-1)?.to ?? Number.NEGATIVE_INFINITY;
  }

  /** Where the oldest stretch begins that is blind for this type and reaches past `since`. */
  blindFrom(type: string, since: number): number | null {
    const blind = blindIn(this.#document.current(), type).find(({ to }) => to > since);
    return blind === undefined ? null : Math.max(since, blind.from);
  }

  /** Everything of this type that happened between is on record now. */
  async filled(type: string, span: Span): Promise<void> {
    await this.#document.change((kept) => ({
      ...kept,
      filled: { ...kept.filled, [type]: [...(kept.filled[type] ?? []), span] },
    }));
  }
}

/** The next heartbeat; a gap before it that is longer than `missedMs` is a stretch nobody heard. */
function beaten(kept: HeardDocument, at: number, missedMs: number): HeardDocument {
  if (kept.since === 0) return { ...kept, since: at, beatAt: at };
  const gap: Span = { from: kept.beatAt - HEARD_LIMITS.lateMs, to: at };
  const deaf = at - kept.beatAt >= missedMs && at > kept.beatAt ? [...kept.deaf, gap] : kept.deaf;
  const recent = ({ to }: Span) => to > at - HEARD_LIMITS.keepMs;
  return {
    ...kept,
    beatAt: at,
    deaf: deaf.filter(recent),
    filled: Object.fromEntries(
      Object.entries(kept.filled).map(([type, spans]) => [type, spans.filter(recent)]),
    ),
  };
}

/** Stretches that nearly touch are one, so that refusals now and then do not make a long list. */
function withSpan(deaf: readonly Span[], span: Span): readonly Span[] {
  const last = deaf.at(-1);
  if (last === undefined || span.from - last.to > HEARD_LIMITS.beatMs) return [...deaf, span];
  const { from, to } = last;
  const joined = { from: Math.min(from, span.from), to: Math.max(to, span.to) };
  return [...deaf.slice(0, -1), joined];
}

/** What is left of each stretch after the history filled in its end, ascending. */
function blindIn({ since, deaf, filled }: HeardDocument, type: string): readonly Span[] {
  const first: Span = {
    from: Number.NEGATIVE_INFINITY,
    to: since === 0 ? Number.POSITIVE_INFINITY : since,
  };
  const fills = [...(filled[type] ?? [])].sort((a, b) => b.to - a.to);
  return [first, ...deaf]
    .map((span) => ({ ...span, to: fills.reduce((to, fill) => cut(to, fill), span.to) }))
    .filter(({ from, to }) => to > from);
}

function cut(to: number, fill: Span): number {
  return fill.to >= to && fill.from < to ? fill.from : to;
}
