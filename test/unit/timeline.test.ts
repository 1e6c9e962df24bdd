// How long an answer of the timeline is reused.

import { expect, it } from 'vitest';
import { Timeline } from '../../src/live/timeline.ts';
import { HOUR, SECOND, T0, world } from '../support/builders.ts';
import { MemoryStore } from '../support/memory/store.ts';
import { rule, ruleSet } from '../support/rules.ts';

it.each([
  ['for a moment', SECOND, T0],
  ['no longer', 3 * SECOND, T0 + 3 * SECOND],
  ['nor where the clock was set back since', -6 * HOUR, T0 - 6 * HOUR],
])('an answer is reused %s', async (_, step, expected) => {
  const clock = { at: T0, now: () => clock.at };
  const timeline = new Timeline({
    ...{ store: new MemoryStore(clock.now), clock, observing: () => false },
    lookaheadSources: () => ({ world: world(), shared: {}, pauses: [] }),
  });
  const set = ruleSet([rule('three', { chat: 3 })]);
  await timeline.now(set);
  clock.at += step;
  expect((await timeline.now(set)).at).toBe(new Date(expected).toISOString());
});
