// What rules cost: loading and checking a thousand compared with the YAML parser alone, one pass as
// the number of rules grows that cannot concern the Worker, and conditions per second compared with
// json-rules-engine. Prints ratios, because machines differ.

import { Engine } from 'json-rules-engine';
import { parseDocument } from 'yaml';
import { compileCondition, evaluate } from '../../src/core/condition/condition.ts';
import { decide } from '../../src/core/decide.ts';
import type { Facts } from '../../src/core/facts.ts';
import type { RuleSet } from '../../src/core/rules.ts';
import { compileRules } from '../../src/language/compile.ts';
import { lint } from '../../src/trial/lint/lint.ts';
import { newSituation, stateOf, worldOf } from '../../src/trial/situation.ts';

const AT = Date.parse('2026-06-10T09:00:00Z');
const say = (line = '') => process.stdout.write(`${line}\n`);
const ms = (n: number) => `${n.toFixed(1)} ms`;
const times = (n: number) => `${n.toFixed(2)} x`;

/** The best of several runs: what the work costs when nothing else disturbs it. */
function best(runs: number, work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i += 1) {
    const began = performance.now();
    work();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}

const HEAD = `version: 1
defaults: { timezone: Europe/London, mode: enforce, baseline: { chat: 1, voice: 1 } }
`;
const SCHEDULE = 'schedules:\n  day: { days: mon-fri, hours: "08:30-17:30" }\n';

/** Rules as people write them: over several lines, with a `why`, in files of a hundred. */
function ruleText(team: string, n: number): string {
  return `  - name: ${team}-${n}
    who: { where: 'worker.team == "${team}"' }
    during: day
    when:
      enter: queue("${team}").waiting >= ${10 + n} || queue("${team}").longest_wait >= duration("4m")
      exit: queue("${team}").waiting <= 4
      for: 2m
      keep: 5m
    then: { chat: { add: 1, max: 5 }, voice: { max: ${n % 2} } }
    why: "${team} has {queue.${team}.waiting} waiting"
`;
}

function folderOf(count: number, perTeam: number) {
  const files = [];
  for (let from = 0; from < count; from += 100) {
    const size = Math.min(100, count - from);
    const rules = Array.from({ length: size }, (_, i) =>
      ruleText(`team${Math.floor((from + i) / perTeam)}`, (from + i) % perTeam),
    );
    const schedule = from === 0 ? SCHEDULE : '';
    const head = from === 0 ? HEAD : 'version: 1\n';
    files.push({ name: `rules-${from}.yaml`, text: `${head}${schedule}rules:\n${rules.join('')}` });
  }
  return files;
}

function compiled(files: readonly { name: string; text: string }[]): RuleSet {
  const { ruleSet, diagnostics } = compileRules(files);
  if (ruleSet === null) throw new Error(diagnostics[0]?.message);
  return ruleSet;
}

function loading(): void {
  const files = folderOf(1_000, 5);
  const bytes = files.reduce((sum, { text }) => sum + text.length, 0);
  let yaml = Number.POSITIVE_INFINITY;
  let load = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 10; turn += 1) {
    yaml = Math.min(
      yaml,
      best(1, () => files.map(({ text }) => parseDocument(text).toJS())),
    );
    load = Math.min(
      load,
      best(1, () => compiled(files)),
    );
  }
  const set = compiled(files);
  const found = lint(set, AT).length;
  const linted = best(3, () => lint(set, AT));
  say(`loading 1,000 rules (${Math.round(bytes / 1000)} kB in ${files.length} files)`);
  say(`  the YAML parser alone   ${ms(yaml)}`);
  say(`  loading and checking    ${ms(load)}   ${times(load / yaml)} the parser`);
  say(`  the linter across rules ${ms(linted)}   (${found} findings)`);
}

/** Five rules can concern the Worker; all others are for other teams. */
function passing(): void {
  say('one pass over one Worker whom five rules can concern');
  const rounds = 500;
  const passes = [10, 100, 1_000].map((count) => ({
    count,
    least: Infinity,
    pass: passOver(count),
  }));
  // In turns, so that a busy moment of the machine affects all of them.
  for (let turn = 0; turn < 60; turn += 1) {
    for (const each of passes) {
      const took = best(1, () => {
        for (let i = 0; i < rounds; i += 1) each.pass(AT + i);
      });
      each.least = Math.min(each.least, took);
    }
  }
  const first = passes[0]?.least ?? 1;
  for (const { count, least } of passes) {
    const micros = ((least / rounds) * 1_000).toFixed(2).padStart(8);
    say(`  ${String(count).padStart(5)} rules ${micros} µs   ${times(least / first)}`);
  }
}

