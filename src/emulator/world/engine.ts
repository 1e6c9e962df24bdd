/**
 * The engine that every operation runs in: clock, SIDs, scheduler, Workspaces and past events. An
 * operation runs to its end, then waiting Tasks are routed, then listeners receive the events, so
 * that no listener ever sees a half-made change.
 */
import { type Doubts, resolveDoubts } from '../trouble/doubts.ts';
import { Faults } from '../trouble/faults.ts';
import type { EngineContext, EventInput } from './engine-context.ts';
import type { Actor, EventRecord, Payload, Workspace } from './model.ts';
import { routeTasks } from './routing.ts';
import { Scheduler } from './scheduler.ts';
import { Sids } from './sids.ts';
import type { Space } from './space.ts';

/** How many events are kept for the Events list and the statistics. */
const EVENTS_MAX = 100_000;
const UNREAD: Payload = {};

export class Engine implements EngineContext {
  readonly accountSid: string;
  readonly startedAt: number;
  readonly now: () => number;
  readonly doubts: Doubts;
  readonly faults: Faults;
  readonly sids: Sids;
  readonly scheduler = new Scheduler();
  readonly spaces = new Map<string, Space>();
  readonly #listeners = new Set<(event: EventRecord) => void>();
  readonly #pendingEvents: EventRecord[] = [];
  readonly #payloadTypes: ReadonlySet<string> | null;
  #events: EventRecord[] = [];
  #seq = 0;
  #skewMs = 0;
  #running = false;
  #notifying = false;
  #actor: Actor | null = null;

  constructor(options: {
    seed: number;
    now: () => number;
    accountSid?: string | undefined;
    doubts?: Partial<Doubts> | undefined;
    /**
     * For a simulation that needs no history: only events of these resource types carry a payload,
     * and only the newest event is kept.
     */
    heeds?: ReadonlySet<string> | undefined;
  }) {
    this.now = () => options.now() + this.#skewMs;
    this.doubts = resolveDoubts(options.doubts);
    this.faults = new Faults(options.seed);
    this.#payloadTypes = options.heeds ?? null;
    this.startedAt = options.now();
    this.sids = new Sids(options.seed, this.startedAt);
    this.accountSid = options.accountSid ?? this.sids.stable('AC');
  }

  /** Oldest first. */
  get events(): readonly EventRecord[] {
    return this.#events;
  }

  /**
   * Sets this clock ahead of the true one (behind it, if negative); whatever is due stays as far
   * off as it was.
   */
  skew(ms: number): void {
    this.scheduler.shift(ms - this.#skewMs);
    this.#skewMs = ms;
  }

  seq(): number {
    this.#seq += 1;
    return this.#seq;
  }

  /** Calls `listener` with every event, in order, after the operation that caused it. */
  listen(listener: (event: EventRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Runs one operation as `by`; the routing that follows is the Workspace's own act. */
  run<T>(operation: () => T, by: Actor | null = null): T {
    if (this.#running) return operation();
    this.#running = true;
    this.#actor = by;
    try {
      const result = operation();
      this.#actor = null;
      for (const space of this.spaces.values()) routeTasks(space);
      return result;
    } finally {
      this.#actor = null;
      this.#running = false;
      this.#notifyListeners();
    }
  }

  /** Runs everything that is due by now. */
  advance(): void {
    const now = this.now();
    for (let due = this.scheduler.take(now); due !== null; due = this.scheduler.take(now)) {
      const { run } = due;
      this.run(run);
    }
  }

  record(workspace: Workspace, happening: EventInput): void {
    const { type, resourceType, resourceSid, description } = happening;
    const heeded = this.#payloadTypes === null || this.#payloadTypes.has(resourceType);
    const event: EventRecord = {
      sid: this.sids.next('EV'),
      seq: this.seq(),
      at: this.now(),
      type,
      workspaceSid: workspace.sid,
      workspaceName: workspace.friendlyName,
      resourceType,
      resourceSid,
      description,
      payload: heeded ? happening.payload() : UNREAD,
      by: this.#actor ?? { type: 'workspace', sid: workspace.sid, sourceIp: null },
    };
    this.#remember(event);
    this.#pendingEvents.push(event);
  }

  #remember(event: EventRecord): void {
    if (this.#payloadTypes !== null) this.#events.length = 0;
    this.#events.push(event);
    if (this.#events.length > EVENTS_MAX) this.#events = this.#events.slice(EVENTS_MAX / 10);
  }

  #notifyListeners(): void {
    if (this.#notifying) return;
    this.#notifying = true;
    try {
      for (
        let event = this.#pendingEvents.shift();
        event !== undefined;
        event = this.#pendingEvents.shift()
      ) {
        for (const listener of this.#listeners) listener(event);
      }
    } finally {
      this.#notifying = false;
    }
  }
}
