// Once a minute, once across replicas: reads the changes of Worker Channels from TaskRouter's
// history. An event that was never delivered is absorbed like any other, and the read that follows
// decides who made the change; a known edit gets its author.

import { attributeEdit, fieldOf } from '../core/actor.ts';
import { parseEvent } from '../core/event.ts';
import type { ChannelEvent, ChannelEventType } from '../core/event.types.ts';
import type { DetectedEdit } from '../core/state.ts';
import { Failure, type Gateway } from '../ports.ts';
import { type AbsorbDeps, absorb } from './absorb.ts';
import type { ControlDeps } from './deps.ts';
import { authorEntry } from './journal-edits.ts';
import { SharedDocument } from './shared-document.ts';
import { WorkLease } from './work-lease.ts';

/** TaskRouter filters by one type per query, so a look takes two. */
const TYPES: readonly ChannelEventType[] = [
  'worker.capacity.update',
  'worker.channel.availability.update',
];

export const DRIFT_LIMITS = {
  everyMs: 60_000,
  /** Each look begins this much before the last one: events appear late, even after their edits. */
  overlapMs: 120_000,
  /** The furthest that a look reaches back; full reads find older changes, not their authors. */
  mostMs: 3_600_000,
  /** Pages of a thousand events, newest first; what is older is left to the full reads. */
  pages: 20,
  /** How soon a failed look is repeated. */
  againMs: 15_000,
  /** A delivery may still be on its way for this long: until then it does not count as lost. */
  lateMs: 15_000,
} as const;

interface DriftDocument {
  /** When the last successful look began, epoch ms. 0: never. */
  readonly at: number;
  readonly next: number;
  /** Events that were never delivered, since the store was created. */
  readonly lost: number;
  readonly fault: string | null;
}

const NEVER: DriftDocument = { at: 0, next: 0, lost: 0, fault: null };

export interface DriftState {
  /** epoch ms; null: not yet. */
  readonly lookedAt: number | null;
  readonly lost: number;
  readonly fault: string | null;
}

export interface DriftDeps {
  readonly control: ControlDeps & { readonly queues: AbsorbDeps['queues'] };
  /** Whether no other process uses the store. */
  readonly alone: boolean;
  readonly gateway: Pick<Gateway, 'pastEvents'>;
  readonly workspaceSid: string;
  onError(error: unknown): void;
  log: { info(text: string): void; warn(text: string): void };
}

export class Drift {
  readonly #deps: DriftDeps;
  readonly #document: SharedDocument<DriftDocument>;
  readonly #lease: WorkLease;
  /** Events that nothing more can be learnt from, with their time, while looks still find them. */
  readonly #done = new Map<string, number>();

  constructor(deps: DriftDeps) {
    this.#deps = deps;
    this.#document = new SharedDocument(deps.control.store, 'drift', NEVER);
    this.#lease = new WorkLease('drift', { ...deps.control, alone: deps.alone });
  }

  async state(): Promise<DriftState> {
    const { at, lost, fault } = await this.#document.refresh();
    return { lookedAt: at === 0 ? null : at, lost, fault };
  }

  /** Once a second: starts a look if one is due and this replica takes the lease. */
  async pulse(): Promise<void> {
    await this.#lease.renew();
    if (this.#lease.isWorking()) return;
    const { clock, rules } = this.#deps.control;
    const now = clock.now();
    if (!isDue(this.#document.current(), now) || rules() === null) return;
    if (!isDue(await this.#document.refresh(), now)) return;
    this.#lease.begin(async () => {
      // Another replica may have looked just before.
      const kept = await this.#document.refresh();
      if (isDue(kept, now)) await this.#look(kept, now);
    }, this.#deps.onError);
  }

  /** Resolves when no look is under way. */
  async idle(): Promise<void> {
    await this.#lease.idle();
  }

  async #look({ at, fault: before }: DriftDocument, now: number): Promise<void> {
    const { log } = this.#deps;
    const since = Math.max(Math.min(at, now) - DRIFT_LIMITS.overlapMs, now - DRIFT_LIMITS.mostMs);
    try {
      let lost = 0;
      const from = at === 0 ? now - DRIFT_LIMITS.overlapMs : since;
      for (const type of TYPES) lost += await this.#read(type, from, now);
      this.#forget(now - DRIFT_LIMITS.mostMs);
      if (lost > 0)
        log.info(
          `${lost} changes of Worker Channels were found in the event history but had not been delivered`,
        );
      const next = now + DRIFT_LIMITS.everyMs;
      await this.#document.change((kept) => ({
        ...{ at: now, next, fault: null },
        lost: kept.lost + lost,
      }));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (before === null) log.warn(`the event history could not be read: ${error.message}`);
      const next = now + DRIFT_LIMITS.againMs;
      await this.#document.change((kept) => ({ ...kept, next, fault: error.message }));
    }
  }

  /** How many were never delivered. */
  async #read(type: ChannelEventType, since: number, now: number): Promise<number> {
    let lost = 0;
    let pages = 0;
    for await (const page of this.#deps.gateway.pastEvents(type, since, 'read')) {
      const events = page.flatMap((fields) => channelEvent(fields, this.#deps.workspaceSid));
      events.sort((a, b) => a.at - b.at);
      for (const event of events) if (await this.#learn(event, now)) lost += 1;
      pages += 1;
      if (pages < DRIFT_LIMITS.pages) continue;
      this.#deps.log.warn(`too many ${type} events in the history: only the newest were read`);
      break;
    }
    return lost;
  }

  /** Whether it counts as never delivered. */
  async #learn(event: ChannelEvent, now: number): Promise<boolean> {
    if (this.#done.has(event.sid)) return false;
    const { control } = this.#deps;
    const workspaceChanged = async () => {};
    if (await absorb(event, { ...control, workspaceChanged })) {
      return event.at < now - DRIFT_LIMITS.lateMs;
    }
    const loaded = await control.records.load(event.workerSid);
    if (loaded === null) return false;
    const seen = attributeEdit(loaded.state, event);
    if (seen.ours || event.by === undefined) this.#done.set(event.sid, event.at);
    if (seen.state !== loaded.state) await this.#credit(event);
    return false;
  }

  async #credit(event: ChannelEvent): Promise<void> {
    const { records, clock, journal } = this.#deps.control;
    let edited: DetectedEdit | null = null;
    const { state } = await records.change(event.workerSid, clock.now(), (before) => {
      const seen = attributeEdit(before, event);
      edited = seen.edited;
      return seen.state;
    });
    if (edited === null) return;
    this.#done.set(event.sid, event.at);
    const at = clock.now();
    await journal.append([
      authorEntry(state, { channel: event.channel, field: fieldOf(event), edited }, at),
    ]);
  }

  #forget(before: number): void {
    for (const [sid, at] of this.#done) if (at < before) this.#done.delete(sid);
  }
}

function isDue({ next }: DriftDocument, now: number): boolean {
  // Later than it can be scheduled: somebody's clock was set back.
  return now >= next || next - now > DRIFT_LIMITS.everyMs;
}

/** Empty if it is no such event, or one of another Workspace. */
function channelEvent(
  fields: Readonly<Record<string, string>>,
  workspaceSid: string,
): readonly ChannelEvent[] {
  const event = parseEvent(fields, workspaceSid);
  if ('ignored' in event) return [];
  switch (event.type) {
    case 'worker.capacity.update':
    case 'worker.channel.availability.update':
      return [event];
    default:
      return [];
  }
}
