// A person changes a Worker Channel around our own write of it: before it takes effect, between
// that and its response, or after; in the same field or the other; and the event arrives late,
// twice, never, or before our echo. Then the same with the process dying between intent and
// response. On the real control loop with a stepped clock; the model judges each case as well.

import { describe, expect, it } from 'vitest';
import type { WorkerSid } from '../../src/core/ids.ts';
import type { EventRecord } from '../../src/emulator/world/model.ts';
import { Loop } from '../history/loop.ts';
import type { Rules } from '../model/language.ts';
import { respectsDwell, writesOnlyWhatIsWanted } from '../model/laws.ts';
import { replay } from '../model/model.ts';

const T0 = Date.parse('2026-06-10T10:01:00Z');
const MINUTE = 60_000;
const PERSON = 'a person';

/** Three chats from level 1 on; the channel had one. */
const RULES: Rules = {
  ...{ respectS: 611, dwellS: 0, bounds: {}, baseline: {}, optOut: false },
  rules: [
    {
      ...{ name: 'three', who: null, during: null, release: null, hard: false, priority: 0 },
      ...{ mode: 'enforce', ifStale: 'hold' },
      when: { enter: { fact: 'level', atLeast: 1 }, exit: null, forS: 0, keepS: 0 },
      // biome-ignore lint/suspicious/noThenProperty: the rule language's own word
      then: { chat: { set: 3 } },
    },
  ],
};

type Edit = { readonly capacity: number } | { readonly available: boolean };
type When = 'waiting' | 'before' | 'during' | 'after';

async function ready(): Promise<Loop> {
  const loop = new Loop({ at: T0, rules: RULES });
  await loop.start();
  return loop;
}

/** Lets the rule claim, so that the write happens, and the edit around it. */
async function claimAround(loop: Loop, when: When, edit: () => void): Promise<void> {
  const { world, worker } = loop;
  const at = { waiting: 'turn', before: 'before', during: 'after', after: null } as const;
  const moment = at[when];
  if (moment !== null) loop.meanwhile.push({ when: moment, of: 'write', run: edit });
  world.updateWorker(worker, { attributes: { level: 1 } });
  for (const event of loop.sent.splice(0)) await loop.deliver(event);
  await loop.settle();
  if (moment !== null) return;
  loop.now += 1_000;
  edit();
}

function editing({ world, worker }: { world: Loop['world']; worker: WorkerSid }, edit: Edit) {
  return () => void world.editChannel(worker, 'chat', edit, { actor: PERSON });
}

const DELIVERIES: Record<
  string,
  (loop: Loop, theirs: EventRecord[], ours: EventRecord[]) => Promise<void>
> = {
  late: async (loop, theirs, ours) => {
    await send(loop, ours);
    await loop.until(loop.now + 2 * MINUTE);
    await send(loop, theirs);
  },
  doubled: (loop, theirs, ours) => send(loop, [...ours, ...theirs, ...theirs]),
  lost: async (loop, _, ours) => {
    await send(loop, ours);
    await loop.until(loop.now + 2 * MINUTE);
    await loop.resync();
  },
  'ahead of our echo': (loop, theirs, ours) => send(loop, [...theirs, ...ours]),
};

async function send(loop: Loop, events: readonly EventRecord[]): Promise<void> {
  for (const event of events) {
    await loop.deliver(event);
    await loop.settle();
  }
}

async function hear(loop: Loop, how: string): Promise<void> {
  const sent = loop.sent.splice(0);
  const theirs = sent.filter(({ by }) => by.sid === PERSON);
  const ours = sent.filter(({ by }) => by.sid !== PERSON);
  await DELIVERIES[how]?.(loop, theirs, ours);
}

function chat({ world, worker }: Loop) {
  const { configuredCapacity, available } = world.channel(worker, 'chat');
  return { capacity: configuredCapacity, available };
}

function writes({ history }: Loop) {
  return history.flatMap((entry) => (entry.kind === 'write' ? [entry.to] : []));
}

/** The model has nothing to object to in what was written. */
function expectLawful({ history }: Loop): void {
  expect(replay(history).open).toEqual([]);
  expect(writesOnlyWhatIsWanted(replay(history))).toEqual([]);
  expect(respectsDwell(history)).toEqual([]);
}

const OURS = { capacity: 3 };

describe('a person sets the number that our write sets', () => {
  for (const how of Object.keys(DELIVERIES)) {
    it(`26: before it, its event ${how}: ours came last and stays, for one read`, async () => {
      const loop = await ready();
      await claimAround(loop, 'before', editing(loop, { capacity: 5 }));
      await hear(loop, how);
      await loop.until(T0 + 60 * MINUTE);
      expect([chat(loop), writes(loop)]).toEqual([{ capacity: 3, available: true }, [OURS]]);
      expectLawful(loop);
    });

    for (const when of ['during', 'after'] as const) {
      it(`13: ${when} it, its event ${how}: theirs came last and is respected`, async () => {
        const loop = await ready();
        await claimAround(loop, when, editing(loop, { capacity: 5 }));
        await hear(loop, how);
        const noticed = loop.now;
        await loop.until(noticed + 10 * MINUTE);
        expect([chat(loop), writes(loop)]).toEqual([{ capacity: 5, available: true }, [OURS]]);
        await loop.until(noticed + 11 * MINUTE);
        expect([chat(loop), writes(loop)]).toEqual([
          { capacity: 3, available: true },
          [OURS, OURS],
        ]);
        expectLawful(loop);
      });
    }
  }
});

