import { describe, expect, it } from 'vitest';
import type { World } from '../../../src/core/decide.ts';
import {
  type Simulation,
  type SimulationInput,
  type SimulationState,
  settleInitially,
  simulateUntil,
} from '../../../src/core/simulation.ts';
import { type WorkerState, withChannel } from '../../../src/core/state.ts';
import { HOUR, MINUTE, T0, type WorldSpec, worker, world } from '../../support/builders.ts';
import { during, rule, ruleSet, schedule } from '../../support/rules.ts';

function startOf(...states: readonly WorkerState[]): SimulationState {
  const workers = new Map(states.map((state, n) => [`W${n}`, { ...state, sid: state.sid }]));
  return { at: T0, workers, members: new Map(), spent: [] };
}

function simulationOf(
  rules: Simulation['rules'],
  over: Partial<Simulation> & { around?: WorldSpec } = {},
): Simulation {
  const { around = {}, ...rest } = over;
  const seen: World = world(around);
  return { rules, inputs: [], crossWorker: false, world: () => seen, ...rest };
}

function writesOf(simulation: Simulation, start: SimulationState, to: number) {
  return [...simulateUntil(simulation, start, to)].map(({ at, writes }) => [
    (at - T0) / MINUTE,
    ...writes.map(
      ({ worker: sid, write }) => `${sid} ${write.channel} ${JSON.stringify(write.to)}`,
    ),
  ]);
}

const shift = ruleSet([rule('shift', { chat: 3 }, { during: during('day') })], {
  schedules: { day: schedule('mon-sun', '11:00-12:00') },
});

describe('running from instant to instant', () => {
  it('looks at its start and at what was scheduled, and nowhere else', () => {
    expect(writesOf(simulationOf(shift), startOf(worker()), T0 + 3 * HOUR)).toEqual([
      [0],
      [60, 'W0 chat {"capacity":3}'],
      [120, 'W0 chat {"capacity":1}'],
    ]);
  });

  it('looks when something happens, in the order given for the same instant', () => {
    const seen: string[] = [];
    const note = (name: string, at: number): SimulationInput => ({
      at,
      apply(start) {
        seen.push(name);
        return start;
      },
    });
    const inputs = [note('b', T0 + MINUTE), note('a', T0), note('c', T0 + MINUTE), { at: T0 + 1 }];
    const simulation = simulationOf(ruleSet([]), { inputs });
    expect(writesOf(simulation, startOf(worker()), T0 + HOUR)).toEqual([[0], [1 / MINUTE], [1]]);
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('ignores what happens before and after', () => {
    const inputs = [{ at: T0 - 1 }, { at: T0 + HOUR + 1 }];
    expect(writesOf(simulationOf(ruleSet([]), { inputs }), startOf(worker()), T0 + HOUR)).toEqual([
      [0],
    ]);
  });

  it('10: does not look twice at one instant, whatever a pass schedules', () => {
    const counting = ruleSet([
      rule('r', { chat: 2 }, { when: 'now > timestamp("2026-06-10T10:02:00Z")' }),
    ]);
    const instants = writesOf(simulationOf(counting), startOf(worker()), T0 + 5 * MINUTE);
    expect(instants.map(([at]) => at)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('reports rules that write endlessly', () => {
    const feeding = ruleSet([rule('up', { chat: 2 }, { when: 'channel("chat").capacity < 2' })]);
    const [first] = simulateUntil(simulationOf(feeding), startOf(worker()), T0);
    expect(first?.quiet).toBe(false);
    expect(first?.writes).toHaveLength(20);
  });
});

describe('38: a settled start', () => {
  const rules = ruleSet(
    [
      rule('standing', { chat: 4 }),
      rule('waits', { voice: 3 }, { when: 'channel("voice").assigned >= 0' }),
    ],
    { minDwellMs: HOUR },
  );

  it('has standing claims in force, as if for long, and conditions not yet begun', () => {
    const simulation = simulationOf(rules);
    const start = settleInitially(simulation, startOf(worker()));
    const chat = start.workers.get('W0')?.channels.chat;
    expect(chat).toMatchObject({
      observed: { capacity: 4 },
      capacity: { baseline: { value: 1 }, claimed: true },
      lastWriteAt: null,
      writes: [],
    });
    expect(start.workers.get('W0')?.rules).toEqual({});
    expect(writesOf(simulation, start, T0)).toEqual([[0, 'W0 voice {"capacity":3}']]);
  });

  it('has a standing limit fully applied, without its steps', () => {
    const limit = {
      workers: { count: 2 },
      pick: 'least_loaded',
      step: { workers: { count: 1 }, everyMs: MINUTE },
    } as const;
    const stepped = ruleSet([rule('some', { chat: 4 }, { limit })]);
    const simulation = simulationOf(stepped, { crossWorker: true });
    const states = ['a', 'b', 'c'].map((name) => ({
      ...worker(),
      sid: name as WorkerState['sid'],
    }));
    const crew = {
      ...startOf(),
      workers: new Map(states.map((state) => [state.sid as string, state])),
    };
    const start = settleInitially(simulation, crew);
    expect(start.members.get('some')?.members).toEqual(['a', 'b']);
    expect(writesOf(simulation, start, T0 + HOUR)).toEqual([[0]]);
  });
});

describe('Workers together', () => {
  it('a refused write is requested again when its guardrail says', () => {
    const rules = ruleSet([rule('two', { chat: 2 }, { when: 'queue("Q").waiting > 0' })], {
      maxChange: { workers: { count: 1 }, perMs: 5 * MINUTE },
    });
    const simulation = simulationOf(rules, {
      crossWorker: true,
      around: { queues: { Q: { waiting: 1 } } },
    });
    expect(writesOf(simulation, startOf(worker(), worker()), T0 + HOUR)).toEqual([
      [0, 'W0 chat {"capacity":2}'],
      [5, 'W1 chat {"capacity":2}'],
    ]);
  });

  it('38: alone, a Worker meets no limit and no group guardrail', () => {
    const limit = { workers: { count: 1 }, pick: 'least_loaded', step: null } as const;
    const rules = ruleSet([rule('two', { chat: 2 }, { limit })], {
      maxChange: { workers: { count: 1 }, perMs: 5 * MINUTE },
    });
    const start = startOf(worker(), withChannel(worker(), 'chat', {}));
    expect(writesOf(simulationOf(rules), start, T0)).toEqual([
      [0, 'W0 chat {"capacity":2}', 'W1 chat {"capacity":2}'],
    ]);
  });
});
