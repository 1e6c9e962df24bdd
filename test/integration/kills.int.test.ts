// Random histories of the daemon as a process that is killed again and again, against the model:
// real queue, SDK and emulator, on the embedded default, and on Redis where TEST_REDIS_URL names
// one. KILLED sets how many, in tens, SEED where they begin; `npm run histories:real -- 100` runs
// many.

import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { killedPlots } from '../history/kill-plots.ts';
import { type KilledCourse, runKilled } from '../history/kills.ts';
import { type Children, compileFor } from '../support/children.ts';

const histories = Number(process.env.KILLED ?? 4);
/** That many Workers share one daemon, each with its own history. */
const together = process.env.KILLED === undefined ? 4 : 10;
const numRuns = Math.ceil(histories / together);
const seed = Number(process.env.SEED ?? 20_260_610);
const path = process.env.SEED_PATH;
let children: Children;
beforeAll(() => {
  children = compileFor('src/main.ts');
});
afterEach(() => children.end());
afterAll(() => children.remove());

describe(`${numRuns * together} histories with kills from seed ${seed}`, () => {
  it('24: whenever it is killed, it ends as the model says, with no unwanted change', async () => {
    const total = { histories: 0, kills: 0, events: 0, writes: 0 };
    await fc.assert(
      fc.asyncProperty(killedPlots(together), async (plot) => {
        const course = await runKilled(plot, children);
        total.histories += together;
        for (const key of Object.keys(course) as (keyof KilledCourse)[]) total[key] += course[key];
        if (process.env.KILLED !== undefined) process.stderr.write(`${JSON.stringify(total)}\n`);
      }),
      // Each takes seconds, so failures are not shrunk.
      { numRuns, seed, endOnFailure: true, ...(path !== undefined && { path }) },
    );
    expect(total.histories).toBe(numRuns * together);
    expect(total.kills).toBeGreaterThanOrEqual(numRuns);
  }, 3_600_000);
});
