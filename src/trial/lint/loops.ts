// Rules that do not settle: what one changes is what the other reads, or what it reads itself. Each
// is followed pass by pass with the real core, while no outside fact changes.

import type { Rule } from '../../core/rules.ts';
import { type PassOutcome, simulatePass } from '../../core/simulated-pass.ts';
import { assignedOn, type WorkerState } from '../../core/state.ts';
import { type Situation, stateOf, worldOf } from '../situation.ts';
import { wallClockText } from '../wall-clock.ts';
import { numbersOf, settingOn } from './effects.ts';
import { FactValueCollector } from './fact-values.ts';
import { type Finding, finding, witness } from './finding.ts';
import { LINT_LIMITS as LIMITS } from './limits.ts';
import type { Search, SituationTrial } from './search.ts';

/** A thing that rules read and write: `chat capacity`, `chat available`, or any group's load. */
type FeedbackFact = string;
const GROUP_LOAD: FeedbackFact = 'group load';
const MINUTE_MS = 60_000;

export function loops(rules: readonly Rule[], search: Search): readonly Finding[] {
  const reads = new Map(rules.map((rule) => [rule, factsReadBy(rule)]));
  const readers = rules.filter((rule) => (reads.get(rule)?.size ?? 0) > 0);
  const feeds = (from: Rule, to: Rule) => {
    const read = reads.get(to) ?? new Set();
    return [...read].some((thing) => writes(from, thing));
  };
  const found: Finding[] = [];
  for (const [i, rule] of readers.entries()) {
    if (feeds(rule, rule)) found.push(...oscillations([rule], search));
    for (const other of readers.slice(0, i)) {
      if (search.exhausted) return found;
      if (feeds(rule, other) && feeds(other, rule))
        found.push(...oscillations([rule, other], search));
    }
  }
  return found;
}

function factsReadBy({ when, release }: Rule): ReadonlySet<FeedbackFact> {
  const things = new Set<FeedbackFact>();
  for (const condition of [when?.enter, when?.exit, release?.or]) {
    if (!condition) continue;
    const collector = new FactValueCollector();
    collector.addCondition(condition);
    for (const { variable } of collector.byKey.values()) {
      if (variable.kind === 'group' && variable.field === 'load') things.add(GROUP_LOAD);
      if (variable.kind !== 'channel' || variable.field === 'assigned') continue;
      const field = variable.field === 'available' ? 'available' : 'capacity';
      things.add(`${variable.name} ${field}`);
    }
  }
  return things;
}

function writes(rule: Rule, thing: FeedbackFact): boolean {
  if (thing === GROUP_LOAD)
    return [...rule.then.channels.keys()].some((each) => numbers(rule, each));
  const [channel = '', field] = thing.split(/ (?=\S+$)/);
  return field === 'available' ? settingOn(rule, channel)?.pause === true : numbers(rule, channel);
}

function numbers(rule: Rule, channel: string): boolean {
  const setting = settingOn(rule, channel);
  if (setting === null) return false;
  return [setting.set, setting.add, setting.min, setting.max].some(
    (value) => numbersOf(rule, value).length > 0,
  );
}

interface ChannelChange {
  readonly at: number;
  readonly channel: string;
  readonly value: string;
  readonly rule: string | null;
}

function oscillations(rules: readonly Rule[], search: Search): readonly Finding[] {
  const { found } = search.find(rules, [], (trial) => {
    const changes = traceChanges(rules, trial, search);
    return changes === null ? null : { trial, turns: changes };
  });
  if (found === null) return [];
  const { trial, turns: changes } = found;
  const [first] = changes;
  const own = changes.filter(({ channel }) => channel === first?.channel);
  const values = own.slice(0, 4).map(({ value }) => value);
  const walk = `${first?.channel} goes ${values.join(', ')} while no fact changes`;
  const names = rules.map(({ name }) => `"${name}"`);
  const [code, text] =
    rules.length === 1
      ? (['lint.feeds_itself', `the rule ${names[0]} switches itself on and off: ${walk}`] as const)
      : ([
          'lint.oscillates',
          `the rules ${names[0]} and ${names[1]} switch each other on and off: ${walk}`,
        ] as const);
  const steps = changes.slice(0, 6).map(({ at, channel, value, rule }) => {
    const by = rule === null ? 'no rule claims it, restored to its baseline' : rule;
    return `${wallClockText(at, search.set)}: ${channel} becomes ${value} (${by})`;
  });
  return finding(code, rules, text, witness(trial, search.set, steps));
}

/** The turns of a channel that does not settle; null: all channels settle, or their time ends. */
function traceChanges(
  rules: readonly Rule[],
  trial: SituationTrial,
  search: Search,
): readonly ChannelChange[] | null {
  const set = search.subset(rules);
  const { situation: s } = trial;
  const end = endOf(rules, s, search);
  const wait = Math.max(MINUTE_MS, set.guardrails.minDwellMs);
  const changes: ChannelChange[] = [];
  let state = stateOf(s, {});
  let at = s.at;
  for (let pass = 0; pass < LIMITS.passes && at < end; pass += 1) {
    const outcome: PassOutcome = simulatePass(
      set,
      state,
      worldOf({ ...s, at, groups: groupsOf(s, state) }, set),
      at,
    );
    for (const { channel, to, rule } of outcome.writes) {
      if (to.capacity !== undefined) changes.push({ at, channel, value: `${to.capacity}`, rule });
      if (to.available === undefined) continue;
      changes.push({ at, channel, value: to.available ? 'open' : 'paused', rule });
    }
    state = outcome.state;
    const restless = changes.find((change) => flips(changes, change) >= LIMITS.flips);
    if (restless !== undefined) return changes;
    if (outcome.writes.length === 0 && outcome.lookAt === null) return null;
    at = outcome.writes.length > 0 ? at + wait : Math.max(outcome.lookAt ?? 0, at + wait);
  }
  return null;
}

/** How often this channel changed, if it returned to this value; otherwise 0. */
function flips(changes: readonly ChannelChange[], { channel, value }: ChannelChange): number {
  const own = changes.filter((change) => change.channel === channel);
  const again = own.filter((change) => change.value === value).length;
  return again >= 2 ? own.length : 0;
}

/** Beyond the end of a window, a rule changes for another reason. */
function endOf(rules: readonly Rule[], s: Situation, search: Search): number {
  const open = search.times.windowsOf(rules, s.attributes, search.range);
  return open.find(({ start, end }) => s.at >= start && s.at < end)?.end ?? s.at;
}

/** The groups, with all their members as loaded as this Worker. */
function groupsOf(s: Situation, state: WorkerState): Situation['groups'] {
  let assigned = 0;
  let capacity = 0;
  for (const [name, { observed }] of Object.entries(state.channels)) {
    assigned += assignedOn(state, name);
    capacity += observed?.capacity ?? 0;
  }
  const load = capacity === 0 ? 1 : assigned / capacity;
  return Object.fromEntries(
    Object.entries(s.groups).map(([name, group]) => [name, { ...group, load }]),
  );
}
