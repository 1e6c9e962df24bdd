// A Worker at another instant: from the journal for the past, from the core for the future.

import { expect, it } from 'vitest';
import { searchJournal } from '../../src/control/journal-search.ts';
import { compileRules } from '../../src/language/compile.ts';
import type { ExplainRequest } from '../../src/live/explain.ts';
import { explainPast, parseInstant, stateAt } from '../../src/live/explain-at.ts';
import type { JournalEntry } from '../../src/ports.ts';
import { explain } from '../../src/trial/explain.ts';
import { readWorker } from '../../src/trial/worker-file.ts';
import { MemoryStore } from '../support/memory/store.ts';
import { runToEnd } from '../support/run-to-end.ts';

/** A Wednesday, 16:00 in London. */
const AT = Date.parse('2026-06-10T15:00:00Z');
const RULES = `version: 1
defaults: { timezone: Europe/London, mode: enforce, baseline: { chat: 1 } }
schedules:
  day: { days: mon-fri, hours: "09:00-17:00" }
rules:
  - { name: day, who: everyone, during: day, then: { chat: 3 } }
  - { name: on-a-call, who: everyone, when: { enter: channel("voice").assigned >= 1, for: 10m }, then: { chat: pause } }
  - { name: each-minute, who: everyone, when: now < timestamp("2020-01-01T00:00:00Z"), then: { voice: 2 } }
`;

function situation() {
  const { ruleSet } = compileRules([{ name: 'rules.yaml', text: RULES }]);
  const read = readWorker(
    JSON.stringify({
      friendly_name: 'Ann',
      attributes: {},
      activity: { name: 'Available', available: true, since: '2026-06-10T08:00:00Z' },
      channels: { chat: { capacity: 3 }, voice: { capacity: 1, assigned: 1 } },
    }),
  );
  if (ruleSet === null || !read.ok) throw new Error('the fixture is wrong');
  return {
    rules: ruleSet,
    state: read.worker.state(AT),
    world: read.worker.world(ruleSet),
    at: AT,
  };
}

/** What chat is at a time on London's clock. */
function chatAt(time: string) {
  const now = situation();
  const at = parseInstant(time, now.rules);
  if (at === null) throw new Error(`no instant: ${time}`);
  const state = runToEnd(stateAt(now as unknown as ExplainRequest, at));
  return state && explain({ ...now, state, at }, 'chat').channels[0]?.result;
}

it('the future: hold times end and schedules change, each at its instant', () => {
  expect(chatAt('2026-06-10T16:09:59')).toEqual({ capacity: 3, available: true });
  expect(chatAt('2026-06-10T16:10')).toEqual({ capacity: 3, available: false });
  expect(chatAt('2026-06-10T16:59:59')).toMatchObject({ capacity: 3 });
  expect(chatAt('2026-06-10T17:00')).toMatchObject({ capacity: 1 });
  expect(chatAt('2026-06-11T09:00')).toMatchObject({ capacity: 3 });
});

it('a future too far ahead to be stepped through is not guessed', () => {
  expect(chatAt('2027-06-10T16:00')).toBeNull();
});

const SID = situation().state.sid;
const entry = (at: number, more: Partial<JournalEntry>): JournalEntry => ({
  ...{ at, worker: SID, workerName: 'Ann', channel: 'chat', reason: 'rule.claimed', rule: 'day' },
  ...{ from: { capacity: 1 }, to: { capacity: 3 }, text: 'chat: 1 → 3', actor: 'headroom' },
  ...more,
});

it('the past: the last change before the instant, by whom and why, without attempts', async () => {
  const store = new MemoryStore(() => AT);
  await store.appendJournal([
    entry(1_000, {}),
    entry(2_000, { actor: 'user Sam', reason: 'person.edit', rule: null, to: { capacity: 4 } }),
    entry(2_500, { reason: 'mode.observe' }),
    entry(2_600, { worker: `WK${'9'.repeat(32)}` }),
    entry(3_000, { to: { capacity: 1 } }),
  ]);
  const { state } = situation();
  const at = async (ms: number) =>
    await explainPast(state, { at: ms, channel: 'chat' }, (query) => searchJournal(store, query));
  expect((await at(2_999)).channels).toEqual([
    {
      channel: 'chat',
      last: expect.objectContaining({
        ...{ at: '1970-01-01T00:00:02.000Z', actor: 'user Sam', reason: 'person.edit' },
        ...{ to: { capacity: 4 }, rule: null },
      }),
    },
  ]);
  expect((await at(3_000)).channels[0]?.last?.to).toEqual({ capacity: 1 });
  expect(await at(999)).toMatchObject({
    channels: [{ channel: 'chat', last: null }],
    keptSince: '1970-01-01T00:00:01.000Z',
  });
});

it('a time is in the zone of the rules, unless it has an offset', () => {
  const { rules } = situation();
  expect(parseInstant('2026-06-10T16:00', rules)).toBe(AT);
  expect(parseInstant('2026-06-10T15:00:00Z', rules)).toBe(AT);
  expect(parseInstant('soon', rules)).toBeNull();
});
