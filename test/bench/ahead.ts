// What looking a day ahead costs while the daemon has other work: `POST /api/v1/plan` (two rule sets
// compared) and `GET /api/v1/timeline` over 15,000 Workers. The claim is the longest time that the
// event loop waits for it, against one pass over the same Workers without a break.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { WorkerSid } from '../../src/core/ids.ts';
import type { RuleSet } from '../../src/core/rules.ts';
import { planPass } from '../../src/core/simulated-pass.ts';
import { compileRules } from '../../src/language/compile.ts';
import { compareSets } from '../../src/live/compare.ts';
import { Timeline } from '../../src/live/timeline.ts';
import type { Json } from '../../src/ports.ts';
import { newSituation, stateOf, worldOf } from '../../src/trial/situation.ts';
import { MemoryStore } from '../support/memory/store.ts';

const AT = Date.parse('2026-06-10T06:30:00Z');
const TEAMS = ['support', 'sales', 'billing', 'retention'];
const size = Number(process.argv[2] ?? 15_000);
const say = (line: string) => process.stdout.write(`${line}\n`);
if (!Number.isInteger(size) || size < 1) {
  process.stderr.write('expected: npm run bench:ahead -- WORKERS, a whole number from 1\n');
  process.exit(2);
}

const shift = (team: string, n: number, chats: number) =>
  `  - { name: ${team}, who: { where: 'worker.team == "${team}"' }, during: s${n}, then: { chat: ${chats}, email: 4 } }`;

/** A shift for each team, a rule for breaks, one that counts, and one that reads the time. */
function rulesWith(chats: number, others = ''): RuleSet {
  const shifts = TEAMS.map(
    (_, n) => `  s${n}: { days: mon-fri, hours: "0${6 + n}:00-1${4 + n}:00" }`,
  );
  const text = `version: 1
defaults: { timezone: Europe/London, mode: enforce, baseline: { chat: 1, email: 1, voice: 1 } }
schedules:
${shifts.join('\n')}
rules:
${TEAMS.map((team, n) => shift(team, n, chats)).join('\n')}
  - { name: missed, who: everyone, when: 'count("reservation.timeout", duration("15m")) >= 3', then: { voice: pause }, hard: true }
  - { name: on-a-call, who: everyone, when: { enter: channel("voice").assigned >= 1, keep: 30s }, then: { chat: pause }, hard: true }
${others}`;
  const { ruleSet, diagnostics } = compileRules([{ name: 'rules.yaml', text }]);
  if (ruleSet === null) throw new Error(JSON.stringify(diagnostics));
  return ruleSet;
}

const TIRED = `  - { name: tired, who: everyone, when: 'now - activity.since > duration("9h")', then: { chat: { max: 1 } } }\n`;

async function createWorkers(store: MemoryStore, rules: RuleSet) {
  const now = { capacity: 1, available: true, assigned: 0 };
  const channels = { chat: now, email: now, voice: now, sms: now, default: now };
  const there = newSituation(AT, channels);
  for (let i = 0; i < size; i += 1) {
    const sid = `WK${i.toString(16).padStart(32, '0')}` as WorkerSid;
    const attributes = { team: TEAMS[i % TEAMS.length] };
    const state = { ...stateOf({ ...there, attributes }, {}), sid };
    await store.saveWorker(sid, state as unknown as Json, 0);
  }
  return worldOf(there, rules);
}

const turn = () => new Promise((done) => setTimeout(done, 5));

async function measured(what: string, work: () => Promise<unknown>): Promise<void> {
  const waits = monitorEventLoopDelay({ resolution: 1 });
  waits.enable();
  // The first turn of the loop only begins the count, and the last one ends it.
  await turn();
  const cpu = process.cpuUsage();
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1_000;
  await turn();
  waits.disable();
  const { user, system } = process.cpuUsage(cpu);
  const ms = (ns: number) => `${(ns / 1e6).toFixed(0)} ms`;
  say(
    `${what}: ${seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of CPU; others waited ${ms(waits.percentile(99))} (p99), ${ms(waits.max)} at most`,
  );
}

for (const [name, others] of [
  ['shifts, a count, a keep time', ''],
  ['and a rule that reads now', TIRED],
]) {
  const store = new MemoryStore();
  const before = rulesWith(3, others);
  const world = await createWorkers(store, before);
  const around = { world, shared: {}, pauses: [] };
  say(`${size} Workers × 5 channels, ${name}`);
  await measured('  one look at each, without a break', async () => {
    const page = await store.listWorkers(size);
    for (const { value } of page.workers) planPass(before, value as never, world, AT);
  });
  await measured('  plan of another set', async () => {
    const after = { rules: rulesWith(4, others), ...around };
    const sources = { at: AT, observing: false, before: { rules: before, ...around }, after };
    const found = await compareSets({ store, ...sources });
    say(`    ${found.looked} looked at, ${found.within.channels} Worker Channels set differently`);
  });
  await measured('  timeline', async () => {
    const timeline = new Timeline({
      ...{
        store,
        clock: { now: () => AT },
        lookaheadSources: () => around,
        observing: () => false,
      },
    });
    const found = await timeline.now(before);
    say(`    ${found.looked} looked at`);
  });
}
say(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