function passOver(count: number): (at: number) => unknown {
  const set = compiled(folderOf(count, 5));
  const s = newSituation(AT, { chat: { capacity: 1, available: true, assigned: 1 } });
  s.attributes = { team: 'team1', level: 3 };
  s.queues = { team1: { waiting: 12, longestWaitMs: 5_000, eligible: 3, availableWorkers: 2 } };
  const state = stateOf(s, {});
  const world = worldOf(s, set);
  return (at) => decide(set, state, world, at);
}

/** Facts that change on every evaluation, so that no result can be cached. */
class Moving implements Facts {
  at = 0;
  readonly attributes = { team: 'support', level: 0 };
  readonly worker = { sid: 'WK1', friendlyName: 'Ann', attributes: this.attributes };
  readonly activity = { name: 'Available', available: true, since: 0, availableSince: 0 };
  readonly voice = { capacity: 1, available: true, assigned: 0, load: 0 };
  readonly channels = new Map([['voice', this.voice]]);
  readonly support = { waiting: 0, longestWaitMs: 0, eligible: 4, availableWorkers: 2 };

  step(): void {
    this.at += 1;
    this.attributes.level = this.at % 5;
    this.voice.assigned = this.at % 2;
    this.support.waiting = this.at % 40;
    this.support.longestWaitMs = (this.at % 500) * 1_000;
  }
  channel() {
    return this.voice;
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

const any = (...parts: object[]) => ({ any: parts });
const all = (...parts: object[]) => ({ all: parts });
const compare = (fact: string, path: string, operator: string, value: unknown) => ({
  fact,
  path: `$.${path}`,
  operator,
  value,
});

/** The same conditions in both languages. */
const CONDITIONS = [
  {
    name: 'one comparison',
    cel: 'queue("Support").waiting >= 20',
    json: all(compare('queue', 'waiting', 'greaterThanInclusive', 20)),
  },
  {
    name: 'overload',
    cel: 'queue("Support").waiting >= 20 || queue("Support").longest_wait >= duration("4m")',
    json: any(
      compare('queue', 'waiting', 'greaterThanInclusive', 20),
      compare('queue', 'longestWaitMs', 'greaterThanInclusive', 240_000),
    ),
  },
  {
    name: 'mixed',
    cel: 'worker.team == "support" && channel("voice").assigned >= 1 && worker.level > 2',
    json: all(
      compare('worker', 'team', 'equal', 'support'),
      compare('voice', 'assigned', 'greaterThanInclusive', 1),
      compare('worker', 'level', 'greaterThan', 2),
    ),
  },
];

async function conditions(): Promise<void> {
  say('conditions a second, facts changed on every evaluation, no result kept');
  const rounded = (n: number) => Math.round(n).toLocaleString('en-GB').padStart(11);
  for (const { name, cel, json } of CONDITIONS) {
    const result = compileCondition(cel, 'when');
    if (!result.ok) throw new Error(result.errors[0]?.message);
    const { condition } = result;
    const moving = new Moving();
    const rate = (trace: boolean) => {
      const calls = trace ? 100_000 : 400_000;
      let held = 0;
      const took = best(7, () => {
        for (let i = 0; i < calls; i += 1) {
          moving.step();
          const judged = trace
            ? evaluate(condition, moving, { trace })
            : evaluate(condition, moving);
          if (judged.verdict === 'holds') held += 1;
        }
      });
      if (held === 0) throw new Error(`${name} never held`);
      return (calls / took) * 1_000;
    };
    const [off, on] = [rate(false), rate(true)];
    const theirs = await engineRate(json);
    say(`  ${name}`);
    say(`    json-rules-engine ${rounded(theirs)}`);
    say(`    trace on          ${rounded(on)}   ${times(on / theirs)}`);
    say(`    trace off         ${rounded(off)}   ${times(off / theirs)}`);
  }
}

async function engineRate(json: object): Promise<number> {
  const engine = new Engine();
  engine.addRule({ conditions: json as never, event: { type: 'held' } });
  const moving = new Moving();
  let fastest = 0;
  let held = 0;
  for (let run = 0; run < 7; run += 1) {
    const calls = 5_000;
    const began = performance.now();
    for (let i = 0; i < calls; i += 1) {
      moving.step();
      const { events } = await engine.run({
        worker: moving.attributes,
        voice: moving.voice,
        queue: moving.support,
      });
      held += events.length;
    }
    fastest = Math.max(fastest, (calls / (performance.now() - began)) * 1_000);
  }
  if (held === 0) throw new Error('json-rules-engine never held');
  return fastest;
}

say(`node ${process.version}`);
say();
loading();
say();
passing();
say();
await conditions();
