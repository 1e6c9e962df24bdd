// What `GET /api/v1/timeline` answers: everything that time alone will do in the next hours, with
// the number of Workers. Each Worker's record is stepped ahead (`core/lookahead.ts`), a few at a
// time, so that the daemon goes on working meanwhile; a question soon after gets the same answer.

import type { Pause } from '../control/pauses.ts';
import { stateOf } from '../control/records.ts';
import { isUnknown } from '../core/facts.ts';
import { iso, isWithin } from '../core/instants.ts';
import { type LookaheadResult, lookaheadOf } from '../core/lookahead.ts';
import type { RuleSet } from '../core/rules.ts';
import { zoneFor } from '../core/schedule/zone.ts';
import type { WorkerState } from '../core/state.ts';
import type { Clock, Store } from '../ports.ts';
import { futureOf, type LookaheadSources } from './lookahead.ts';
import { TimeSlicer } from './time-slices.ts';
import { pauseEndEntry, type TimelineEntry, timelineEntry } from './timeline-entries.ts';

export interface TimelineView {
  /** ISO instant. */
  readonly at: string;
  readonly hours: number;
  /** The zone of the rule set; null: each Worker has its own. */
  readonly zone: string | null;
  /** HEADROOM_MODE=observe: the writes listed are not made. */
  readonly observing: boolean;
  readonly ahead: readonly TimelineEntry[];
  /** How many later entries were omitted. */
  readonly left: number;
  /** ISO instant up to which the answer is complete for the Workers looked at. */
  readonly until: string;
  /** Workers looked at for this answer. */
  readonly looked: number;
  /** Whether there are more Workers than were looked at. */
  readonly more: boolean;
  /** Workers for whom something has to be read before it is known what will be written. */
  readonly unread: number;
}

export const TIMELINE_LIMITS = {
  hours: 24,
  workers: 20_000,
  page: 100,
  entries: 400,
  names: 3,
  /** Steps ahead for one Worker, and for all of them. */
  steps: 200,
  allSteps: 150_000,
  /** How long an answer is reused, ms; a slow one, for `keptTimes` times as long as it took. */
  keptMs: 2_000,
  keptTimes: 10,
} as const;

export interface TimelineSources {
  readonly store: Pick<Store, 'listWorkers'>;
  readonly clock: Clock;
  observing(): boolean;
  /** What the look ahead is based on, as it is now. */
  lookaheadSources(): Omit<LookaheadSources, 'rules'>;
}

interface CachedTimeline {
  readonly key: string;
  readonly view: Promise<TimelineView>;
  /** From when on, epoch ms, and for how long it is reused. */
  at: number;
  forMs: number;
}

/** Keeps the last answer, and gives it again while it is fresh. */
export class Timeline {
  readonly #sources: TimelineSources;
  #kept: CachedTimeline | null = null;

  constructor(sources: TimelineSources) {
    this.#sources = sources;
  }

  now(rules: RuleSet): Promise<TimelineView> {
    const sources = { rules, ...this.#sources.lookaheadSources() };
    const began = this.#sources.clock.now();
    const key = JSON.stringify([rules.id, sources.pauses]);
    const { at = 0, forMs = 0 } = this.#kept ?? {};
    if (this.#kept?.key === key && isWithin(at, began, forMs)) return this.#kept.view;
    const view = timelineOf(this.#sources, sources, began);
    const kept: CachedTimeline = { key, view, at: began, forMs: Number.POSITIVE_INFINITY };
    this.#kept = kept;
    const done = () => {
      kept.at = this.#sources.clock.now();
      const { keptMs, keptTimes } = TIMELINE_LIMITS;
      kept.forMs = Math.max(keptMs, keptTimes * (kept.at - began));
    };
    view.then(done, () => {
      this.#kept = null;
    });
    return view;
  }
}

async function timelineOf(
  { store, observing }: TimelineSources,
  sources: LookaheadSources,
  at: number,
): Promise<TimelineView> {
  const { hours, steps } = TIMELINE_LIMITS;
  const range = { from: at, to: at + hours * 3_600_000, steps };
  const slices = new TimeSlicer();
  const future = await slices.run(futureOf(sources, range));
  const seen = new TimelineBuilder(range.to);
  for (const pause of sources.pauses) seen.addPause(pause, range.to);
  let cursor: string | undefined;
  let more = true;
  while (more && seen.hasBudget()) {
    const page = await store.listWorkers(TIMELINE_LIMITS.page, cursor);
    for (const { value } of page.workers) {
      const state = stateOf(value);
      seen.add(state, await slices.run(lookaheadOf(state, future, range)));
    }
    cursor = page.next ?? undefined;
    more = page.next !== null;
  }
  const zone = zoneFor(sources.rules.defaults.zone, {});
  return {
    at: iso(at),
    hours,
    zone: isUnknown(zone) ? null : zone,
    observing: observing(),
    ...seen.view(),
    more,
  };
}

/** What was found so far, the same turn of several Workers as one entry. */
class TimelineBuilder {
  readonly #found = new Map<string, TimelineEntry>();
  #until: number;
  #looked = 0;
  #unread = 0;
  #steps = 0;

  constructor(to: number) {
    this.#until = to;
  }

  hasBudget(): boolean {
    return this.#looked < TIMELINE_LIMITS.workers && this.#steps < TIMELINE_LIMITS.allSteps;
  }

  add(state: WorkerState, found: LookaheadResult): void {
    this.#looked += 1;
    if (found.unread) this.#unread += 1;
    this.#until = Math.min(this.#until, found.until);
    for (const each of found.ahead) this.#add(timelineEntry(each), state);
    this.#steps += found.steps + 1;
  }

  addPause(pause: Pause, to: number): void {
    if (pause.until === null || pause.until >= to) return;
    const view = pauseEndEntry(pause, pause.until);
    this.#found.set(JSON.stringify(view), view);
  }

  view() {
    const all = [...this.#found.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
    const ahead = all.slice(0, TIMELINE_LIMITS.entries);
    return {
      ahead,
      left: all.length - ahead.length,
      until: iso(this.#until),
      looked: this.#looked,
      unread: this.#unread,
    };
  }

  #add(view: TimelineEntry, state: WorkerState): void {
    const key = JSON.stringify(view);
    const before = this.#found.get(key);
    const some = before?.some ?? [];
    const name = state.name?.value ?? state.sid;
    this.#found.set(key, {
      ...view,
      workers: (before?.workers ?? 0) + 1,
      some: some.length < TIMELINE_LIMITS.names ? [...some, name] : some,
    });
  }
}
