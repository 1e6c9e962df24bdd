import { expect, it } from 'vitest';
import { Scheduler } from '../../../src/emulator/world/scheduler.ts';

function run(agenda: Scheduler, now: number): void {
  for (let due = agenda.take(now); due !== null; due = agenda.take(now)) due.run();
}

it('returns what is due in order of time, equal times in order of creation', () => {
  const agenda = new Scheduler();
  const ran: number[] = [];
  for (const at of [50, 10, 30, 10.5, 40, 20]) agenda.at(at, () => ran.push(at));
  const twins = [1, 2, 3].map((n) => agenda.at(25, () => ran.push(25 + n / 10)));
  const [, second] = twins;
  if (second !== undefined) second.canceled = true;
  expect(agenda.next()).toBe(10);
  run(agenda, 30);
  expect(ran).toEqual([10, 10.5, 20, 25.1, 25.3, 30]);
  expect(agenda.next()).toBe(40);
  run(agenda, 1_000);
  expect(ran.slice(6)).toEqual([40, 50]);
  expect(agenda.next()).toBeNull();
});
