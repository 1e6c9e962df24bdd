// Random histories of one Worker on the real control loop, against the model: events, edits, losses,
// duplicates, reorderings, crashes, reloads, steps of the clock, faults of the API. HISTORIES says how
// many, SEED begins them elsewhere; a failure prints both the seed and the shrunk history.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runHistory } from '../history/run.ts';
import { plots } from '../history/steps.ts';

const numRuns = Number(process.env.HISTORIES ?? 200);
const seed = Number(process.env.SEED ?? 20_260_610);
const path = process.env.SEED_PATH;

describe(`${numRuns} histories from seed ${seed}`, () => {
  it('24: whatever happens, it ends where the model says, with no write that nobody asked for', async () => {
    await fc.assert(
      fc.asyncProperty(plots, async (plot) => {
        const { wrong } = await runHistory(plot);
        expect(wrong).toEqual([]);
      }),
      { numRuns, seed, ...(path !== undefined && { path }) },
    );
  }, 3_600_000);
});
