// The order in which people stand on the floor. It is worked out anew only now and then, so that
// nobody's row jumps under the eye or the finger at every change.

import type { Person } from './rows.ts';

export const ORDERS = ['attention', 'name'] as const;
export type OrderBy = (typeof ORDERS)[number];

const collator = new Intl.Collator(undefined, { numeric: true });

export class Order {
  /** By name; kept, because comparing names is what costs. */
  #named: readonly Person[] = [];
  #names = new Map<string, string>();
  #place = new Map<string, number>();

  /** Everybody in order; `settle`: as they stood the last time, who is new at the end. */
  of(people: readonly Person[], by: OrderBy, settle: boolean): readonly Person[] {
    if (!settle || this.#place.size === 0) this.#sort(people, by);
    const places = new Array<Person | undefined>(this.#place.size);
    const fresh: Person[] = [];
    for (const person of people) {
      const place = this.#place.get(person.worker.sid);
      if (place === undefined) fresh.push(person);
      else places[place] = person;
    }
    const known = places.filter((person) => person !== undefined);
    return fresh.length === 0 ? known : [...known, ...fresh.sort(byName)];
  }

  #sort(people: readonly Person[], by: OrderBy): void {
    const now = this.#inNames(people);
    const sorted = by === 'name' ? now : [...now].sort((a, b) => b.weight - a.weight);
    this.#place = new Map(sorted.map(({ worker }, place) => [worker.sid, place]));
  }

  #inNames(people: readonly Person[]): readonly Person[] {
    const current = new Map(people.map((person) => [person.worker.sid, person]));
    // From where they stood, so that a few changes cost a few comparisons.
    const kept = this.#named.flatMap(({ worker }) => current.get(worker.sid) ?? []);
    const fresh = people.filter(({ worker }) => !this.#names.has(worker.sid));
    const same = fresh.length === 0 && kept.every((p) => this.#names.get(p.worker.sid) === p.name);
    this.#named = same ? kept : [...kept, ...fresh].sort(byName);
    this.#names = new Map(this.#named.map(({ worker, name }) => [worker.sid, name]));
    return this.#named;
  }
}

function byName(a: Person, b: Person): number {
  return collator.compare(a.name, b.name) || (a.worker.sid < b.worker.sid ? -1 : 1);
}
