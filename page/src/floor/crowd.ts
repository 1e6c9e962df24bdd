// All Workers on the floor, in order, and how many each filter shows. A change costs one pass over
// the known Workers; names, which are expensive to compare, are compared a few times per Worker.

import type { WorkerView } from '../live/types.ts';
import { ONLY, type Only, type Person, personOf } from './rows.ts';

export const ORDERS = ['attention', 'name'] as const;
export type OrderBy = (typeof ORDERS)[number];

interface Named {
  readonly sid: string;
  readonly name: string;
}

const collator = new Intl.Collator(undefined, { numeric: true });

export class Crowd {
  /** In order; a new array after each change. */
  people: readonly Person[] = [];
  /** How many Workers each filter would show. */
  counts: Readonly<Record<Only, number>> = NOBODY;
  /** Every Worker Channel that any Worker has, by name: a column never moves because counts do. */
  channels: readonly string[] = [];

  readonly #known = new Map<string, Person>();
  /** Each Worker's index in `people`. */
  readonly #place = new Map<string, number>();
  readonly #counts: Record<Only, number> = { ...NOBODY };
  readonly #having = new Map<string, number>();
  #named: readonly Named[] = [];
  #counted: ReadonlySet<string> | null = null;

  /**
   * Takes in the current Workers. Existing ones keep their places and new ones are appended, until
   * `sort`: so no row jumps under the eye or the pointer at every change. `counted`: the channels
   * that are shown, and so the only ones that figures and order go by; null: all.
   */
  take(workers: ReadonlyMap<string, WorkerView>, counted: ReadonlySet<string> | null = null): void {
    const anew = counted !== this.#counted;
    this.#counted = counted;
    const people = [...this.people];
    const fresh: Person[] = [];
    let changes = 0;
    for (const [sid, worker] of workers) {
      const before = this.#known.get(sid);
      if (!anew && before?.worker === worker) continue;
      changes += 1;
      const person = personOf(worker, counted);
      this.#known.set(sid, person);
      this.#count(before, person);
      const place = this.#place.get(sid);
      if (place === undefined) fresh.push(person);
      else people[place] = person;
    }
    const gone = this.#known.size > workers.size;
    if (changes === 0 && !gone) return;
    this.people = people.concat(fresh);
    if (gone) this.#forget(workers);
    if (gone || fresh.length > 0) this.#stand();
    this.#tell();
  }

  /** Moves everyone to where they belong now. */
  sort(by: OrderBy): void {
    this.#named = this.#inNames();
    const named = this.#named.flatMap(({ sid }) => this.#known.get(sid) ?? []);
    this.people = by === 'name' ? named : byWeight(named);
    this.#stand();
  }

  #stand(): void {
    this.#place.clear();
    this.people.forEach(({ worker }, place) => {
      this.#place.set(worker.sid, place);
    });
  }

  #forget(workers: ReadonlyMap<string, WorkerView>): void {
    for (const [sid, person] of this.#known) {
      if (workers.has(sid)) continue;
      this.#known.delete(sid);
      this.#count(person, undefined);
    }
    this.people = this.people.filter(({ worker }) => workers.has(worker.sid));
  }

  /** Starts from the previous order, so that a few new Workers cost only a few comparisons. */
  #inNames(): readonly Named[] {
    const kept = this.#named.filter(({ sid, name }) => this.#known.get(sid)?.name === name);
    if (kept.length === this.#known.size) return kept;
    const known = new Set(kept.map(({ sid }) => sid));
    const fresh = this.people.flatMap(({ worker: { sid }, name }) =>
      known.has(sid) ? [] : { sid, name },
    );
    return merged(kept, fresh.sort(byName));
  }

  #count(before: Person | undefined, now: Person | undefined): void {
    for (const only of before?.shownBy ?? []) this.#counts[only] -= 1;
    for (const only of now?.shownBy ?? []) this.#counts[only] += 1;
    for (const channel of before?.cells.keys() ?? []) this.#has(channel, -1);
    for (const channel of now?.cells.keys() ?? []) this.#has(channel, 1);
  }

  #has(channel: string, more: 1 | -1): void {
    this.#having.set(channel, (this.#having.get(channel) ?? 0) + more);
  }

  #tell(): void {
    this.counts = { ...this.#counts };
    const having = [...this.#having].filter(([, n]) => n > 0);
    const channels = having.map(([name]) => name).sort();
    if (channels.join('\n') !== this.channels.join('\n')) this.channels = channels;
  }
}

const NOBODY = Object.fromEntries(ONLY.map((only) => [only, 0])) as Record<Only, number>;

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
function byWeight(people: readonly Person[]): readonly Person[] {
  const weights = new Map<number, Person[]>();
  for (const person of people) {
    const same = weights.get(person.weight);
    if (same === undefined) weights.set(person.weight, [person]);
    else same.push(person);
  }
  return [...weights].sort(([a], [b]) => b - a).flatMap(([, same]) => same);
}
