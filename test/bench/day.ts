// The seeded day over many seeds, with the sample rules and without: `npm run bench:day`. By
// default the seeds are 1 to 20; try changes to the floor or the samples on others (from 1001 on).
//
//   npm run bench:day -- [seeds] [workers] [tasks] [first seed]

import { join, resolve } from 'node:path';
import { type DayResult, runDay } from '../../src/cli/day.ts';
import type { RuleSet } from '../../src/core/rules.ts';
import { percentile } from '../../src/emulator/floor/metrics.ts';
import { loadRules } from '../../src/language/folder.ts';

interface Run {
  readonly seed: number;
  readonly without: DayResult;
  readonly ruled: DayResult;
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const [seeds = 20, workers = 200, tasks = 5_000, first = 1] = process.argv.slice(2).map(Number);
const { ruleSet } = await loadRules(join(resolve('.'), 'rules'));
if (ruleSet === null) throw new Error('the sample rules have mistakes');

say(`${workers} Workers, about ${tasks} Tasks, the rules of ./rules`);
say('| seed | answered in time | | strain, p95, min | | changes | CPU s | |');
say('|---|---|---|---|---|---|---|---|');
say('| | without | with | without | with | | without | with |');
const runs: Run[] = [];
let slowest = 0;
for (let seed = first; seed < first + seeds; seed += 1) runs.push(oneDay(seed, ruleSet));
summary(runs);

function oneDay(seed: number, rules: RuleSet): Run {
  const timed = (set: RuleSet | null): [DayResult, number] => {
    const began = process.cpuUsage();
    const result = runDay({ seed, workers, tasks, rules: set });
    const { user, system } = process.cpuUsage(began);
    return [result, (user + system) / 1e6];
  };
  const [without, bare] = timed(null);
  const [ruled, full] = timed(rules);
  slowest = Math.max(slowest, full);
  const [a, b] = [without.figures, ruled.figures];
  const cells = [
    seed,
    share(a.serviceLevel),
    share(b.serviceLevel),
    a.strainP95Min.toFixed(0),
    b.strainP95Min.toFixed(0),
    ruled.writes.length,
    bare.toFixed(1),
    full.toFixed(1),
  ];
  say(`| ${cells.join(' | ')} |`);
  return { seed, without, ruled };
}

function summary(all: readonly Run[]): void {
  const median = (values: readonly number[]) => percentile(values, 0.5);
  const level = (pick: (run: Run) => DayResult) =>
    share(median(all.map((run) => pick(run).figures.serviceLevel)));
  const strain = (pick: (run: Run) => DayResult) =>
    median(all.map((run) => pick(run).figures.strainP95Min)).toFixed(0);
  const without = (run: Run) => run.without;
  const ruled = (run: Run) => run.ruled;
  const better = all.filter(
    (run) => run.ruled.figures.serviceLevel > run.without.figures.serviceLevel,
  ).length;
  const calmer = all.filter(
    (run) => run.ruled.figures.strainP95Min <= run.without.figures.strainP95Min,
  ).length;
  say(
    `median: answered in time ${level(without)} without, ${level(ruled)} with; strain p95 ${strain(without)} min without, ${strain(ruled)} min with`,
  );
  say(
    `with rules: service level better on ${better} of ${all.length} days, strain no worse on ${calmer}; slowest day ${slowest.toFixed(1)} s of CPU`,
  );
}

function share(value: number): string {
  return `${(value * 100).toFixed(2)} %`;
}
