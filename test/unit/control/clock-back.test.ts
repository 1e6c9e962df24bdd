// The machine's clock is set back, or the next pass is made by a replica whose clock is behind:
// recorded instants then lie ahead of the clock, and none of them may delay anything.

import { describe, expect, it } from 'vitest';
import { Loop } from '../../history/loop.ts';
import type { Rules } from '../../model/language.ts';
import { MINUTE, SECOND } from '../../support/builders.ts';

const RULES: Rules = {
  rules: [
    {
      ...{ name: 'three', who: null, during: null, when: null, release: null, hard: true },
      ...{ priority: 0, mode: 'enforce', ifStale: 'hold' },
      // biome-ignore lint/suspicious/noThenProperty: the rule language's own word
      then: { chat: { set: 3 } },
    },
  ],
  ...{ respectS: 7_200, dwellS: 0, bounds: {}, baseline: {}, optOut: false },
};

/** A person's edit is respected for two hours. */
const SOFT: Rules = { ...RULES, rules: RULES.rules.map((rule) => ({ ...rule, hard: false })) };

async function started(rules = RULES): Promise<Loop> {
  const loop = new Loop({ at: Date.parse('2026-06-10T10:01:00Z'), rules });
  await loop.start();
  await deliverAll(loop);
  return loop;
}

/** Sends all events until nothing more happens. */
async function deliverAll(loop: Loop): Promise<void> {
  await loop.settle();
  while (loop.sent.length > 0) {
    for (const event of loop.sent.splice(0)) await loop.deliver(event);
    await loop.settle();
  }
}

async function edit(loop: Loop, capacity: number): Promise<void> {
  loop.now += 7;
  loop.world.editChannel(loop.worker, 'chat', { capacity }, { actor: 'a person' });
  await deliverAll(loop);
}

const chat = (loop: Loop) => loop.world.channel(loop.worker, 'chat').configuredCapacity;

describe.each([1, 3, 4, 20, 120, 3_600])('with the clock set back %i s', (seconds) => {
  it("24: a person's edit is still seen within seconds", async () => {
    const loop = await started();
    await edit(loop, 5);
    expect(chat(loop)).toBe(3);
    loop.setBack(seconds * SECOND);
    await edit(loop, 7);
    await loop.until(loop.now + 10 * SECOND);
    expect(chat(loop)).toBe(3);
  });

  it('24: a write whose response was lost is still resolved', async () => {
    const loop = await started();
    loop.troubles.push('fine', 'lost-before');
    await edit(loop, 5);
    loop.setBack(seconds * SECOND);
    await edit(loop, 7);
    await loop.until(loop.now + 10 * MINUTE);
    expect(chat(loop)).toBe(3);
  });
});

it('25: with clocks seconds apart, two replicas in turn both see edits', async () => {
  const loop = await started();
  for (const [n, seconds] of [3, -3, 4, -4, 2, -2].entries()) {
    loop.setBack(seconds * SECOND);
    await edit(loop, 4 + n);
    await loop.until(loop.now + 10 * SECOND);
    expect(chat(loop)).toBe(3);
  }
});

it('13: an edit is respected for its time, not prolonged by the step of the clock', async () => {
  const loop = await started(SOFT);
  await edit(loop, 5);
  loop.setBack(3_600 * SECOND);
  const then = loop.now;
  // What the daemon does when it notices the step.
  await loop.reload(SOFT);
  await loop.until(then + 119 * MINUTE);
  expect(chat(loop)).toBe(5);
  await loop.until(then + 121 * MINUTE);
  expect(chat(loop)).toBe(3);
});
