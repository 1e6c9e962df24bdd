// All Workers on the floor, in order, and how many each filter shows. A change costs one pass over
// the known Workers; names, which are expensive to compare, are compared a few times per Worker.

import type { WorkerView } from '../live/types.ts';
import { FILTERS, type WorkerFilter, type WorkerRow, workerRowOf } from './rows.ts';

export const SORT_ORDERS = ['attention', 'name'] as const;
export type SortOrder = (typeof SORT_ORDERS)[number];

interface Named {
  readonly sid: string;
  readonly name: string;
}

const collator = new Intl.Collator(undefined, { numeric: true });

export class WorkerList {
  /** In order; a new array after each change. */
  people: readonly WorkerRow[] = [];
  /** How many Workers each filter would show. */
  counts: Readonly<Record<WorkerFilter, number>> = ZERO_COUNTS;
  /** Every Worker Channel that any Worker has, by name: a column never moves because counts do. */
  channels: readonly string[] = [];

  readonly #known = new Map<string, WorkerRow>();
  /** Each Worker's index in `people`. */
  readonly #indexOf = new Map<string, number>();
  readonly #counts: Record<WorkerFilter, number> = { ...ZERO_COUNTS };
  readonly #channelCounts = new Map<string, number>();
  #named: readonly Named[] = [];
  #counted: ReadonlySet<string> | null = null;

  /**
   * Takes in the current Workers. Existing ones keep their places and new ones are appended, until
   * `sort`: so no row jumps under the eye or the pointer at every change. `counted`: the channels
   * that are shown, and so the only ones that figures and order go by; null: all.
   */
  update(
    workers: ReadonlyMap<string, WorkerView>,
    counted: ReadonlySet<string> | null = null,
  ): void {
    const anew = counted !== this.#counted;
    this.#counted = counted;
    const people = [...this.people];
    const fresh: WorkerRow[] = [];
    let changes = 0;
    for (const [sid, worker] of workers) {
      const before = this.#known.get(sid);
      if (!anew && before?.worker === worker) continue;
      changes += 1;
      const person = workerRowOf(worker, counted);
      this.#known.set(sid, person);
      this.#count(before, person);
      const place = this.#indexOf.get(sid);
      if (place === undefined) fresh.push(person);
      else people[place] = person;
    }
    const gone = this.#known.size > workers.size;
    if (changes === 0 && !gone) return;
    this.people = people.concat(fresh);
    if (gone) this.#removeMissing(workers);
    if (gone || fresh.length > 0) this.#reindex();
    this.#publish();
  }

  /** Moves everyone to where they belong now. */
  sort(by: SortOrder): void {
    this.#named = this.#sortedByName();
    const named = this.#named.flatMap(({ sid }) => this.#known.get(sid) ?? []);
    this.people = by === 'name' ? named : byWeight(named);
    this.#reindex();
  }

  #reindex(): void {
    this.#indexOf.clear();
    this.people.forEach(({ worker }, place) => {
      this.#indexOf.set(worker.sid, place);
    });
  }

  #removeMissing(workers: ReadonlyMap<string, WorkerView>): void {
    for (const [sid, person] of this.#known) {
      if (workers.has(sid)) continue;
      this.#known.delete(sid);
      this.#count(person, undefined);
    }
    this.people = this.people.filter(({ worker }) => workers.has(worker.sid));
  }

  /** Starts from the previous order, so that a few new Workers cost only a few comparisons. */
  #sortedByName(): readonly Named[] {
    const kept = this.#named.filter(({ sid, name }) => this.#known.get(sid)?.name === name);
    if (kept.length === this.#known.size) return kept;
    const known = new Set(kept.map(({ sid }) => sid));
    const fresh = this.people.flatMap(({ worker: { sid }, name }) =>
      known.has(sid) ? [] : { sid, name },
    );
    return merged(kept, fresh.sort(byName));
  }

  #count(before: WorkerRow | undefined, now: WorkerRow | undefined): void {
    for (const only of before?.matchingFilters ?? []) this.#counts[only] -= 1;
    for (const only of now?.matchingFilters ?? []) this.#counts[only] += 1;
    for (const channel of before?.cells.keys() ?? []) this.#countChannel(channel, -1);
    for (const channel of now?.cells.keys() ?? []) this.#countChannel(channel, 1);
  }

  #countChannel(channel: string, more: 1 | -1): void {
    this.#channelCounts.set(channel, (this.#channelCounts.get(channel) ?? 0) + more);
  }

  #publish(): void {
    this.counts = { ...this.#counts };
    const having = [...this.#channelCounts].filter(([, n]) => n > 0);
    const channels = having.map(([name]) => name).sort();
    if (channels.join('\n') !== this.channels.join('\n')) this.channels = channels;
  }
}

const ZERO_COUNTS = Object.fromEntries(FILTERS.map((only) => [only, 0])) as Record<
  WorkerFilter,
  number
>;

function byName(a: Named, b: Named): number {
  return collator.compare(a.name, b.name) || (a.sid < b.sid ? -1 : 1);
}

/** Places each of `fresh` by binary search: both lists are in order. */
function merged(kept: readonly Named[], fresh: readonly Named[]): readonly Named[] {
  const all: Named[] = [];
  let from = 0;
  for (const each of fresh) {
    let low = from;
    let high = kept.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const there = kept[middle];
      if (there !== undefined && byName(there, each) < 0) low = middle + 1;
      else high = middle;
    }
    for (const before of kept.slice(from, low)) all.push(before);
    all.push(each);
    from = low;
  }
  return all.concat(kept.slice(from));
}

/** Those who need attention most first; equal weights keep the given order. */
function byWeight(people: readonly WorkerRow[]): readonly WorkerRow[] {
  const weights = new Map<number, WorkerRow[]>();
  for (const person of people) {
    const same = weights.get(person.weight);
    if (same === undefined) weights.set(person.weight, [person]);
    else same.push(person);
  }
  return [...weights].sort(([a], [b]) => b - a).flatMap(([, same]) => same);
}
