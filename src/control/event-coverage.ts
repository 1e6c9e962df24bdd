// When this daemon could receive events and when not: a heartbeat in the store once a minute. The
// span since the last one, and one in which deliveries were refused, is blind until the event
// history has filled it.

import { isWithin } from '../core/instants.ts';
import type { Clock, Store } from '../ports.ts';
import { SharedDocument } from './shared-document.ts';

interface Span {
  /** epoch ms */
  readonly from: number;
  readonly to: number;
}

export interface CoverageDocument {
  /** The very first start; before it nobody listened. 0: never. */
  readonly since: number;
  readonly beatAt: number;
  /** The spans since then in which nobody listened. */
  readonly deaf: readonly Span[];
  /** The spans read from the history, by event type. */
  readonly filled: Readonly<Record<string, readonly Span[]>>;
}

export const COVERAGE_LIMITS = {
  beatMs: 60_000,
  /** A delivery under way at the last heartbeat may be lost with the process. */
  lateMs: 15_000,
  /** A heartbeat later than this after the last one: nobody listened in between. */
  maxGapMs: 180_000,
  /** After so long without another refusal, deliveries are no longer being refused. */
  settledMs: 10_000,
  /** The least time between two reads of everything that gaps caused. */
  readAgainMs: 5 * 60_000,
  /** No `count` looks further back, so older spans are dropped. */
  keepMs: 25 * 3_600_000,
} as const;

const NEVER: CoverageDocument = { since: 0, beatAt: 0, deaf: [], filled: {} };

export class EventCoverage {
  readonly #document: SharedDocument<CoverageDocument>;
  readonly #clock: Clock;
  /** Since when deliveries were refused, if the document does not record it yet. */
  #refusedFrom: number | null = null;
  #refusedAt = Number.NEGATIVE_INFINITY;
  /** Events were missed, and only a read of everything shows what they reported. */
  #missed = false;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(store: Store, clock: Clock) {
    this.#document = new SharedDocument(store, 'heard', NEVER);
    this.#clock = clock;
  }

  /** This process listens from now on. Returns the span since the last heartbeat; null: none. */
  async start(): Promise<Span | null> {
    await this.#document.refresh();
    const at = this.#clock.now();
    const before = this.#document.current();
    await this.#document.change((kept) => withHeartbeat(kept, at, 0));
    return before.since === 0 ? null : { from: before.beatAt, to: at };
  }

  /** Once a second; writes once a minute. True: nobody listened for a while, without a restart. */
  async beat(): Promise<boolean> {
    const at = this.#clock.now();
    if (isWithin(this.#document.current().beatAt, at, COVERAGE_LIMITS.beatMs)) return false;
    await this.#document.refresh();
    const spans = this.#document.current().deaf.length;
    await this.#document.change((kept) => withHeartbeat(kept, at, COVERAGE_LIMITS.maxGapMs));
    const missed = this.#document.current().deaf.length > spans;
    this.#missed ||= missed;
    return missed;
  }

  /** A delivery could not be stored, and may never be repeated. */
  deliveryRefused(): void {
    this.#missed = true;
    this.#refusedAt = this.#clock.now();
    this.#refusedFrom ??= this.#refusedAt - COVERAGE_LIMITS.lateMs;
  }

  /** Deliveries are being refused: a span that is filled now would be blind again in a moment. */
  isRefusing(): boolean {
    return isWithin(this.#refusedAt, this.#clock.now(), COVERAGE_LIMITS.settledMs);
  }

  /**
   * Once a second: requests that everything is read, if events were missed since this start and it
   * is time to read what they would have reported; until it is requested, it stays due. The read at
   * the start itself is not requested here.
   */
  async requestFullRead(request: () => Promise<void>): Promise<void> {
    const at = this.#clock.now();
    if (!this.#missed || this.isRefusing()) return;
    if (isWithin(this.#readAt, at, COVERAGE_LIMITS.readAgainMs)) return;
    // What is missed from here on is read the next time.
    this.#missed = false;
    try {
      await request();
      this.#readAt = at;
    } catch (error) {
      this.#missed = true;
      throw error;
    }
  }

  /** Another replica may have filled a span. */
  async refresh(): Promise<void> {
    await this.#document.refresh();
  }

  /**
   * Once a second: records the span since the first refusal as blind, as soon as the store can be
   * written. Answers a new span; null: none, or one that only grew.
   */
  async recordRefusals(): Promise<Span | null> {
    const from = this.#refusedFrom;
    if (from === null) return null;
    // What is refused from here on is recorded the next time.
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
    return blindSpans(this.#document.current(), type).at(-1)?.to ?? Number.NEGATIVE_INFINITY;
  }

  /** Where, from `since` on, the oldest span begins that is blind for this type; null: nowhere. */
  blindFrom(type: string, since: number): number | null {
    const blind = blindSpans(this.#document.current(), type).find(({ to }) => to > since);
    return blind === undefined ? null : Math.max(since, blind.from);
  }

  /** Every event of this type within the span is on record now. */
  async markFilled(type: string, span: Span): Promise<void> {
    await this.#document.change((kept) => ({
      ...kept,
      filled: { ...kept.filled, [type]: [...(kept.filled[type] ?? []), span] },
    }));
  }
}

/** The next heartbeat; a gap of at least `missedMs` before it is a blind span. */
function withHeartbeat(kept: CoverageDocument, at: number, missedMs: number): CoverageDocument {
  if (kept.since === 0) return { ...kept, since: at, beatAt: at };
  const gap: Span = { from: kept.beatAt - COVERAGE_LIMITS.lateMs, to: at };
  const missed = at - kept.beatAt >= missedMs && at > kept.beatAt ? [...kept.deaf, gap] : kept.deaf;
  const recent = ({ to }: Span) => to > at - COVERAGE_LIMITS.keepMs;
  return {
    ...kept,
    beatAt: at,
    deaf: missed.filter(recent),
    filled: Object.fromEntries(
      Object.entries(kept.filled).map(([type, spans]) => [type, spans.filter(recent)]),
    ),
  };
}

/** Spans that nearly touch are joined, so that occasional refusals do not make a long list. */
function withSpan(spans: readonly Span[], span: Span): readonly Span[] {
  const last = spans.at(-1);
  if (last === undefined || span.from - last.to > COVERAGE_LIMITS.beatMs) return [...spans, span];
  const { from, to } = last;
  const joined = { from: Math.min(from, span.from), to: Math.max(to, span.to) };
  return [...spans.slice(0, -1), joined];
}

/** What is left of each span after the history filled its end, ascending. */
function blindSpans(
  { since, deaf: missed, filled }: CoverageDocument,
  type: string,
): readonly Span[] {
  const first: Span = {
    from: Number.NEGATIVE_INFINITY,
    to: since === 0 ? Number.POSITIVE_INFINITY : since,
  };
  const fills = [...(filled[type] ?? [])].sort((a, b) => b.to - a.to);
  return [first, ...missed]
    .map((span) => ({ ...span, to: fills.reduce((to, fill) => cut(to, fill), span.to) }))
    .filter(({ from, to }) => to > from);
}

function cut(to: number, fill: Span): number {
  return fill.to >= to && fill.from < to ? fill.from : to;
}
