// The periods in which a rule held, as `GET /api/v1/signals` shows them: they agree with whether it
// holds now, although they are judged from values to the minute.

import { describe, expect, it } from 'vitest';
import { NO_FACTS } from '../../src/control/facts.ts';
import { QueueHistory } from '../../src/control/queue-history.ts';
import { signalsNow } from '../../src/live/signals.ts';
import { MemoryStore } from '../support/memory/store.ts';
import { rule, ruleSet } from '../support/rules.ts';

const NOW = Date.parse('2026-06-10T10:42:30Z');
const minute = (n: number) => new Date(NOW - 30_000 - n * 60_000).toISOString();

const rules = ruleSet([
  rule(
    'rush',
    { chat: 2 },
    { when: { enter: 'queue("Q").waiting >= 5', exit: 'queue("Q").waiting == 0' } },
  ),
]);

/** `waiting` of the last minutes, oldest first. */
async function bandsAt(waiting: readonly number[], holds: boolean | null) {
  const store = new MemoryStore();
  const history = new QueueHistory(store);
  for (const [i, n] of waiting.entries()) {
    const asOf = NOW - (waiting.length - 1 - i) * 60_000;
    const reading = { asOf, waiting: n, longestWaitMs: 0, eligible: 1, availableWorkers: 1 };
    const queue = { sid: null, target: null, triedAt: asOf, fault: null, reading };
    await history.keep({ ...NO_FACTS, queues: { Q: queue } }, asOf);
  }
  const queue = () => ({ unknown: 'not asked' });
  const view = await signalsNow({ store, rules, at: NOW, hours: 1, queue, claims: () => holds });
  return view.rules[0]?.bands;
}

describe('the bands of a rule', () => {
  it('are those of the values where they agree with the rule', async () => {
    expect(await bandsAt([0, 7, 0], false)).toEqual([[minute(1), minute(0)]]);
    expect(await bandsAt([0, 7, 3], true)).toEqual([[minute(1), null]]);
    expect(await bandsAt([0, 7, 3], null)).toEqual([[minute(1), null]]);
  });

  it('end now where the rule holds no more, and begin where it holds already', async () => {
    const now = new Date(NOW).toISOString();
    expect(await bandsAt([0, 7, 3], false)).toEqual([[minute(1), now]]);
    const justNow = new Date(NOW - 60_000).toISOString();
    expect(await bandsAt([0, 0, 0], true)).toEqual([[justNow, null]]);
  });
});
