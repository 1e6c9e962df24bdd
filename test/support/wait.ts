// Waits for a condition, never for a fixed time: a test says what must become true and how long
// that may take at most.

import { setTimeout as sleep } from 'node:timers/promises';

/** Asks repeatedly until the answer is neither false, null nor undefined. */
export async function waitFor<T>(
  what: string,
  ask: () => T | Promise<T>,
  withinMs = 60_000,
): Promise<Exclude<T, false | null | undefined>> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== null && answer !== undefined) {
      return answer as Exclude<T, false | null | undefined>;
    }
    if (performance.now() > giveUpAt) throw new Error(`did not happen in ${withinMs} ms: ${what}`);
    await sleep(10);
  }
}
