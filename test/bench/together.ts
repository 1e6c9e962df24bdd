// What the rules and guardrails cost that consider all Workers together, at a thousand and at ten
// thousand Workers: one walk over all of them for a `limit`, and passes that ask `keep_open` and
// `max_change`. The store is in memory and holds JSON text, so reading and writing it includes the
// usual cost of parsing; the bytes are those of the documents read and written.

import { Guard } from '../../src/control/guard.ts';
import { Members } from '../../src/control/members.ts';
import { Records } from '../../src/control/records.ts';
import type { WorkerSid } from '../../src/core/ids.ts';
import type { PlannedWrite } from '../../src/core/plan.ts';
import type { RuleSet } from '../../src/core/rules.ts';
import type { WorkerState } from '../../src/core/state.ts';
import { compileRules } from '../../src/language/compile.ts';
import type { Json } from '../../src/ports.ts';
import { newSituation, stateOf, worldOf } from '../../src/trial/situation.ts';
import { MemoryStore } from '../support/memory/store.ts';

const AT = Date.parse('2026-06-10T09:00:00Z');
const SIZES = [1_000, 10_000];
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

const CLOSE: PlannedWrite = {
  ...{ channel: 'chat', from: { available: true }, to: { available: false } },
  ...{ protective: true, hard: false, reason: 'rule.claimed', rule: 'r' },
};

const { ruleSet } = compileRules([{ name: 'rules.yaml', text: RULES }]);
if (ruleSet === null) throw new Error('the rules of this benchmark have faults');
const rules: RuleSet = ruleSet;

class CountedStore extends MemoryStore {
  bytes = 0;
  largest = 0;

  override async getDocument(name: string) {
    const found = await super.getDocument(name);
    this.#count(found?.value ?? null);
    return found;
  }

  override async putDocument(name: string, value: Json, expected: number) {
    this.#count(value);
    return await super.putDocument(name, value, expected);
  }

  #count(value: Json): void {
    const { length } = JSON.stringify(value);
    this.bytes += length;
    this.largest = Math.max(this.largest, length);
  }
}

interface Row {
  readonly what: string;
  readonly passes: number;
  readonly ms: number;
  readonly bytes: number;
  readonly largest: number;
}

/** The work is `passes` passes, or one walk over all Workers where that is 1. */
async function measured(what: string, passes: number, store: CountedStore, work: () => unknown) {
  [store.bytes, store.largest] = [0, 0];
  const began = performance.now();
  await work();
  const ms = performance.now() - began;
  return { what, passes, ms, bytes: store.bytes, largest: store.largest };
}

async function createWorkersIn(store: MemoryStore, size: number) {
  const free = { capacity: 3, available: true, assigned: 0 };
  const now = { ...newSituation(AT, { chat: free, voice: free }), attributes: { team: 'support' } };
  const one = stateOf(now, {});
  const crew: WorkerState[] = [];
  for (let i = 0; i < size; i += 1) {
    const sid = `WK${i.toString(16).padStart(32, '0')}` as WorkerSid;
    crew.push({ ...one, sid });
    await store.saveWorker(sid, { ...one, sid } as unknown as Json, 0);
  }
  return { crew, world: { ...worldOf(now, rules), isChosen: () => false } };
}

/** Ten passes ask at once, as they do in one process. */
async function inTens(
  guard: Guard,
  writes: readonly PlannedWrite[],
  states: readonly WorkerState[],
): Promise<{ readonly after: readonly WorkerState[]; readonly granted: number }> {
  const after: WorkerState[] = [];
  let granted = 0;
  for (let i = 0; i < states.length; i += 10) {
    const plan = { writes, refusals: [], lookAt: null };
    const tens = states.slice(i, i + 10).map((state) => guard.permit(state, plan));
    for (const { state, planned } of await Promise.all(tens)) {
      after.push(state);
      granted += planned.writes.length;
    }
  }
  return { after, granted };
}

async function rows(size: number): Promise<readonly Row[]> {
  const store = new CountedStore();
  const { crew, world } = await createWorkersIn(store, size);
  let ahead = 0;
  const deps = {
    ...{ store, records: new Records(store), queues: { addPass: async () => undefined } },
    ...{ rules: () => rules, world: () => world, clock: { now: () => Date.now() + ahead } },
  };
  const members = new Members(deps);
  const guard = new Guard(deps);
  const done: Row[] = [];
  const note = async (what: string, passes: number, work: () => unknown) => {
    done.push(await measured(what, passes, store, work));
  };
  await note('limit: the walk that takes half of them', 1, () =>
    members.runPass('support-overload'),
  );
  await note('limit: passes that compare themselves with it', size, async () => {
    for (const state of crew) await members.afterPass(state);
  });
  let told: readonly WorkerState[] = [];
  await note('guardrails: passes that say where they stand', size, async () => {
    told = (await inTens(guard, [], crew)).after;
  });
  await note('guardrails: passes with nothing to say', size, () => inTens(guard, [], told));
  let asked: Awaited<ReturnType<typeof inTens>> = { after: [], granted: 0 };
  await note('guardrails: passes that would close', size, async () => {
    asked = await inTens(guard, [CLOSE], told);
  });
  const share = asked.granted / size;
  if (share !== 0.3) throw new Error(`${asked.granted} of ${size} were let through, expected 30%`);
  // The next window: those waiting ask again, so that there is a long line that gets shorter.
  ahead = 5 * 60_000;
  const waiting = asked.after.filter(({ stood }) => stood?.holds === false);
  await note('guardrails: those in line, when their turn has come', waiting.length, () =>
    inTens(guard, [CLOSE], waiting),
  );
  return done;
}

const tables: (readonly Row[])[] = [];
for (const size of SIZES) tables.push(await rows(size));
const [few = [], many = []] = tables;
say(`${''.padEnd(53)}${SIZES.map((size) => `${size} Workers`.padStart(30)).join('')}   ratio`);
for (const [i, row] of few.entries()) {
  const other = many[i] ?? row;
  const cells = [row, other].map(({ ms, bytes, largest, passes }) => {
    const each = passes === 1 ? `${ms.toFixed(0)} ms` : `${((1_000 * ms) / passes).toFixed(0)} µs`;
    const kB = (count: number) => `${(count / 1_000).toFixed(1)} kB`;
    return `${each} ${kB(bytes / passes)} (${kB(largest)})`.padStart(30);
  });
  const ratio = other.ms / other.passes / (row.ms / row.passes);
  say(`${row.what.padEnd(53)}${cells.join('')}${ratio.toFixed(1).padStart(8)}`);
}
say('Each cell: time a pass, bytes to and from the store a pass, the largest document of them.');
