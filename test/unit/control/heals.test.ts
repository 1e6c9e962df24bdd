// Changes that no event reported: whatever rules claim or read is read again eventually, and a
// response that says nothing about a Worker changes nothing for it.

import { describe, expect, it } from 'vitest';
import { absorb } from '../../../src/control/absorb.ts';
import { CONTROL_LIMITS } from '../../../src/control/deps.ts';
import { DirectoryKeeper } from '../../../src/control/directory.ts';
import { reconcile } from '../../../src/control/reconcile.ts';
import { Records } from '../../../src/control/records.ts';
import { type ResyncDeps, resync } from '../../../src/control/resync.ts';
import { parseEvent } from '../../../src/core/event.ts';
import type { WorkerSid } from '../../../src/core/ids.ts';
import type { Rule } from '../../../src/core/rules.ts';
import { callbackParams } from '../../../src/emulator/delivery/callback-params.ts';
import { Failure } from '../../../src/ports.ts';
import { world as around, HOUR, MINUTE, T0 } from '../../support/builders.ts';
import { type Call, memoryGateway, newWorld } from '../../support/memory/gateway.ts';
import { MemoryStore } from '../../support/memory/store.ts';
import { rule, ruleSet } from '../../support/rules.ts';

/** One Worker, Ann, who was fully read, and of whom only the test's events tell. */
async function settled(rules: readonly Rule[], onCall: (call: Call<unknown>) => void = () => {}) {
  let now = T0;
  const clock = { now: () => now };
  const world = newWorld(clock.now);
  world.createQueue('Support', '1 == 1');
  const sid = world.createWorker({ friendlyName: 'Ann', attributes: {} }).sid as WorkerSid;
  world.setActivity('Ann', 'Available');
  const calls: string[] = [];
  const gateway = memoryGateway(world, {
    now: clock.now,
    async carry(call) {
      calls.push(call.path);
      onCall(call);
      return call.effect();
    },
  });
  const store = new MemoryStore(clock.now);
  const records = new Records(store);
  const directory = new DirectoryKeeper(store, gateway);
  const inForce = ruleSet(rules);
  const passes = new Set<string>();
  const deps: ResyncDeps = {
    ...{ store, records, clock, gateway, directory },
    queues: { addPass: async (key) => void passes.add(key) },
    journal: { append: async () => undefined },
    rules: () => inForce,
    world: () => around({ directory: directory.current() }),
    observing: () => false,
    limits: { ...CONTROL_LIMITS, resyncMs: 6 * HOUR },
  };
  const pass = () => reconcile(sid, deps);
  const look = async (afterGap: boolean) => {
    now += 10 * MINUTE;
    calls.length = 0;
    await resync(deps, afterGap);
    if (passes.delete(sid)) await pass();
  };
  await look(true);
  now += MINUTE;
  calls.length = 0;
  return {
    ...{ world, sid, deps, records, calls, pass },
    later: async (ms: number) => {
      now += ms;
    },
    /** The daemon was down, or was ordered to resync. */
    afterGap: () => look(true),
    /** Only the Workers are listed. */
    listing: () => look(false),
    /** Absorbs the given or latest event of the Workspace, then gives every Worker a pass. */
    async hear(event = world.events().at(-1)) {
      if (event === undefined) throw new Error('there was no event');
      const fields = callbackParams(event, world.engine.accountSid, world.doubts);
      const parsed = parseEvent(fields, world.workspace.sid);
      if ('ignored' in parsed) throw new Error(parsed.ignored);
      await absorb(parsed, { ...deps, workspaceChanged: () => directory.refresh() });
      await pass();
    },
  };
}

