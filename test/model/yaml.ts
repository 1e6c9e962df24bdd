// The rules of a history, written out in headroom's own language.

import type { Amount, Condition, Limit, Rule, Rules, Setting } from './language.ts';

export function yamlOf(rules: Rules): string {
  const lines = [
    'version: 1',
    'defaults:',
    '  timezone: UTC',
    '  mode: enforce',
    `  human_edit: { respect: ${rules.respectS}s }`,
    ...(rules.optOut ? [`  opt_out: 'worker.headroom == "off"'`] : []),
    ...(empty(rules.baseline) ? [] : [`  baseline: ${flow(rules.baseline)}`]),
    ...guardrails(rules),
    ...groups(rules),
  ];
  const windows = rules.rules.filter(({ during }) => during !== null);
  if (windows.length > 0) lines.push('schedules:');
  for (const { name, during } of windows) {
    if (during === null) continue;
    const hours = `${clock(during.from)}-${clock(during.to)}`;
    lines.push(`  ${name}-hours: { days: mon-sun, hours: "${hours}" }`);
  }
  lines.push('rules:', ...rules.rules.map((rule) => `  - ${flow(written(rule))}`));
  return `${lines.join('\n')}\n`;
}

function guardrails({ bounds, dwellS, keepOpen = [], maxChange = null }: Rules): string[] {
  const floors = keepOpen.map(({ team, channel, atLeast }) => ({
    ...{ group: `team-${team}`, channel, at_least: amount(atLeast) },
  }));
  const parts = {
    ...(empty(bounds) ? {} : { bounds }),
    ...(dwellS === 0 ? {} : { min_dwell: `${dwellS}s` }),
    ...(floors.length === 0 ? {} : { keep_open: floors }),
    ...(maxChange === null
      ? {}
      : { max_change: { workers: amount(maxChange.workers), per: `${maxChange.perS}s` } }),
  };
  return empty(parts) ? [] : [`guardrails: ${flow(parts)}`];
}

function groups({ keepOpen = [] }: Rules): string[] {
  const teams = [...new Set(keepOpen.map(({ team }) => team))];
  const where = (team: string) => [`team-${team}`, { where: `worker.team == "${team}"` }];
  return teams.length === 0 ? [] : [`groups: ${flow(Object.fromEntries(teams.map(where)))}`];
}

function amount(of: Amount): number | string {
  return 'count' in of ? of.count : `${of.percent}%`;
}

function writtenLimit({ workers, pick, step }: Limit) {
  const { workers: more, everyS } = step ?? { workers, everyS: 0 };
  return {
    ...{ workers: amount(workers), pick },
    ...(step === null ? {} : { step: { workers: amount(more), every: `${everyS}s` } }),
  };
}

function written(rule: Rule) {
  const { name, who, during, when, release, hard, priority, mode, ifStale, limit } = rule;
  const team = who === null ? 'everyone' : { where: `worker.team == "${who.team}"` };
  return {
    name,
    who: who?.not ? { not: team } : team,
    ...(during === null ? {} : { during: `${name}-hours` }),
    ...(when === null ? {} : { when: writtenWhen(when) }),
    ...(release === null ? {} : { release: writtenRelease(release) }),
    // biome-ignore lint/suspicious/noThenProperty: the rule language's own word
    then: Object.fromEntries(Object.entries(rule.then).map(([k, v]) => [k, writtenSetting(v)])),
    hard,
    priority,
    mode,
    if_stale: ifStale,
    ...(limit ? { limit: writtenLimit(limit) } : {}),
  };
}

function writtenWhen({ enter, exit, forS, keepS }: NonNullable<Rule['when']>) {
  return {
    enter: cel(enter),
    ...(exit === null ? {} : { exit: cel(exit) }),
    ...(forS === 0 ? {} : { for: `${forS}s` }),
    ...(keepS === 0 ? {} : { keep: `${keepS}s` }),
  };
}

function writtenRelease({ afterS, or }: NonNullable<Rule['release']>) {
  return {
    ...(afterS === null ? {} : { after: `${afterS}s` }),
    ...(or === null ? {} : { or: cel(or) }),
  };
}

function writtenSetting({ pause, ...numbers }: Setting): unknown {
  if (pause) return 'pause';
  return Object.keys(numbers).length === 1 && numbers.set !== undefined ? numbers.set : numbers;
}

export function cel(condition: Condition): string {
  if ('not' in condition) return `!(${cel(condition.not)})`;
  if ('all' in condition) return condition.all.map((c) => `(${cel(c)})`).join(' && ');
  if ('any' in condition) return condition.any.map((c) => `(${cel(c)})`).join(' || ');
  switch (condition.fact) {
    case 'available':
      return 'activity.available';
    case 'level':
      return `worker.level >= ${condition.atLeast}`;
    case 'assigned':
    case 'capacity':
      return `channel("${condition.channel}").${condition.fact} >= ${condition.atLeast}`;
    case 'count':
      return `count("${condition.type}", duration("${condition.windowS}s")) >= ${condition.atLeast}`;
  }
}

/** JSON is YAML. */
function flow(value: unknown): string {
  return JSON.stringify(value);
}

function empty(value: object): boolean {
  return Object.keys(value).length === 0;
}

function clock(minutes: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
