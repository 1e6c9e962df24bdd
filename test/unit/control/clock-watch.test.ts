// A clock that was set back causes one pass for every Worker, and nothing less does.

import { expect, it } from 'vitest';
import { ClockWatch } from '../../../src/control/clock-watch.ts';
import { HOUR, MINUTE, SECOND, T0 } from '../../support/builders.ts';

function watched() {
  const watch = new ClockWatch();
  let looked = 0;
  let away = false;
  return {
    looked: () => looked,
    away: (is: boolean) => {
      away = is;
    },
    look: (now: number, goesOn: number) =>
      watch.check(now, goesOn, async () => {
        if (away) throw new Error('away');
        looked += 1;
      }),
  };
}

it('a clock that advances, is late, or jumps ahead is not set back', async () => {
  const { look, looked } = watched();
  await look(T0, 0);
  await look(T0 + SECOND, SECOND);
  // Less than clocks may be apart, and a look that came late.
  await look(T0 - 2 * SECOND, 2 * SECOND);
  await look(T0 + MINUTE - 2 * SECOND, MINUTE + 2 * SECOND);
  await look(T0 + HOUR, MINUTE + 3 * SECOND);
  expect(looked()).toBe(0);
});

it('a clock that was set back causes a pass for every Worker, once', async () => {
  const { look, looked } = watched();
  await look(T0, 0);
  await look(T0 + SECOND - HOUR, SECOND);
  expect(looked()).toBe(1);
  await look(T0 + 2 * SECOND - HOUR, 2 * SECOND);
  expect(looked()).toBe(1);
  await look(T0 + 3 * SECOND - 2 * HOUR, 3 * SECOND);
  expect(looked()).toBe(2);
});

it('is not forgotten while the store is down', async () => {
  const { look, looked, away } = watched();
  await look(T0, 0);
  away(true);
  await expect(look(T0 - HOUR, SECOND)).rejects.toThrow('away');
  await expect(look(T0 - HOUR + SECOND, 2 * SECOND)).rejects.toThrow('away');
  away(false);
  await look(T0 - HOUR + 2 * SECOND, 3 * SECOND);
  expect(looked()).toBe(1);
});
