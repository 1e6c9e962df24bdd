// The names that a rule test may use: channels, TaskQueues and groups that its rules read, and the
// words that may follow `because`.

import type { Condition } from '../../core/condition/condition.ts';
import { REASONS } from '../../core/reasons.ts';
import type { RuleSet, Who } from '../../core/rules.ts';

export const BECAUSE_WORDS = ['person', 'baseline', 'guardrail'] as const;

export interface Names {
  readonly channels: ReadonlySet<string>;
  readonly queues: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly because: readonly string[];
  /** Declared baselines, for Workers whose channels the test does not describe. */
  readonly baseline: ReadonlyMap<string, number>;
}

export function namesOf(rules: RuleSet): Names {
  const conditions = conditionsOf(rules);
  const { bounds, keepOpen } = rules.guardrails;
  const channels = new Set([
    ...rules.rules.flatMap(({ then }) => [...then.channels.keys()]),
    ...conditions.flatMap(({ reads }) => reads.channels),
    ...bounds.keys(),
    ...keepOpen.map(({ channel }) => channel),
    ...rules.defaults.baseline.keys(),
  ]);
  const queues = new Set([
    ...conditions.flatMap(({ reads }) => reads.queues),
    ...[...rules.groups.values()].flatMap((g) => (g.kind === 'queue' ? [g.queue] : [])),
    ...placeholders(rules, 'queue'),
  ]);
  const groups = new Set([
    ...conditions.flatMap(({ reads }) => reads.groups),
    ...placeholders(rules, 'group'),
  ]);
  const names = rules.rules.map(({ name }) => name);
  const because = [...BECAUSE_WORDS, ...names, ...Object.keys(REASONS)];
  return { channels, queues, groups, because, baseline: rules.defaults.baseline };
}

function conditionsOf(rules: RuleSet): readonly Condition[] {
  return rules.rules.flatMap(({ when, release, who }) => [
    ...(when === null ? [] : [when.enter]),
    ...(when?.exit ? [when.exit] : []),
    ...(release?.or ? [release.or] : []),
    ...wheresOf(who),
  ]);
}

function wheresOf(who: Who): readonly Condition[] {
  switch (who.kind) {
    case 'where':
      return [who.where];
    case 'not':
      return wheresOf(who.of);
    case 'any':
      return who.of.flatMap(wheresOf);
    case 'everyone':
    case 'group':
      return [];
  }
}

function placeholders(rules: RuleSet, kind: string): readonly string[] {
  const pattern = new RegExp(`\\{${kind}\\.([^{}]+)\\.\\w+\\}`, 'g');
  return rules.rules.flatMap(({ why }) =>
    [...(why ?? '').matchAll(pattern)].map(([, name = '']) => name),
  );
}
