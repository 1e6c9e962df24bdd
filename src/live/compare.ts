// What `POST /api/v1/plan` answers: what another rule set would change, now and within a day, for
// the Workers on record. Both sets are stepped ahead for each Worker, a few at a time; nothing is
// stored.

import { describeSetting } from '../control/journal.ts';
import { stateOf } from '../control/records.ts';
import {
  compareRuleSets,
  type Difference,
  type RuleSetComparison,
  type Setting,
} from '../core/compare.ts';
import { floorName } from '../core/guardrails/floor-memberships.ts';
import { floorOf } from '../core/guardrails/guardrails.ts';
import { iso } from '../core/instants.ts';
import type { KeepOpen, RuleSet } from '../core/rules.ts';
import type { WorkerState } from '../core/state.ts';
import type { Store } from '../ports.ts';
import { futureOf, type LookaheadSources } from './lookahead.ts';
import { TimeSlicer } from './time-slices.ts';
import { TIMELINE_LIMITS } from './timeline.ts';

export interface ComparedView {
  /** ISO instant. */
  readonly at: string;
  readonly hours: number;
  /** The set in force; null: none. */
  readonly from: string | null;
  readonly to: string;
  /** How many Workers, and how many of their Worker Channels, would be set differently. */
  readonly now: Amounts;
  /** The same at any instant of the next hours, including now. */
  readonly within: Amounts;
  readonly rules: readonly RuleAmounts[];
  /** The first differences, those of now first. */
  readonly some: readonly DifferenceView[];
  readonly floors: readonly FloorView[];
  /** Workers looked at for this answer. */
  readonly looked: number;
  readonly more: boolean;
  /** ISO instant up to which the answer is complete for the Workers looked at. */
  readonly until: string;
  readonly unread: number;
  readonly observing: boolean;
}

interface Amounts {
  readonly workers: number;
  readonly channels: number;
}

export interface RuleAmounts {
  /** null: a channel is restored to its baseline. */
  readonly rule: string | null;
  /** Worker Channels. */
  readonly now: number;
  readonly within: number;
}

export interface DifferenceView {
  readonly worker: string;
  readonly friendlyName: string | null;
  readonly channel: string;
  readonly at: string;
  readonly before: Setting;
  readonly after: Setting;
  readonly rule: string | null;
  /** `1 → 3`, in a person's words. */
  readonly text: string;
}

/** A `keep_open` that the rules would break if it did not hold their writes back. */
export interface FloorView {
  readonly group: string;
  readonly channel: string;
  readonly atLeast: number;
  /** The fewest that would be open, and the first instant of that. */
  readonly open: number;
  readonly at: string;
}

const SHOWN = 20;

export interface CompareSources {
  readonly store: Pick<Store, 'listWorkers'>;
  /** epoch ms */
  readonly at: number;
  readonly observing: boolean;
  /** null: no set is in force. */
  readonly before: LookaheadSources | null;
  readonly after: LookaheadSources;
}

export async function compareSets(sources: CompareSources): Promise<ComparedView> {
  const { store, at, before, after } = sources;
  const { hours, steps, page: size, workers, allSteps } = TIMELINE_LIMITS;
  const slices = new TimeSlicer();
  const range = { from: at, to: at + hours * 3_600_000, steps };
  const futures = {
    before: before === null ? null : await slices.run(futureOf(before, range)),
    after: await slices.run(futureOf(after, range)),
  };
  const tally = new Tally(after.rules, range);
  let cursor: string | undefined;
  let more = true;
  let taken = 0;
  while (more && tally.looked < workers && taken < allSteps) {
    const page = await store.listWorkers(size, cursor);
    for (const { value } of page.workers) {
      const state = stateOf(value);
      const found = await slices.run(compareRuleSets(state, futures, range));
      tally.add(state, found);
      taken += found.steps + 2;
    }
    cursor = page.next ?? undefined;
    more = page.next !== null;
  }
  const sets = { from: before?.rules.id ?? null, to: after.rules.id };
  return { at: iso(at), hours, ...sets, observing: sources.observing, ...tally.view(), more };
}

