// Claims that never make a difference: whenever the rule claims, others decide. Reported only if it
// holds in every situation that could be tried, and none was left out.

import type { Condition } from '../../core/condition/condition.ts';
import type { Rule } from '../../core/rules.ts';
import type { RuleState } from '../../core/state.ts';
import { claimingStates, decideIn, modeOf } from '../situation.ts';
import {
  channelEffects,
  EFFECTS,
  type Effect,
  effectNumbers,
  hasEffect,
} from './channel-effects.ts';
import { areDisjoint } from './disjoint.ts';
import { listed, type NumberKind } from './effects.ts';
import { type Finding, finding, momentWitness, witness } from './finding.ts';
import { LINT_LIMITS as LIMITS } from './limits.ts';
import type { Search, SituationTrial } from './search.ts';

export function masked(rule: Rule, rules: readonly Rule[], search: Search): readonly Finding[] {
  const found: Finding[] = [];
  for (const channel of rule.then.channels.keys()) {
    for (const effect of EFFECTS) {
      if (!hasEffect(rule, channel, effect)) continue;
      const masked = alwaysMasked({ rule, channel, effect }, rules, search);
      found.push(
        ...(masked.length > 0 ? masked : neverReached({ rule, channel, effect }, rules, search)),
      );
    }
  }
  return found;
}

interface Claimed {
  readonly rule: Rule;
  readonly channel: string;
  readonly effect: Effect;
}

function alwaysMasked(
  claimed: Claimed,
  rules: readonly Rule[],
  search: Search,
): readonly Finding[] {
  const { rule, channel, effect } = claimed;
  const above = channelEffects(rules, channel)
    [effect].filter((other) => couldMask(other, claimed, search))
    .slice(0, LIMITS.company);
  if (above.length === 0) return [];
  const all = [rule, ...above];
  const combined = search.subset(all);
  let seen: { trial: SituationTrial; by: readonly string[] } | null = null;
  const { found, complete } = search.find([rule], above, (trial) => {
    for (const states of statesOf(rule, trial.situation.at)) {
      const decision = decideIn(trial.situation, combined, states);
      if (decision.verdicts.find((v) => v.rule === rule)?.claims !== true) continue;
      const claims = decision.channels.find((each) => each.channel === channel)?.claims ?? [];
      const by = claims.flatMap((c) => (c.rule === rule.name ? [] : [c.rule]));
      if (by.length === 0) return trial;
      seen ??= { trial, by };
    }
    return null;
  });
  if (found !== null || !complete || seen === null) return [];
  return maskedFinding(claimed, above, seen, search);
}

/** As if the condition had held for long enough; and as if it had ended but still claimed. */
function statesOf(rule: Rule, at: number): readonly Record<string, RuleState>[] {
  const { when, release } = rule;
  const held = claimingStates([rule], at);
  if (when === null) return [held];
  const kept: RuleState =
    release === null && when.keepMs > 0
      ? { when: when.id, phase: 'keeping', since: at - 1, exitedAt: at - 1 }
      : { when: when.id, phase: 'claiming', since: at - 1 };
  const lingers = when.keepMs > 0 || when.exit !== null || release !== null;
  return lingers ? [held, { [rule.name]: kept }] : [held];
}

/** Whether `other` overrides this claim whenever both claim, and claims as soon as it may. */
function couldMask(other: Rule, { rule, channel, effect }: Claimed, search: Search): boolean {
  if (other === rule) return false;
  if (areDisjoint(rule, other, search.set)) return false;
  if (other.limit !== null || other.release !== null || (other.when?.forMs ?? 0) > 0) return false;
  if (rule.hard && !other.hard) return false;
  const modes = [modeOf(rule, search.set), modeOf(other, search.set)];
  if (modes[0] === 'enforce' && modes[1] !== 'enforce') return false;
  if (!overrides(other, { rule, channel, effect })) return false;
  return readsNoMore(other, rule);
}

function overrides(other: Rule, { rule, channel, effect }: Claimed): boolean {
  if (effect === 'pause') return true;
  if (effect === 'set') return other.priority > rule.priority;
  const [own, theirs] = [
    effectNumbers(rule, channel, effect),
    effectNumbers(other, channel, effect),
  ];
  if (own.length === 0 || theirs.length === 0) return false;
  // Equal limits mask each other; the later rule is the one that is reported.
  const [mine, yours] =
    effect === 'max'
      ? [Math.min(...own), Math.max(...theirs)]
      : [-Math.max(...own), -Math.min(...theirs)];
  return yours < mine || (yours === mine && comesBefore(other, rule));
}

function comesBefore(a: Rule, b: Rule): boolean {
  if (a.at.file !== b.at.file) return a.at.file < b.at.file;
  return a.at.line < b.at.line;
}

