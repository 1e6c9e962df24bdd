// Rules against guardrails and calendars: numbers that the bounds cut, channels without a declared
// baseline, calendars that are over, boundaries with more changes than are allowed at once.

import { isUnknown } from '../../core/facts.ts';
import type { During, Rule, RuleSet } from '../../core/rules.ts';
import { formatSpan } from '../../core/schedule/span.ts';
import { wallAt, zoneFor } from '../../core/schedule/zone.ts';
import { schedulesOf } from './dimensions.ts';
import { channelsNamed, numbersOf, settingOn } from './effects.ts';
import { type Finding, finding, momentWitness, type Witness, witness } from './finding.ts';
import { claims } from './never-matches.ts';
import type { Search } from './search.ts';

export function outOfBounds(rule: Rule, search: Search): readonly Finding[] {
  const { set } = search;
  return [...set.guardrails.bounds].flatMap(([channel, [low, high]]) => {
    const setting = settingOn(rule, channel);
    if (setting === null) return [];
    const findingOf = (what: string, n: number, written: number) => {
      const text = `the rule "${rule.name}" ${what} ${channel} to ${n}, outside its bounds [${low}, ${high}]: ${written} is written instead`;
      const steps = [
        `${rule.name} ${what} ${channel} to ${n}`,
        `${channel} is written as ${written}`,
      ];
      return finding('lint.out_of_bounds', [rule], text, claimWitness(rule, search, steps));
    };
    const over = (numbers: readonly number[]) => numbers.find((n) => n > high);
    const under = (numbers: readonly number[]) => numbers.find((n) => n < low);
    const sets = numbersOf(rule, setting.set);
    const high1 = over(sets);
    const low1 = under(sets);
    const [min, max] = setting.add === null ? [setting.min, setting.max] : [null, null];
    const high2 = over(numbersOf(rule, min));
    const low2 = under(numbersOf(rule, max));
    return [
      ...(high1 === undefined ? [] : findingOf('sets', high1, high)),
      ...(low1 === undefined ? [] : findingOf('sets', low1, low)),
      ...(high2 === undefined ? [] : findingOf('raises', high2, high)),
      ...(low2 === undefined ? [] : findingOf('limits', low2, low)),
    ];
  });
}

/** A situation in which the rule claims; null: none was found. */
function claimWitness(rule: Rule, search: Search, steps: readonly string[]): Witness | null {
  const { found } = search.find([rule], [], (trial) =>
    claims(rule, trial, search) ? trial : null,
  );
  return found === null ? null : witness(found, search.set, steps);
}

/** One note for all channels that are claimed by name, at the first rule that does. */
export function withoutBaseline(rules: readonly Rule[], search: Search): readonly Finding[] {
  const { set } = search;
  const bare = channelsNamed(set, rules).filter((name) => !set.defaults.baseline.has(name));
  const claiming = rules.filter(({ then }) => bare.some((name) => then.channels.has(name)));
  if (bare.length === 0) return [];
  const text = `no baseline is declared for ${bare.join(', ')}: only the store knows it; declare it under defaults.baseline so that it survives the loss of the store`;
  const steps = [
    'suppose the store is lost while a rule claims one of them',
    'when the claim ends, the channel keeps its last setting (baseline.unknown)',
  ];
  const shown = momentWitness(search.from, set, steps);
  return finding('lint.no_baseline', claiming.slice(0, 1), text, shown);
}

/** Once per calendar, at the first rule that relies on it. */
export function expiredCalendars(rules: readonly Rule[], search: Search): readonly Finding[] {
  const { set, from } = search;
  return [...set.calendars.values()].flatMap((calendar) => {
    const zone = calendar.zone ?? zoneFor(set.defaults.zone, {});
    const today = new Date(wallAt(isUnknown(zone) ? 'UTC' : zone, from)).toISOString().slice(0, 10);
    if (calendar.lastDay === null || calendar.lastDay >= today) return [];
    const using = rules.filter(({ during }) => during !== null && uses(during, calendar.name, set));
    const [first] = using;
    if (first === undefined) return [];
    const text = `the calendar "${calendar.name}" ended on ${calendar.lastDay}, and the rule "${first.name}" still relies on it; add the coming dates`;
    const steps = [
      `${using.map(({ name }) => name).join(', ')} finds no day in "${calendar.name}"`,
    ];
    return finding('lint.calendar_over', using, text, momentWitness(from, set, steps));
  });
}

function uses(during: During, calendar: string, set: RuleSet): boolean {
  if (during.kind === 'any') return during.of.some((each) => uses(each, calendar, set));
  if (during.kind === 'calendar') return during.name === calendar;
  return schedulesOf(during, set).some((name) =>
    set.schedules.get(name)?.alternatives.some((a) => a.except.calendars.includes(calendar)),
  );
}

/** Whether this rule's time consists only of calendars that are over. */
export function usesOnlyExpiredCalendars(rule: Rule, over: ReadonlySet<string>): boolean {
  const gone = (during: During): boolean =>
    during.kind === 'any'
      ? during.of.every(gone)
      : during.kind === 'calendar' && over.has(during.name);
  return rule.during !== null && gone(rule.during);
}

/**
 * A boundary at which every Worker that rules can claim changes at once. The size of a group is not
 * known here, so only a rule for all of them is reported.
 */
export function boundaryTooLarge(
  rule: Rule,
  rules: readonly Rule[],
  search: Search,
): readonly Finding[] {
  const { maxChange } = search.set.guardrails;
  if (maxChange === null || !('share' in maxChange.workers) || maxChange.workers.share >= 1)
    return [];
  if (!isForAll(rule, rules) || rule.during === null || rule.when !== null || rule.ramp !== null)
    return [];
  if (rule.limit !== null || byWorker(rule.during, search.set)) return [];
  const [window] = search.times
    .windows(rule, {}, search.range)
    .filter(({ start }) => start > search.from);
  if (window === undefined) return [];
  const { workers, perMs } = maxChange;
  const share = `${Math.round(workers.share * 100)}%`;
  const late = formatSpan((Math.ceil(1 / workers.share) - 1) * perMs);
  const text = `the rule "${rule.name}" changes every Worker at one boundary, and max_change allows ${share} per ${formatSpan(perMs)}: the last would follow ${late} later`;
  const steps = [
    `${rule.name} begins to claim every Worker`,
    `after ${late} the last one is changed`,
  ];
  return finding('lint.max_change', [rule], text, momentWitness(window.start, search.set, steps));
}

/** `everyone`, or the one group that all rules of the set are for. */
function isForAll(rule: Rule, rules: readonly Rule[]): boolean {
  const { who } = rule;
  if (who.kind === 'everyone') return true;
  return (
    who.kind === 'group' &&
    rules.every((each) => each.who.kind === 'group' && each.who.name === who.name)
  );
}

/** Workers whose zones or schedules differ do not change at one instant. */
function byWorker(during: During, set: RuleSet): boolean {
  if (during.kind === 'attribute' || set.defaults.zone.kind === 'worker') return true;
  if (during.kind === 'any') return during.of.some((each) => byWorker(each, set));
  return schedulesOf(during, set).some((name) =>
    set.schedules.get(name)?.alternatives.some(({ zone }) => zone?.kind === 'worker'),
  );
}
