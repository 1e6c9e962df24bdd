// When a rule can claim: its `during` and `until` as windows over the coming time, for one Worker,
// and the instants in them that are worth trying.

import { readAttribute } from '../../core/condition/path.ts';
import { isUnknown } from '../../core/facts.ts';
import type { During, Rule, RuleSet } from '../../core/rules.ts';
import { calendarWindows, mergeWindows } from '../../core/schedule/days.ts';
import { type Window, windows, zoneForSchedule } from '../../core/schedule/schedule.ts';
import { wallAt, zoneFor } from '../../core/schedule/zone.ts';

export interface Range {
  readonly from: number;
  readonly to: number;
}

export class RuleWindows {
  readonly #set: RuleSet;
  readonly #memory = new Map<string, readonly Window[]>();

  constructor(set: RuleSet) {
    this.#set = set;
  }

  /** The windows in which all of these rules are in their time for this Worker. */
  windowsOf(rules: readonly Rule[], attributes: unknown, range: Range): readonly Window[] {
    let common: readonly Window[] = [{ start: range.from, end: range.to }];
    for (const rule of rules) common = intersect(common, this.windows(rule, attributes, range));
    return common;
  }

  windows(rule: Rule, attributes: unknown, range: Range): readonly Window[] {
    const to = rule.until === null ? range.to : Math.min(range.to, rule.until);
    if (to <= range.from) return [];
    const whole = [{ start: range.from, end: to }];
    if (rule.during === null) return whole;
    return intersect(whole, this.#during(rule.during, attributes, range));
  }

  #during(during: During, attributes: unknown, range: Range): readonly Window[] {
    switch (during.kind) {
      case 'schedule':
        return this.#schedule(during.name, attributes, range);
      case 'calendar':
        return this.#calendar(during.name, attributes, range);
      case 'attribute': {
        const name = readAttribute(attributes, during.path);
        return typeof name === 'string' ? this.#schedule(name, attributes, range) : [];
      }
      case 'any':
        return mergeWindows(during.of.flatMap((each) => this.#during(each, attributes, range)));
    }
  }

  #schedule(name: string, attributes: unknown, range: Range): readonly Window[] {
    const schedule = this.#set.schedules.get(name);
    if (schedule === undefined) return [];
    const zone = zoneForSchedule(schedule, this.#set.defaults.zone, attributes);
    if (isUnknown(zone)) return [];
    const { calendars } = this.#set;
    const env = { zone, calendars, attributes };
    return this.#remember(`schedule ${name} ${zone} ${range.from} ${range.to}`, () =>
      windows(schedule, range.from, range.to, env),
    );
  }

  #calendar(name: string, attributes: unknown, range: Range): readonly Window[] {
    const calendar = this.#set.calendars.get(name);
    if (calendar === undefined) return [];
    const zone = calendar.zone ?? zoneFor(this.#set.defaults.zone, attributes);
    if (isUnknown(zone)) return [];
    return this.#remember(`calendar ${name} ${zone} ${range.from} ${range.to}`, () =>
      intersect(calendarWindows(calendar, zone), [{ start: range.from, end: range.to }]),
    );
  }

  #remember(key: string, find: () => readonly Window[]): readonly Window[] {
    const known = this.#memory.get(key) ?? find();
    this.#memory.set(key, known);
    return known;
  }
}

/** What two ordered lists of windows have in common. */
export function intersect(a: readonly Window[], b: readonly Window[]): readonly Window[] {
  const common: Window[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [x, y] = [a[i], b[j]];
    if (x === undefined || y === undefined) break;
    const start = Math.max(x.start, y.start);
    const end = Math.min(x.end, y.end);
    if (start < end) common.push({ start, end });
    if (x.end < y.end) i += 1;
    else j += 1;
  }
  return common;
}

/** The parts of `a` that no window of `b` covers; both are ordered and disjoint. */
export function subtract(a: readonly Window[], b: readonly Window[]): readonly Window[] {
  const left: Window[] = [];
  for (const { start, end } of a) {
    let from = start;
    for (const cut of b) {
      if (cut.end <= from || cut.start >= end) continue;
      if (cut.start > from) left.push({ start: from, end: cut.start });
      from = Math.max(from, cut.end);
    }
    if (from < end) left.push({ start: from, end });
  }
  return left;
}

const DAY_MS = 86_400_000;

/** Local midnight after `from`, and the instants at which the zone's clocks change. */
export function clockChanges(zone: string, range: Range): readonly number[] {
  const offset = (at: number) => wallAt(zone, at) - at;
  const firstDay = Math.floor(wallAt(zone, range.from) / DAY_MS) + 1;
  const points = [firstDay * DAY_MS - offset(range.from)];
  for (let at = range.from; at < range.to; at += DAY_MS) {
    if (offset(at) === offset(at + DAY_MS)) continue;
    let [low, high] = [at, at + DAY_MS];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offset(middle) === offset(low)) low = middle;
      else high = middle;
    }
    points.push(high - 1, high);
  }
  return points;
}

/** At most `most`: the first start, `extra`, the first starts and last moments, the last start. */
export function instantsIn(open: readonly Window[], extra: readonly number[], most: number) {
  const first = open.slice(0, Math.ceil(most / 4)).flatMap(({ start, end }) => [start, end - 1]);
  const last = open.at(-1);
  const inside = extra.filter((at) => open.some(({ start, end }) => at >= start && at < end));
  const all = [
    ...first.slice(0, 1),
    ...inside,
    ...first,
    ...(last === undefined ? [] : [last.start]),
  ];
  return [...new Set(all)].slice(0, most);
}
