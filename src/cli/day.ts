// The seeded day: the emulator's engine with a contact centre in it, and headroom's core with or
// without a rule set, in one process on one virtual clock. The same seed gives the same result,
// byte for byte.

import type { RuleSet } from '../core/rules.ts';
import { DayFloor } from '../emulator/floor/day-floor.ts';
import type { DayFigures } from '../emulator/floor/metrics.ts';
import { Engine } from '../emulator/world/engine.ts';
import { createWorkspace } from '../emulator/world/workspaces.ts';
import { World } from '../emulator/world/world.ts';
import { DayControl, type DayWrite } from './day-control.ts';

/** An ordinary Wednesday, six in the morning in London. */
export const DAY_START = Date.parse('2026-06-10T05:00:00Z');
export const DAY_MS = 24 * 3_600_000;
/** The resource types that the floor and headroom listen to. */
const PAYLOAD_TYPES = new Set(['reservation', 'worker']);

export interface DayPlan {
  readonly seed: number;
  readonly workers: number;
  readonly tasks: number;
  /** null: nobody changes a Worker Channel. */
  readonly rules: RuleSet | null;
  readonly startAt?: number | undefined;
  readonly forMs?: number | undefined;
  /** Speed of the floor as a multiple of real time; the rules are not sped up. Default 1. */
  readonly pace?: number | undefined;
}

export interface DayResult {
  readonly figures: DayFigures;
  readonly writes: readonly DayWrite[];
  /** The final state, as plain JSON. */
  readonly end: unknown;
}

/** How many instants of the world one slice of `dayInSteps` takes. */
const SLICE = 500;

export function runDay(plan: DayPlan): DayResult {
  const steps = dayInSteps(plan);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The same in slices, for callers that have something else to do in between. */
export function* dayInSteps(plan: DayPlan): Generator<undefined, DayResult> {
  const startAt = plan.startAt ?? DAY_START;
  const endAt = startAt + (plan.forMs ?? DAY_MS);
  let at = startAt;
  let steps = 0;
  const engine = new Engine({ seed: plan.seed, now: () => at, heeds: PAYLOAD_TYPES });
  const space = engine.run(() => createWorkspace(engine, { friendlyName: 'Contact Centre' }));
  const world = new World(engine, space);
  const floor = new DayFloor(world, plan);
  const control = plan.rules === null ? null : new DayControl(world, plan.rules);
  floor.start();
  control?.settle();
  for (let next = world.nextDue(); next !== null && next <= endAt; next = world.nextDue()) {
    at = Math.max(at, next);
    world.advance();
    control?.settle();
    steps += 1;
    if (steps % SLICE === 0) yield;
  }
  at = endAt;
  const figures = floor.result();
  const writes = control?.writes ?? [];
  return { figures, writes, end: { ...finalState(world, control), figures, writes } };
}

function finalState(world: World, control: DayControl | null) {
  return {
    workers: world.workers().map((worker) => ({
      name: worker.friendlyName,
      activity: world.space.activityOf(worker).friendlyName,
      version: worker.version,
      channels: [...worker.channels.values()].map((channel) => ({
        name: channel.taskChannelUniqueName,
        capacity: channel.configuredCapacity,
        available: channel.available,
        open: [...channel.open],
      })),
    })),
    tasks: world.tasks().map(({ sid, status, reservations }) => [sid, status, [...reservations]]),
    lastEvent: world.engine.events.at(-1)?.sid ?? null,
    records: control === null ? null : [...control.states.values()],
  };
}