/** A fact that only the other reads may be unknown, and then the other does not claim. */
function readsNoMore(other: Rule, rule: Rule): boolean {
  const known = new Set(sources(rule));
  return sources(other).every((source) => known.has(source));
}

function sources({ when }: Rule): readonly string[] {
  return [when?.enter, when?.exit].flatMap((each) => (each ? sourcesOf(each) : []));
}

function sourcesOf({ reads }: Condition): readonly string[] {
  return [
    ...reads.channels.map((name) => `channel ${name}`),
    ...reads.queues.map((name) => `queue ${name}`),
    ...reads.groups.map((name) => `group ${name}`),
    ...reads.counts.map(({ type }) => `count ${type}`),
    ...(reads.allChannels ? ['channels'] : []),
    ...(reads.activity ? ['activity'] : []),
  ];
}

function maskedFinding(
  claimed: Claimed,
  above: readonly Rule[],
  seen: { readonly trial: SituationTrial; readonly by: readonly string[] },
  search: Search,
): readonly Finding[] {
  const { rule, channel, effect } = claimed;
  const [first] = above.filter(({ name }) => seen.by.includes(name));
  if (first === undefined) return [];
  const who = above.length === 1 ? `"${first.name}"` : `${quoted(above)}`;
  const kind = effect === 'pause' ? 'set' : effect;
  const theirs = listed(effectNumbers(first, channel, kind));
  const own = listed(effectNumbers(rule, channel, kind));
  const texts: Readonly<Record<Effect, readonly [string, string]>> = {
    set: [
      `the rule "${rule.name}" never wins on ${channel}: whenever it claims, ${who} sets ${channel} with a higher priority`,
      `so ${channel} is set to ${theirs}, with priority ${first.priority} over ${rule.priority}`,
    ],
    max: [
      `the "max" of the rule "${rule.name}" never binds on ${channel}: whenever it claims, ${who} already limits ${channel} to ${theirs}`,
      `so ${channel} is at most ${theirs}`,
    ],
    min: [
      `the "min" of the rule "${rule.name}" never binds on ${channel}: whenever it claims, ${who} already raises ${channel} to ${theirs}`,
      `so ${channel} is at least ${theirs}`,
    ],
    pause: [
      `the pause of the rule "${rule.name}" makes no difference on ${channel}: whenever it claims, ${who} pauses ${channel} too`,
      `so ${channel} is paused with or without it`,
    ],
  };
  const [text, outcome] = texts[effect];
  const would = (name: string, number: string) =>
    effect === 'pause'
      ? `${name} would pause ${channel}`
      : `${name} would ${VERBS[effect]} ${channel} to ${number}`;
  const steps = [would(rule.name, own), would(first.name, theirs), outcome];
  return finding('lint.masked', [rule, ...above], text, witness(seen.trial, search.set, steps));
}

const VERBS = { set: 'set', max: 'limit', min: 'raise' } as const;

function quoted(rules: readonly Rule[]): string {
  const names = rules.map(({ name }) => `"${name}"`);
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

/** A limit that nothing can reach: no baseline, `set`, `min` or `add` goes past it. */
function neverReached(
  claimed: Claimed,
  rules: readonly Rule[],
  search: Search,
): readonly Finding[] {
  const { rule, channel, effect } = claimed;
  const baseline = search.set.defaults.baseline.get(channel);
  // A person's edit can be anything, and a hard limit applies over it.
  if (baseline === undefined || rule.hard || (effect !== 'max' && effect !== 'min')) return [];
  const all = (kind: NumberKind) => channelEffects(rules, channel).numbers[kind];
  const [own, starts, adds] = [
    effectNumbers(rule, channel, effect),
    [baseline, ...all('set')],
    all('add'),
  ];
  const up = adds.filter((n) => n > 0).reduce((sum, n) => sum + n, 0);
  const down = adds.filter((n) => n < 0).reduce((sum, n) => sum + n, 0);
  const furthest =
    effect === 'max'
      ? Math.max(Math.max(...starts) + up, ...all('min'))
      : Math.max(0, Math.min(...starts) + down);
  const reached = effect === 'max' ? furthest > Math.min(...own) : furthest < Math.max(...own);
  if (reached) return [];
  const further =
    effect === 'max' ? `raise ${channel} above ${furthest}` : `lower ${channel} below ${furthest}`;
  const text = `the "${effect}" of the rule "${rule.name}" never binds on ${channel}: it is ${listed(own)}, and nothing can ${further} (its baseline is ${baseline})`;
  const steps = [
    `${channel} starts from ${[...new Set(starts)].join(' or ')}`,
    effect === 'max' ? `adds lift it by ${up} at most` : `adds lower it by ${-down} at most`,
    `so ${effect} ${listed(own)} changes nothing`,
  ];
  return finding('lint.masked', [rule], text, momentWitness(search.from, search.set, steps));
}
