// Several Workers on the real loop, case by case: what random histories of several Workers found.

import { describe, expect, it } from 'vitest';
import { Loop } from '../../history/loop.ts';
import type { Rule, Rules } from '../../model/language.ts';
import { MINUTE, SECOND } from '../../support/builders.ts';

const T0 = Date.parse('2026-06-10T10:01:00Z');
const SETTINGS = { respectS: 7_200, dwellS: 0, bounds: {}, baseline: {}, optOut: false };

function rule(more: Partial<Rule>): Rule {
  return {
    ...{ name: 'close', who: null, during: null, when: null, release: null, hard: false },
    ...{ priority: 0, mode: 'enforce', ifStale: 'hold' },
    // biome-ignore lint/suspicious/noThenProperty: the rule language's own word
    then: { chat: { pause: true } },
    ...more,
  };
}

async function started(rules: Rules, size: number): Promise<Loop> {
  const attributes = Array.from({ length: size }, () => ({ team: 'a', level: 0 }));
  const loop = new Loop({ at: T0, rules, crew: attributes, atOnce: 1 });
  loop.sent.length = 0;
  await loop.start();
  await deliverAll(loop);
  return loop;
}

async function deliverAll(loop: Loop): Promise<void> {
  await loop.settle();
  while (loop.sent.length > 0) {
    for (const event of loop.sent.splice(0)) await loop.deliver(event);
    await loop.settle();
  }
}

async function until(loop: Loop, at: number): Promise<void> {
  await loop.until(at);
  await deliverAll(loop);
}

const capacities = (loop: Loop) =>
  loop.workers.map((sid) => loop.world.channel(sid, 'chat').configuredCapacity);

describe('18: max_change', () => {
  // biome-ignore lint/suspicious/noThenProperty: the rule language's own word
  const three = rule({ name: 'three', then: { chat: { set: 3 } } });
  const half = { workers: { percent: 50 }, perS: 307 };

  it('restores that many at a time, even after rules can no longer claim anyone', async () => {
    const loop = await started({ ...SETTINGS, rules: [three] }, 4);
    expect(capacities(loop)).toEqual([3, 3, 3, 3]);
    await loop.reload({
      ...{ ...SETTINGS, maxChange: half },
      rules: [{ ...three, who: { team: 'b', not: false } }],
    });
    await deliverAll(loop);
    expect(capacities(loop).filter((n) => n === 1)).toHaveLength(2);
    await until(loop, loop.now + 308 * SECOND);
    expect(capacities(loop).filter((n) => n === 1)).toHaveLength(3);
    await until(loop, loop.now + 20 * MINUTE);
    expect(capacities(loop)).toEqual([1, 1, 1, 1]);
  });

  it('does not count Workers that only a disabled rule applies to', async () => {
    const who = { team: 'b', not: false };
    const rules = [{ ...three, who }, rule({ name: 'off', mode: 'disabled' })];
    const loop = await started({ ...SETTINGS, rules, maxChange: half }, 4);
    for (const sid of loop.workers.slice(0, 2)) {
      loop.world.updateWorker(sid, { attributes: { team: 'b' } });
    }
    await deliverAll(loop);
    expect(capacities(loop).filter((n) => n === 3)).toHaveLength(1);
  });

  const ready = { fact: 'level', atLeast: 1 } as const;
  const when = { enter: ready, exit: null, forS: 0, keepS: 0 };
  const one = { workers: { count: 1 }, perS: 307 };
  const RULES = { ...SETTINGS, rules: [{ ...three, when }], maxChange: one };
  const level = async (loop: Loop, workers: Loop['workers'], to: number) => {
    for (const sid of workers) {
      loop.now += 7;
      loop.world.updateWorker(sid, { attributes: { team: 'a', level: to } });
    }
    await deliverAll(loop);
  };

  it('writes dated ahead of a clock that was set back hold up no Worker', async () => {
    const loop = await started(RULES, 2);
    await level(loop, loop.workers.slice(0, 1), 1);
    loop.setBack(60 * MINUTE);
    await level(loop, loop.workers.slice(1), 1);
    expect(capacities(loop)).toEqual([3, 3]);
  });

  it('writes dated ahead of it exempt no Worker either', async () => {
    const loop = await started(RULES, 2);
    await level(loop, loop.workers, 1);
    await until(loop, loop.now + 308 * SECOND);
    expect(capacities(loop)).toEqual([3, 3]);
    loop.setBack(60 * MINUTE);
    await level(loop, loop.workers, 0);
    expect(capacities(loop).filter((n) => n === 1)).toHaveLength(1);
  });

  it('writes dated ahead exempt no Worker even when the clock gets there again', async () => {
    const loop = await started(RULES, 2);
    const [first, second] = [loop.workers.slice(0, 1), loop.workers.slice(1)];
    await level(loop, first, 1);
    const writtenAt = loop.now;
    loop.setBack(60 * MINUTE);
    await loop.lookAgain();
    await deliverAll(loop);
    await until(loop, writtenAt + MINUTE);
    await level(loop, second, 1);
    await level(loop, first, 0);
    expect(capacities(loop)).toEqual([3, 3]);
  });
});

const NOTHING: Rules = { ...SETTINGS, rules: [rule({ mode: 'disabled' })] };

describe('17: a floor as a share of its group', () => {
  it('counts Workers whose pass is still to come when it comes into force', async () => {
    const loop = await started(NOTHING, 4);
    for (const sid of loop.workers.slice(2)) loop.world.setActivity(sid, 'Offline');
    await deliverAll(loop);
    const keepOpen = [{ team: 'a', channel: 'chat', atLeast: { percent: 50 } }];
    await loop.reload({ ...SETTINGS, rules: [rule({})], keepOpen });
    await deliverAll(loop);
    const atWork = loop.workers.slice(0, 2);
    expect(atWork.map((sid) => loop.world.channel(sid, 'chat').available)).toEqual([true, true]);
  });
});
