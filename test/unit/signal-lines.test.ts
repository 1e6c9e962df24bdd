// The lines of a chart: the values of a TaskQueue at which a rule enters, exits and is released.

import { expect, it } from 'vitest';
import { compileRules } from '../../src/language/compile.ts';
import { signalsNow } from '../../src/live/signals.ts';
import { T0 } from '../support/builders.ts';
import { MemoryStore } from '../support/memory/store.ts';

async function linesOf(when: string) {
  const text = `version: 1
defaults: { timezone: UTC, mode: enforce, baseline: { chat: 1 } }
rules:
  - { name: busy, who: everyone, when: ${when}, then: { chat: 3 } }
`;
  const { ruleSet, diagnostics } = compileRules([{ name: 'rules.yaml', text }]);
  if (ruleSet === null) throw new Error(JSON.stringify(diagnostics));
  const { queues } = await signalsNow({
    ...{ store: new MemoryStore(), rules: ruleSet, at: T0, hours: 4 },
    queue: () => ({ unknown: 'not read' }),
    claims: () => null,
  });
  return queues.flatMap(({ lines }) => lines.map(({ condition, value }) => [condition, value]));
}

it.each([
  [
    '{ enter: queue("Support").waiting >= 20, exit: queue("Support").waiting < 5 }',
    [
      ['enter', 20],
      ['exit', 5],
    ],
  ],
  [`'queue("Support").longest_wait > duration("90s")'`, [['enter', 90_000]]],
  [`'queue("Support").longest_wait > duration("1h30m")'`, [['enter', 5_400_000]]],
  [`'queue("Support").longest_wait > duration("1d")'`, [['enter', 86_400_000]]],
  [`'queue("Support").waiting > queue("Support").eligible'`, []],
])('%s has the lines %j', async (when, lines) => {
  expect(await linesOf(when)).toEqual(lines);
});