describe('a new Task Channel', () => {
  const thens = [{ email: 'pause' }, { any: 'pause' }] as const;

  it.each(thens)('12: is claimed when its event arrives: %j', async (then) => {
    const { world, hear } = await settled([rule('quiet', then)]);
    world.createTaskChannel('email');
    await hear();
    expect(world.channel('Ann', 'email').available).toBe(false);
  });

  it.each(thens)('12: is claimed after a listing if the event was lost: %j', async (then) => {
    const { world, listing } = await settled([rule('quiet', then)]);
    world.createTaskChannel('email');
    await listing();
    expect(world.channel('Ann', 'email').available).toBe(false);
  });

  it('12: costs no call if no rule claims it, or once it was listed', async () => {
    const idle = await settled([rule('never', { email: 'pause' }, { when: 'worker.x == 1' })]);
    idle.world.createTaskChannel('email');
    await idle.hear();
    expect(idle.calls).toEqual(['Activities', 'TaskChannels']);
    const { world, hear, calls, pass } = await settled([rule('quiet', { email: 'pause' })]);
    world.createTaskChannel('email');
    await hear();
    calls.length = 0;
    await pass();
    expect(calls).toEqual([]);
  });
});

describe('a rule that only reads a channel', () => {
  const onACall = rule(
    'on-a-call',
    { chat: 'pause' },
    { when: 'channel("voice").assigned >= 1', hard: true },
  );
  const call = ({ world, sid }: Awaited<ReturnType<typeof settled>>) => {
    const task = world.createTask({ channel: 'voice', queue: 'Support' });
    world.accept(world.reservations().find((r) => r.taskSid === task.sid)?.sid ?? sid);
  };

  it('28: acts on a call without an event, once channels are read after the gap', async () => {
    const ann = await settled([onACall]);
    call(ann);
    await ann.listing();
    expect(ann.world.channel('Ann', 'chat').available).toBe(true);
    await ann.afterGap();
    expect(ann.world.channel('Ann', 'chat').available).toBe(false);
  });

  it('28: has it read again in turn, like claimed channels', async () => {
    const ann = await settled([onACall]);
    call(ann);
    await ann.later(8 * HOUR);
    await ann.pass();
    expect(ann.world.channel('Ann', 'chat').available).toBe(false);
    ann.calls.length = 0;
    await ann.pass();
    expect(ann.calls).toEqual([]);
  });

  const accepted = ({ world }: Awaited<ReturnType<typeof settled>>, since: number) =>
    world
      .events()
      .slice(since)
      .find((each) => each.type === 'reservation.accepted');

  it('28: ends with a call whose end was lost, also where the clock was set back since', async () => {
    const ann = await settled([onACall]);
    const began = ann.world.events().length;
    call(ann);
    await ann.hear(accepted(ann, began));
    expect(ann.world.channel('Ann', 'chat').available).toBe(false);
    await ann.later(-HOUR);
    ann.world.complete(ann.world.reservations().at(-1)?.sid ?? '');
    await ann.afterGap();
    expect(ann.world.channel('Ann', 'chat').available).toBe(true);
  });

  it('28: acts on a call that TaskRouter lists though it was taken for ended', async () => {
    const ann = await settled([onACall]);
    const began = ann.world.events().length;
    call(ann);
    const event = accepted(ann, began);
    if (event === undefined) throw new Error('there is no such event');
    await ann.hear({ ...event, sid: `${event.sid.slice(0, -1)}x`, type: 'reservation.canceled' });
    expect(ann.world.channel('Ann', 'chat').available).toBe(true);
    await ann.later(HOUR);
    await ann.afterGap();
    expect(ann.world.channel('Ann', 'chat').available).toBe(false);
  });

  it('28: does not act on a Task whose start arrives long after its forgotten end', async () => {
    const ann = await settled([onACall]);
    const began = ann.world.events().length;
    call(ann);
    ann.world.complete(ann.world.reservations().at(-1)?.sid ?? '');
    const told = ann.world.events().slice(began);
    const accepted = told.find((each) => each.type === 'reservation.accepted');
    for (const each of told) {
      if (each.type.startsWith('reservation.') && each !== accepted) await ann.hear(each);
    }
    // Its job failed, and somebody replays it when the end is forgotten.
    await ann.later(6 * HOUR);
    await ann.pass();
    await ann.hear(accepted);
    expect(ann.world.channel('Ann', 'chat').available).toBe(true);
  });
});

