// The echo of our own write costs no call, but still leads to a pass: the first that sees the write
// done.

import { expect, it } from 'vitest';
import { Loop } from '../../history/loop.ts';
import type { Rule, Rules } from '../../model/language.ts';

const RULE = {
  ...{ who: null, during: null, release: null, hard: false, priority: 0 },
  ...({ mode: 'enforce', ifStale: 'hold' } as const),
};

const three: Rule = {
  ...{ ...RULE, name: 'three' },
  when: { enter: { fact: 'level', atLeast: 1 }, exit: null, forS: 0, keepS: 0 },
  // biome-ignore lint/suspicious/noThenProperty: the rule language's own word
  then: { chat: { set: 3 } },
};
const noCalls: Rule = {
  ...{ ...RULE, name: 'no-calls' },
  when: {
    enter: { fact: 'capacity', channel: 'chat', atLeast: 3 },
    ...{ exit: null, forS: 0, keepS: 0 },
  },
  // biome-ignore lint/suspicious/noThenProperty: the rule language's own word
  then: { voice: { pause: true } },
};
const RULES: Rules = {
  rules: [three, noCalls],
  ...{ respectS: 7_200, dwellS: 0, bounds: {}, baseline: {}, optOut: false },
};

it.each([false, true])(
  '26: a rule that reads the channel acts on what we wrote (echo ahead of the answer: %s)',
  async (ahead) => {
    const loop = new Loop({ at: Date.parse('2026-06-10T10:01:00Z'), rules: RULES });
    await loop.start();
    loop.echoAhead = ahead;
    loop.now += 7;
    loop.world.updateWorker(loop.worker, { attributes: { level: 1 } });
    const reads = () => loop.history.filter(({ kind }) => kind === 'read').length;
    const before = reads();
    await loop.settle();
    while (loop.sent.length > 0) {
      for (const event of loop.sent.splice(0)) await loop.deliver(event);
      await loop.settle();
    }
    expect(loop.world.channel(loop.worker, 'chat').configuredCapacity).toBe(3);
    expect(loop.world.channel(loop.worker, 'voice').available).toBe(false);
    expect(reads() - before).toBeLessThanOrEqual(1);
  },
);
