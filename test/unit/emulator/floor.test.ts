import { expect, it } from 'vitest';
import { startEmulator } from '../../../src/emulator/emulator.ts';
import { setUpSmallFloor } from '../../../src/emulator/floor/set-up.ts';
import { SmallFloor } from '../../../src/emulator/floor/small-floor.ts';
import { steppedWorld } from './support.ts';

function floor(seed: number) {
  const { world, step } = steppedWorld(seed);
  setUpSmallFloor(world);
  const lines: string[] = [];
  const stop = new SmallFloor(world, { seed, log: (line) => lines.push(line) }).start();
  return { world, step, lines, stop };
}

it.each([1, 2, 3, 4, 5])(
  'within ten seconds people log in, take calls and end one (seed %i)',
  (seed) => {
    const { step, lines } = floor(seed);
    step(10_000);
    expect(lines.filter((line) => line.endsWith('logs in')).length).toBeGreaterThanOrEqual(3);
    expect(lines.filter((line) => line.endsWith('takes a call')).length).toBeGreaterThanOrEqual(2);
    expect(lines.filter((line) => line.endsWith('ends the call')).length).toBeGreaterThanOrEqual(1);
  },
);

it('runs for hours: people take breaks, come back, log out, and nothing piles up', () => {
  const { world, step, lines } = floor(1);
  step(60_000);
  lines.length = 0;
  step(3_600_000);
  for (const what of ['goes on a break', 'comes back from the break', 'logs out', 'logs in'])
    expect(lines.filter((line) => line.includes(what)).length, what).toBeGreaterThan(10);
  expect(world.tasks().filter(({ endedAt }) => endedAt === null).length).toBeLessThan(60);
});

it('is the same for the same seed', () => {
  const [first, second, other] = [floor(9), floor(9), floor(10)];
  for (const { step } of [first, second, other]) step(120_000);
  expect(first.lines).toEqual(second.lines);
  expect(first.lines).not.toEqual(other.lines);
});

it('stops when it is stopped', () => {
  const { step, lines, stop } = floor(1);
  step(10_000);
  stop();
  lines.length = 0;
  step(60_000);
  expect(lines).toEqual([]);
});

it('has newcomers, recent hires and old hands, in three teams and two shifts', () => {
  const { world } = floor(1);
  const all = world.workers().map(({ parsed }) => parsed);
  expect(new Set(all.map(({ team }) => team))).toEqual(new Set(['support', 'sales', 'billing']));
  expect(new Set(all.map(({ shift }) => shift))).toEqual(new Set(['day', 'night']));
  const ages = all.map(({ hired_on }) =>
    Math.round((Date.parse('2026-06-10') - Date.parse(String(hired_on))) / 86_400_000),
  );
  expect(ages.filter((days) => days === 3).length).toBeGreaterThan(1);
  expect(ages).toContain(20);
  expect(Math.max(...ages)).toBeGreaterThan(365);
});

it('a large one begins in its own late morning at any hour, at the given speed', async () => {
  let at = Date.parse('2026-11-23T23:30:00Z');
  const emulator = await startEmulator({
    floor: 'large',
    ...{ workers: 40, tasks: 1_000, speed: 60 },
    now: () => at,
  });
  const { world } = emulator;
  world.advance();
  const busy = () => world.reservations().filter(({ status }) => status === 'accepted').length;
  const present = world.workers().filter((worker) => world.space.activityOf(worker).available);
  expect(present.length).toBeGreaterThan(10);
  expect(busy()).toBe(0);
  // Two minutes are two hours of the floor.
  for (const until = at + 120_000; at < until; at += 500) world.advance();
  expect(busy()).toBeGreaterThan(5);
  const done = world.tasks().filter(({ status }) => status === 'completed').length;
  expect(done).toBeGreaterThan(50);
  await emulator.stop();
});
