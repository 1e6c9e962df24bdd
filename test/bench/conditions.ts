// Evaluations of conditions per second, with facts that change every time and nothing cached; with
// and without a trace, compared with the CEL package alone and, if installed, json-rules-engine.
//
//   npx rolldown test/bench/conditions.ts --platform node --external json-rules-engine \
//     -f esm -o node_modules/.cache/bench/conditions.mjs && node node_modules/.cache/bench/conditions.mjs

import { Environment } from '@marcbachmann/cel-js';
import { type Condition, compileCondition, evaluate } from '../../src/core/condition/condition.ts';
import type { Facts } from '../../src/core/facts.ts';

const CONDITIONS = {
  attribute: 'worker.team == "support"',
  queue: 'queue("Support").waiting >= 20',
  overload: 'queue("Support").waiting >= 20 || queue("Support").longest_wait >= duration("4m")',
  mixed:
    'activity.available && channel("voice").assigned >= 1 && (worker.level > 2 || "es" in worker.languages)',
  absent: 'worker.region == "north" || worker.level > 2',
} as const;

const ROUNDS = 5;
const ROUND_MS = 300;

/** Facts that change with each step. */
class World implements Facts {
  at = 0;
  readonly attributes = { team: 'support', level: 0, languages: ['en', 'es'] };
  readonly worker = { sid: 'WK1', friendlyName: 'Ann', attributes: this.attributes };
  readonly activity = { name: 'Available', available: true, since: 0, availableSince: 0 };
  readonly voice = { capacity: 1, available: true, assigned: 0, load: 0 };
  readonly channels = new Map([['voice', this.voice]]);
  readonly support = { waiting: 0, longestWaitMs: 0, eligible: 4, availableWorkers: 2 };

  step(): void {
    this.at += 1;
    this.attributes.level = this.at % 5;
    this.activity.available = this.at % 7 !== 0;
    this.voice.assigned = this.at % 2;
    this.support.waiting = this.at % 40;
    this.support.longestWaitMs = (this.at % 500) * 1_000;
  }
  channel(name: string) {
    return this.channels.get(name) ?? { unknown: `no Worker Channel "${name}"` };
  }
  queue() {
    return this.support;
  }
  group() {
    return { unknown: 'not fed' };
  }
  count() {
    return 0;
  }
}

/** The best of some rounds, in calls per second; `sum` keeps the work from being optimised away. */
function measure(call: () => boolean): number {
  let best = 0;
  let sum = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let calls = 0;
    const start = performance.now();
    let elapsed = 0;
    while (elapsed < ROUND_MS) {
      for (let i = 0; i < 2_000; i++) sum += call() ? 1 : 0;
      calls += 2_000;
      elapsed = performance.now() - start;
    }
    best = Math.max(best, (calls / elapsed) * 1_000);
  }
  return sum < 0 ? 0 : best;
}

function compiled(text: string): Condition {
  const result = compileCondition(text, 'when');
  if (!result.ok) throw new Error(result.errors[0]?.message);
  return result.condition;
}

/** The CEL package by itself, on plain values: what it would cost to evaluate with it. */
function packageAlone(text: string, world: World): () => boolean {
  const environment = new Environment()
    .registerVariable('worker', 'map<string, dyn>')
    .registerVariable('activity', 'map<string, dyn>')
    .registerFunction('queue(string): dyn', () => ({
      waiting: world.support.waiting,
      longest_wait: world.support.longestWaitMs,
    }))
    .registerFunction('channel(string): dyn', () => world.voice);
  const run = environment.parse(text.replace('duration("4m")', '240000'));
  const context = { worker: world.attributes, activity: world.activity };
  return () => {
    try {
      return run(context) === true;
    } catch {
      return false;
    }
  };
}

const line = (...cells: readonly string[]) =>
  process.stdout.write(
    `${cells.map((cell, i) => cell[i === 0 ? 'padEnd' : 'padStart'](14)).join('')}\n`,
  );
const rate = (perSecond: number) => Math.round(perSecond).toLocaleString('en-GB');

line('condition', 'trace off', 'trace on', 'CEL package');
for (const [name, text] of Object.entries(CONDITIONS)) {
  const world = new World();
  const condition = compiled(text);
  const traced = { trace: true };
  const off = measure(() => {
    world.step();
    return evaluate(condition, world).verdict === 'holds';
  });
  const on = measure(() => {
    world.step();
    return evaluate(condition, world, traced).trace?.verdict === 'holds';
  });
  const alone = packageAlone(text, world);
  const plain = measure(() => {
    world.step();
    return alone();
  });
  line(name, rate(off), rate(on), rate(plain));
}
const compiles = measure(() => compileCondition(CONDITIONS.overload, 'when').ok);
line('compile', rate(compiles));

await besideRulesEngine();

/** The same `overload` in json-rules-engine's format, if that package is installed. */
async function besideRulesEngine(): Promise<void> {
  const name = 'json-rules-engine';
  let Engine: (new (rules: unknown[]) => { run(facts: object): Promise<unknown> }) | undefined;
  try {
    ({ Engine } = (await import(name)) as { Engine: typeof Engine });
  } catch {
    process.stdout.write('json-rules-engine is not installed, so it was left out\n');
  }
  if (Engine === undefined) return;
  const any = [
    { fact: 'queue', path: '$.waiting', operator: 'greaterThanInclusive', value: 20 },
    { fact: 'queue', path: '$.longestWaitMs', operator: 'greaterThanInclusive', value: 240_000 },
  ];
  const engine = new Engine([{ conditions: { any }, event: { type: 'overload' } }]);
  const world = new World();
  const start = performance.now();
  const calls = 20_000;
  for (let i = 0; i < calls; i++) {
    world.step();
    await engine.run({ queue: world.support });
  }
  line('json-rules', rate((calls / (performance.now() - start)) * 1_000));
}
