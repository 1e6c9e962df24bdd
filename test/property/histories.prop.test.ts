// Random histories of one Worker and of several on the real control loop, against the model:
// events, edits, losses, duplicates, reorderings, crashes, reloads, steps of the clock, faults of
// the API. HISTORIES sets how many, SEED where they begin; a failure prints the seed and the shrunk
// history.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { multiWorkerPlots } from '../history/multi-worker-plots.ts';
import { runHistory } from '../history/run.ts';
import { type Plot, plots } from '../history/steps.ts';

const numRuns = Number(process.env.HISTORIES ?? 200);
const seed = Number(process.env.SEED ?? 20_260_610);
const path = process.env.SEED_PATH;

async function expectLawful(histories: fc.Arbitrary<Plot>, share: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(histories, async (plot) => {
      const { wrong } = await runHistory(plot);
      expect(wrong).toEqual([]);
    }),
    { numRuns: Math.ceil(numRuns * share), seed, ...(path !== undefined && { path }) },
  );
}

describe(`${numRuns} histories from seed ${seed}`, () => {
  it('24: whatever happens, channels end as the model says, with no unwanted write', async () => {
    await expectLawful(plots, 0.75);
  }, 3_600_000);

  it('17, 18, 19: several Workers never break keep_open, max_change or limit', async () => {
    await expectLawful(multiWorkerPlots, 0.25);
  }, 3_600_000);
});
