// What Health counts of the last hour.

import { expect, it } from 'vitest';
import { recentOf } from '../../../page/src/health/last-hour.ts';
import type { Entry } from '../../../page/src/live/types.ts';

const entry = (reason: string, part: Partial<Entry> = {}) =>
  ({
    ...{ id: reason, at: 0, worker: 'WK1', channel: 'chat', actor: 'headroom', to: null },
    ...{ reason, ...part },
  }) as unknown as Entry;
const to = { capacity: 3 };

it.each<[string, readonly Entry[], object]>([
  ['nothing', [], { writes: 0, failing: 0, heldBack: 0, edits: 0 }],
  ['a write', [entry('rule.claimed', { to })], { writes: 1 }],
  ['a write whose answer was lost', [entry('write.done', { to })], { writes: 1, failing: 0 }],
  [
    'two failures of one channel',
    [entry('write.failed', { to }), entry('write.invalid', { to })],
    { writes: 0, failing: 1 },
  ],
  [
    'failures of two channels',
    [entry('write.failed'), entry('write.refused', { channel: 'sms' })],
    { failing: 2 },
  ],
  ['a wait for the rate limit', [entry('write.throttled')], { failing: 0 }],
  ['a guardrail', [entry('keep_open.floor')], { heldBack: 1, failing: 0 }],
  ['an edit', [entry('person.edit', { actor: 'Sam', to })], { edits: 1, writes: 0 }],
  ['a write back to an edit', [entry('person.edit', { to })], { edits: 0, writes: 1 }],
])('%s', (_, entries, expected) => {
  expect(recentOf(entries)).toMatchObject(expected);
});