describe('two changes within one second, of which the later event was lost', () => {
  const inTeamA = rule('three', { chat: 3 }, { when: 'worker.team == "a"' });
  const chat = ({ world }: Awaited<ReturnType<typeof settled>>) =>
    world.channel('Ann', 'chat').configuredCapacity;

  it('25, 28: a read that came too early to tell is repeated once it can', async () => {
    const ann = await settled([inTeamA]);
    await ann.later(200);
    ann.world.setActivity('Ann', 'Offline');
    await ann.hear();
    await ann.later(300);
    ann.world.updateWorker('Ann', { attributes: { team: 'a' } });
    await resync(ann.deps, false);
    await ann.pass();
    expect(chat(ann)).toBe(1);
    const [now, leaseMs] = [ann.deps.clock.now(), MINUTE];
    const due = (after: number) => ann.deps.store.leaseWakes(now + after, leaseMs, 10);
    expect([await due(5_000), await due(7_000)]).toEqual([[], [ann.sid]]);
    await ann.later(7_000);
    ann.calls.length = 0;
    await ann.pass();
    expect(chat(ann)).toBe(3);
    expect(ann.calls[0]).toMatch(/^Workers\/WK\w+$/);
    ann.calls.length = 0;
    await ann.later(MINUTE);
    await ann.pass();
    expect(ann.calls).toEqual([]);
  });
});

describe('404', () => {
  const three = rule('three', { chat: 3 });
  const baseline = async ({ records, sid }: Awaited<ReturnType<typeof settled>>) =>
    (await records.load(sid))?.state.channels.chat?.capacity.baseline;

  it('for everything, as with credentials of another account, forgets no Worker', async () => {
    const trouble = { isOn: false };
    const ann = await settled([three], () => {
      if (trouble.isOn) throw new Failure('gone', '404', { status: 404 });
    });
    expect(await baseline(ann)).toEqual({ value: 1 });
    trouble.isOn = true;
    await ann.later(8 * HOUR);
    const told = 'TaskRouter answered 404 for the Workspace too: are these its credentials?';
    await expect(ann.pass()).rejects.toThrow(told);
    expect(await baseline(ann)).toEqual({ value: 1 });
    trouble.isOn = false;
    await ann.pass();
    expect(await baseline(ann)).toEqual({ value: 1 });
  });

  it('for one Worker of a Workspace that does answer forgets that Worker', async () => {
    const ann = await settled([three]);
    ann.world.deleteWorker('Ann');
    await ann.later(8 * HOUR);
    await ann.pass();
    expect(await ann.records.load(ann.sid)).toBeNull();
  });
});

describe('a Worker whose listing entry cannot be parsed', () => {
  it('2: alone is unknown: the others are listed and get passes', async () => {
    const odd = new Set<string>();
    const ann = await settled([rule('tagged', { chat: 3 }, { who: 'worker.tag == 1' })]);
    const { world, sid, deps, records } = ann;
    odd.add(sid);
    const unclear = () => new Failure('unavailable', 'TaskRouter sent a Worker whose sid is 1');
    const gateway: ResyncDeps['gateway'] = {
      ...deps.gateway,
      async *workers(urgency, onOdd) {
        for await (const reading of deps.gateway.workers(urgency)) {
          if (odd.has(reading.sid)) onOdd?.(reading.sid);
          else yield reading;
        }
      },
      worker: async (asked) => {
        if (odd.has(asked)) throw unclear();
        return deps.gateway.worker(asked);
      },
    };
    const ben = world.createWorker({ friendlyName: 'Ben', attributes: { tag: 1 } });
    world.setActivity('Ben', 'Available');
    world.updateWorker('Ann', { attributes: { tag: 1 } });
    const passes: string[] = [];
    const queues = { addPass: async (key: string) => void passes.push(key) };
    expect(await resync({ ...deps, gateway, queues }, false)).toBe(2);
    expect(passes.sort()).toEqual([sid, ben.sid].sort());
    await reconcile(ben.sid as WorkerSid, { ...deps, gateway });
    await expect(reconcile(sid, { ...deps, gateway })).rejects.toThrow('TaskRouter sent a Worker');
    const chat = (name: string) => world.channel(name, 'chat').configuredCapacity;
    expect([chat('Ben'), chat('Ann')]).toEqual([3, 1]);
    expect((await records.load(sid))?.state.attributes).toBeNull();
    odd.clear();
    await reconcile(sid, { ...deps, gateway });
    expect(chat('Ann')).toBe(3);
  });
});
