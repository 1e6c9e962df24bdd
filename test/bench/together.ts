// What the rules and guardrails cost that look at all Workers together, at ten thousand Workers: a
// look through all of them for a `limit`, and passes that ask `keep_open` and `max_change`. The store
// is in memory and holds JSON text, so reading and writing it costs what parsing it costs anywhere.

import { Guard } from '../../src/control/guard.ts';
import { Members } from '../../src/control/members.ts';
import { Records } from '../../src/control/records.ts';
import type { WorkerSid } from '../../src/core/ids.ts';
import type { PlannedWrite } from '../../src/core/plan.ts';
import type { WorkerState } from '../../src/core/state.ts';
import { compileRules } from '../../src/language/compile.ts';
import type { Json } from '../../src/ports.ts';
import { situation, stateOf, worldOf } from '../../src/trial/situation.ts';
import { MemoryStore } from '../support/memory/store.ts';

const AT = Date.parse('2026-06-10T09:00:00Z');
const CREW = 10_000;
const say = (line = '') => process.stdout.write(`${line}\n`);

const RULES = `version: 1
defaults: { timezone: Europe/London, mode: enforce }
groups:
  support: { where: 'worker.team == "support"' }
guardrails:
  keep_open: [{ group: support, channel: chat, at_least: 40% }]
  max_change: { workers: 30%, per: 5m }
rules:
  - name: support-overload
    who: support
    when: { enter: channel("chat").assigned >= 0, exit: channel("chat").assigned < 0 }
    then: { chat: { add: 1, max: 5 } }
    limit: { workers: 50%, pick: least_loaded }
`;

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const done = await work();
  say(`${what.padEnd(58)} ${(performance.now() - began).toFixed(0).padStart(6)} ms`);
  return done;
}

const { ruleSet } = compileRules([{ name: 'rules.yaml', text: RULES }]);
if (ruleSet === null) throw new Error('the rules of this benchmark have faults');
const rules = ruleSet;
const free = { capacity: 3, available: true, assigned: 0 };
const asked = {
  ...situation(AT, { chat: free, voice: free }),
  attributes: { team: 'support' },
};
const world = worldOf(asked, rules);
const one = stateOf(asked, {});
const store = new MemoryStore();
const crew: WorkerState[] = [];
for (let i = 0; i < CREW; i += 1) {
  const sid = `WK${i.toString(16).padStart(32, '0')}` as WorkerSid;
  crew.push({ ...one, sid });
  await store.saveWorker(sid, { ...one, sid } as unknown as Json, 0);
}
let passes = 0;
const queues = {
  addPass: async () => {
    passes += 1;
  },
};
const deps = {
  ...{ store, queues, records: new Records(store), clock: { now: () => Date.now() } },
  ...{ rules: () => rules, world: () => ({ ...world, chosen: () => false }) },
};
const size = async (name: string) =>
  `${Math.round(JSON.stringify((await store.getDocument(name))?.value).length / 1_000)} kB`;

const CLOSE: PlannedWrite = {
  ...{ channel: 'chat', from: { available: true }, to: { available: false } },
  ...{ protective: true, hard: false, reason: 'rule.claimed', rule: 'r' },
};

say(`${CREW} Workers, records of ${JSON.stringify(one).length} bytes`);
const members = new Members(deps);
await timed('limit: the walk that takes half of them', () => members.pass('support-overload'));
say(`  ${passes} passes asked for; its document: ${await size('members:support-overload')}`);
await timed(`limit: ${CREW} passes compare themselves with it`, async () => {
  for (const state of crew) await members.noticed(state);
});
const guard = new Guard(deps);
const plan = (writes: readonly PlannedWrite[]) => ({ writes, refusals: [], lookAt: null });
const inTens = async (writes: readonly PlannedWrite[], states: readonly WorkerState[]) => {
  const after: WorkerState[] = [];
  let granted = 0;
  for (let i = 0; i < states.length; i += 10) {
    const done = await Promise.all(
      states.slice(i, i + 10).map((state) => guard.attend(state, plan(writes))),
    );
    for (const { state, planned } of done) {
      after.push(state);
      granted += planned.writes.length;
    }
  }
  return { after, granted };
};
const told = await timed(`guardrails: ${CREW} passes say where they stand`, () => inTens([], crew));
say(`  the document: ${await size('guardrails')}`);
await timed(`guardrails: ${CREW} passes with nothing to say`, () => inTens([], told.after));
const { granted } = await timed(`guardrails: ${CREW} passes that would close`, () =>
  inTens([CLOSE], told.after),
);
say(`  ${granted} were let through; the document: ${await size('guardrails')}`);
