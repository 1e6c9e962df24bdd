// Many histories in memory: `npm run histories -- 5000 [seed [path]]`, of one Worker and of several
// (KIND=alone, KIND=several: only these). Exits with 1 at the first that breaks a law, and prints it
// shrunk, with what it broke and how to reproduce it.

import fc from 'fast-check';
import type { Entry } from '../model/history.ts';
import { yamlOf } from '../model/yaml.ts';
import { multiWorkerPlots } from './multi-worker-plots.ts';
import { type Course, runHistory } from './run.ts';
import { type Plot, plots, type Step } from './steps.ts';

const [count = '5000', seedGiven, path] = process.argv.slice(2);
const numRuns = Number(count);
const seed = Number(seedGiven ?? Date.now() % 0x7fffffff);
if (!Number.isSafeInteger(numRuns) || numRuns < 1 || !Number.isSafeInteger(seed)) {
  say('expected: histories COUNT [SEED [PATH]], both whole numbers');
  process.exit(2);
}

/** Of one Worker, of several, or by default of both. */
const KINDS: Readonly<Record<string, fc.Arbitrary<Plot>>> = {
  alone: plots,
  several: multiWorkerPlots,
};
const both = fc.oneof({ weight: 2, arbitrary: plots }, { weight: 1, arbitrary: multiWorkerPlots });
const histories = KINDS[process.env.KIND ?? ''] ?? both;

const began = performance.now();
const total: Course = { writes: 0, deaths: 0, events: 0, troubles: 0 };
const result = await fc.check(
  fc.asyncProperty(histories, async (plot) => {
    const { wrong, course } = await runHistory(plot);
    for (const key of Object.keys(total) as (keyof Course)[]) total[key] += course[key];
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
  }),
  {
    ...{ numRuns, seed, endOnFailure: process.env.SHRINK === 'no' },
    ...(path !== undefined && { path }),
  },
);
const seconds = ((performance.now() - began) / 1000).toFixed(1);
if (result.failed) {
  const { counterexample, counterexamplePath, errorInstance } = result;
  const [plot] = counterexample ?? [];
  say(yaml(plot));
  if (plot !== undefined) say(...(await runHistory(plot)).loop.history.map(line));
  say(errorInstance instanceof Error ? (errorInstance.stack ?? '') : String(errorInstance));
  say(`broken after ${result.numRuns} histories, shrunk ${result.numShrinks} times`);
  say(`again: npm run histories -- 1 ${seed} ${counterexamplePath}`);
  // Not `exit`: in a pipe that is read slowly, the end of this output would be lost.
  process.exitCode = 1;
} else {
  const { writes, deaths, events, troubles } = total;
  say(
    `${numRuns} histories from seed ${seed} in ${seconds} s: ${events} events, ${writes} writes, ${deaths} crashes, ${troubles} troubled calls; all laws held`,
  );
}

/** Rules as YAML, the rest as data. */
function yaml(plot: Plot | undefined): string {
  if (plot === undefined) return '';
  const { rules, steps, ...rest } = plot;
  const step = ({ what, ...more }: Step) => {
    const { kind, ...of } = what;
    const told = 'rules' in of ? `\n${yamlOf(of.rules)}` : JSON.stringify(of);
    return `${kind} ${told} ${JSON.stringify(more)}`;
  };
  return [yamlOf(rules), JSON.stringify(rest), ...steps.map(step)].join('\n');
}

function line({ at, ...entry }: Entry): string {
  return `${new Date(at).toISOString().slice(11, 23)} ${JSON.stringify(entry).slice(0, 240)}`;
}

function say(...lines: readonly string[]): void {
  for (const each of lines) process.stdout.write(`${each}\n`);
}
