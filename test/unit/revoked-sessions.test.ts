// Sessions that ended early, on two replicas that share one store.

import { expect, it } from 'vitest';
import { RevokedSessions } from '../../src/ingress/revoked-sessions.ts';
import { HOUR, SECOND, T0 } from '../support/builders.ts';
import { MemoryStore } from '../support/memory/store.ts';
import { waitFor } from '../support/wait.ts';

function two() {
  const clock = { at: T0 };
  const now = () => clock.at;
  const store = new MemoryStore(now);
  return { clock, here: new RevokedSessions(store, now), there: new RevokedSessions(store, now) };
}

it.each([
  ['goes on', 3 * SECOND],
  ['was set back by an hour', -HOUR],
])(
  '41: a session ended on another replica is known a moment later, if the clock %s',
  async (_, step) => {
    const { clock, here, there } = two();
    await there.refresh();
    await here.add('ana', T0 + 12 * HOUR);
    clock.at += step;
    await waitFor('it is known', () => there.has('ana'), 2_000);
  },
);

it('an ended session is forgotten once it would have expired anyway', async () => {
  const { clock, here } = two();
  await here.add('ana', T0 + HOUR);
  expect(here.has('ana')).toBe(true);
  clock.at += 2 * HOUR;
  await here.add('bo', clock.at + HOUR);
  await here.refresh();
  expect([here.has('ana'), here.has('bo')]).toEqual([false, true]);
});
