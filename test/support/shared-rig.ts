// One daemon for the tests of a describe that do not affect each other: each looks at its own
// Worker, or leaves everything as it found it.

import { afterAll, beforeAll } from 'vitest';
import { type Rig, type RigOptions, startRig } from './rig.ts';

/** Call it in a describe, before its tests; it returns a function that gives them the daemon. */
export function sharedRig(options: RigOptions): () => Rig {
  let rig: Rig | null = null;
  beforeAll(async () => {
    rig = await startRig(options);
  });
  afterAll(async () => {
    await rig?.stop();
    rig = null;
  });
  return () => {
    if (rig === null) throw new Error('the shared daemon runs only while its tests do');
    return rig;
  };
}
