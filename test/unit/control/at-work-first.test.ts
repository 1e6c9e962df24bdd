// In which order the Workers of a whole Workspace are asked for.

import { expect, it } from 'vitest';
import { lookAtAll } from '../../../src/control/resync.ts';
import type { WorkerSid } from '../../../src/core/ids.ts';
import { BREAK, sid, T0, worker, world } from '../../support/builders.ts';

it('32: Workers in an available Activity first, and nobody twice or left out', async () => {
  const away = { at: T0, sid: 'read', activity: BREAK, name: 'Break', available: false };
  const workers = [1, 2, 3, 4].map((n) =>
    worker({ sid: sid('WK', n) as WorkerSid, ...(n % 2 === 1 && { activities: [away] }) }),
  );
  const asked: string[] = [];
  const looked = await lookAtAll({
    records: {
      async *all() {
        yield* workers;
      },
    },
    queues: { addPass: async (key, urgency) => void asked.push(`${key} ${urgency}`) },
    directory: { current: () => world().directory },
  });
  expect(looked).toBe(4);
  expect(asked).toEqual([2, 4, 1, 3].map((n) => `${sid('WK', n)} all`));
});