describe('a person sets the number while our write waits for the rate', () => {
  const told = async (loop: Loop) => {
    editing(loop, { capacity: 5 })();
    for (const event of loop.sent.splice(0)) await loop.deliverNow(event);
  };

  it('13: the write is not sent; the edit is respected, as of before the claim', async () => {
    const loop = await ready();
    loop.meanwhile.push({ when: 'turn', of: 'write', run: () => told(loop) });
    loop.world.updateWorker(loop.worker, { attributes: { level: 1 } });
    await send(loop, loop.sent.splice(0));
    await loop.until(loop.now + 10 * MINUTE);
    expect([chat(loop).capacity, writes(loop)]).toEqual([5, []]);
    await loop.until(T0 + 60 * MINUTE);
    expect([chat(loop).capacity, writes(loop)]).toEqual([3, [OURS]]);
    expectLawful(loop);
  });

  it('21: a pause ordered meanwhile holds it back', async () => {
    const loop = await ready();
    loop.meanwhile.push({ when: 'turn', of: 'write', run: () => loop.pause(true) });
    loop.world.updateWorker(loop.worker, { attributes: { level: 1 } });
    await send(loop, loop.sent.splice(0));
    await loop.until(loop.now + 10 * MINUTE);
    expect([chat(loop).capacity, writes(loop)]).toEqual([1, []]);
    await loop.pause(false);
    await loop.settle();
    expect([chat(loop).capacity, writes(loop)]).toEqual([3, [OURS]]);
    expectLawful(loop);
  });
});

describe('a person sets the other field', () => {
  for (const how of Object.keys(DELIVERIES)) {
    for (const when of ['before', 'during', 'after'] as const) {
      it(`13: ${when} our write, its event ${how}: no rule claims it, so it stays`, async () => {
        const loop = await ready();
        await claimAround(loop, when, editing(loop, { available: false }));
        await hear(loop, how);
        await loop.until(T0 + 60 * MINUTE);
        expect([chat(loop), writes(loop)]).toEqual([{ capacity: 3, available: false }, [OURS]]);
        expectLawful(loop);
      });
    }
  }
});

/** The process dies with its intent stored: before the request's effect, or before its response. */
async function dieAround(loop: Loop, at: 'before' | 'after', edit: Edit | null): Promise<void> {
  const { world, worker } = loop;
  const run = () => {
    loop.die();
    loop.now += 1_000;
    if (edit !== null) editing(loop, edit)();
  };
  loop.meanwhile.push({ when: at, of: 'write', run });
  world.updateWorker(worker, { attributes: { level: 1 } });
  for (const event of loop.sent.splice(0)) await loop.deliver(event);
  await loop.settle();
  for (const event of loop.sent.splice(0)) await loop.deliver(event);
  await loop.settle();
  expect(loop.deaths).toBe(1);
}

describe('the process dies between intent and response', () => {
  const deaths = { 'before its write took effect': 'before', 'after it did': 'after' } as const;
  for (const [told, at] of Object.entries(deaths)) {
    it(`24: ${told}, and nothing else happened: it is written once`, async () => {
      const loop = await ready();
      await dieAround(loop, at, null);
      await loop.until(T0 + 60 * MINUTE);
      expect(chat(loop)).toEqual({ capacity: 3, available: true });
      const left = at === 'before' ? [OURS, OURS] : [OURS];
      expect(writes(loop)).toEqual(left);
    });

    it(`13: ${told}, and a person sets a third value: it is respected`, async () => {
      const loop = await ready();
      await dieAround(loop, at, { capacity: 5 });
      const noticed = loop.now;
      await loop.until(noticed + 10 * MINUTE);
      expect([chat(loop).capacity, writes(loop)]).toEqual([5, [OURS]]);
      await loop.until(noticed + 11 * MINUTE);
      expect([chat(loop).capacity, writes(loop)]).toEqual([3, [OURS, OURS]]);
      expectLawful(loop);
    });

    it(`24: ${told}, and a person sets our value: taken for ours`, async () => {
      const loop = await ready();
      await dieAround(loop, at, { capacity: 3 });
      await loop.until(T0 + 60 * MINUTE);
      expect([chat(loop).capacity, writes(loop)]).toEqual([3, [OURS]]);
      expectLawful(loop);
    });

    it(`24: ${told}, and a person sets the old value: taken for ours and corrected`, async () => {
      const loop = await ready();
      await dieAround(loop, at, { capacity: 1 });
      await loop.until(T0 + 60 * MINUTE);
      expect([chat(loop).capacity, writes(loop)]).toEqual([3, [OURS, OURS]]);
    });

    it(`13: ${told}, and a person sets the other field: it stays`, async () => {
      const loop = await ready();
      await dieAround(loop, at, { available: false });
      await loop.until(T0 + 60 * MINUTE);
      expect(chat(loop)).toEqual({ capacity: 3, available: false });
      expectLawful(loop);
    });
  }
});

describe('cases that random histories found', () => {
  it("12: a change at the moment of a rule's first claim becomes the baseline", async () => {
    const loop = await ready();
    const { world, worker } = loop;
    // While the channels are read for the first time; its event overtakes the response.
    loop.meanwhile.push({
      ...{ when: 'after', of: 'read' },
      run: async () => {
        editing(loop, { capacity: 2 })();
        for (const event of loop.sent.splice(0)) await loop.deliverNow(event);
      },
    });
    world.updateWorker(worker, { attributes: { level: 1 } });
    await send(loop, loop.sent.splice(0));
    await send(loop, loop.sent.splice(0));
    expect(chat(loop).capacity).toBe(3);
    world.updateWorker(worker, { attributes: { level: 0 } });
    await send(loop, loop.sent.splice(0));
    expect(chat(loop).capacity).toBe(2);
    expectLawful(loop);
  });
});