/** What was found so far. */
class Tally {
  readonly #rules: RuleSet;
  readonly #from: number;
  readonly #now = { workers: 0, channels: 0 };
  readonly #within = { workers: 0, channels: 0 };
  readonly #byRule = new Map<string | null, { now: number; within: number }>();
  readonly #some: [DifferenceView[], DifferenceView[]] = [[], []];
  /** By floor: its members, and the change in open Workers at each instant. */
  readonly #floors = new Map<string, { members: number; changes: Map<number, number> }>();
  #until: number;
  #unread = 0;
  looked = 0;

  constructor(rules: RuleSet, { from, to }: { readonly from: number; readonly to: number }) {
    this.#rules = rules;
    this.#from = from;
    this.#until = to;
  }

  add(state: WorkerState, { differences, memberships, until, unread }: RuleSetComparison): void {
    this.looked += 1;
    if (unread) this.#unread += 1;
    this.#until = Math.min(this.#until, until);
    const now = differences.filter(({ at }) => at === this.#from);
    if (now.length > 0) this.#now.workers += 1;
    if (differences.length > 0) this.#within.workers += 1;
    this.#now.channels += now.length;
    this.#within.channels += differences.length;
    for (const each of differences) this.#count(each, state);
    for (const keep of this.#rules.guardrails.keepOpen)
      this.#trackFloor(floorName(keep), memberships);
  }

  view() {
    const rules = [...this.#byRule].map(([rule, amounts]) => ({ rule, ...amounts }));
    return {
      now: this.#now,
      within: this.#within,
      rules: rules.sort((a, b) => b.within - a.within || (`${a.rule}` < `${b.rule}` ? -1 : 1)),
      some: this.#some.flat().slice(0, SHOWN),
      floors: this.#rules.guardrails.keepOpen.flatMap((keep) => this.#broken(keep)),
      looked: this.looked,
      until: iso(this.#until),
      unread: this.#unread,
    };
  }

  #count({ rule, at, before, after, channel }: Difference, { sid, name }: WorkerState): void {
    const isNow = at === this.#from;
    const amounts = this.#byRule.get(rule) ?? { now: 0, within: 0 };
    amounts.within += 1;
    if (isNow) amounts.now += 1;
    this.#byRule.set(rule, amounts);
    const shown = this.#some[isNow ? 0 : 1];
    if (shown.length >= SHOWN) return;
    const who = { worker: sid, friendlyName: name?.value ?? null };
    const text = textOf(before, after);
    shown.push({ ...who, channel, at: iso(at), before, after, rule, text });
  }

  #trackFloor(name: string, history: RuleSetComparison['memberships']): void {
    const floor = this.#floors.get(name) ?? { members: 0, changes: new Map<number, number>() };
    this.#floors.set(name, floor);
    const isIn = (memberships: readonly string[]) =>
      memberships.includes(`+${name}`) || memberships.includes(`=${name}`);
    if (history.some(({ memberships }) => isIn(memberships))) floor.members += 1;
    let open = 0;
    for (const { at, memberships } of history) {
      const is = memberships.includes(`+${name}`) ? 1 : 0;
      if (is !== open) floor.changes.set(at, (floor.changes.get(at) ?? 0) + is - open);
      open = is;
    }
  }

  /** Reported if it is broken, at its lowest. */
  #broken(keep: KeepOpen): readonly FloorView[] {
    const floor = this.#floors.get(floorName(keep));
    const atLeast = floorOf(keep, floor?.members ?? 0);
    const changes = new Map([[this.#from, 0], ...(floor?.changes ?? [])]);
    let open = 0;
    let lowest: { readonly open: number; readonly at: number } | null = null;
    for (const [at, change] of [...changes].sort(([a], [b]) => a - b)) {
      open += change;
      if (open < (lowest?.open ?? atLeast)) lowest = { open, at };
    }
    if (lowest === null) return [];
    const { group, channel } = keep;
    return [{ group, channel, atLeast, open: lowest.open, at: iso(lowest.at) }];
  }
}

/** Only the fields that differ. */
function textOf(before: Setting, after: Setting): string {
  const part = (setting: Setting) => ({
    ...(before.capacity !== after.capacity && { capacity: setting.capacity }),
    ...(before.available !== after.available && { available: setting.available }),
  });
  return `${describeSetting(part(before))} → ${describeSetting(part(after))}`;
}
