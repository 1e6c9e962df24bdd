// `headroom demo`: first live, a daemon beside an emulated TaskRouter, with a story explained on
// the way; then a whole day of a larger contact centre on a virtual clock, with and without rules.

import { fileURLToPath } from 'node:url';
import type { RuleSet } from '../core/rules.ts';
import { loadRules } from '../language/folder.ts';
import { type DayPlan, type DayResult, dayInSteps } from './day.ts';
import { dayTable, overloadLines } from './day-report.ts';
import { playLive } from './demo-live.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { whileRunning } from './lifecycle.ts';
import { showProblem } from './show-problems.ts';

export interface DemoOptions {
  readonly dayOnly?: true;
  readonly seed: string;
  readonly workers: string;
  readonly tasks: string;
  readonly rules?: string;
  readonly json?: true;
}

/** Source lines are left to `headroom check`. */
const NO_SOURCES = new Map<string, never>();
/** The shipped samples, wherever headroom is installed. */
const SAMPLES = fileURLToPath(new URL('../../rules', import.meta.url));

export async function demo(options: DemoOptions, io: Io): Promise<Exit> {
  const problems = problemsOf(options);
  if (problems.length > 0) {
    for (const problem of problems) io.err(problem);
    return EXIT.misused;
  }
  const folder = options.rules ?? SAMPLES;
  const { ruleSet, diagnostics } = await loadRules(folder);
  if (ruleSet === null) {
    const [first] = diagnostics.filter(({ severity }) => severity === 'error');
    if (first !== undefined)
      for (const line of showProblem(first, folder, NO_SOURCES)) io.err(line);
    io.err(`for all mistakes: headroom check ${folder}`);
    return EXIT.failed;
  }
  return await whileRunning((signal) => play(options, ruleSet, io, signal));
}

function problemsOf({ seed, workers, tasks, json, dayOnly }: DemoOptions): readonly string[] {
  const number = (name: string, text: string, [least, most]: readonly [number, number]) =>
    /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most
      ? []
      : [`--${name} is ${JSON.stringify(text)}: expected a number from ${least} to ${most}.`];
  return [
    ...number('seed', seed, [0, 999_999_999]),
    ...number('workers', workers, [4, 1_000]),
    ...number('tasks', tasks, [1, 50_000]),
    ...(json && !dayOnly ? ['--json covers only the day: add --day-only.'] : []),
  ];
}

async function play(
  options: DemoOptions,
  rules: RuleSet,
  io: Io,
  signal: AbortSignal,
): Promise<Exit> {
  if (!options.dayOnly) {
    io.out('Live: about two minutes, on real clocks. Ctrl-C ends it at any time.');
    await playLive(io, signal);
    if (signal.aborted) return EXIT.done;
  }
  const plan = {
    seed: Number(options.seed),
    workers: Number(options.workers),
    tasks: Number(options.tasks),
  };
  if (!options.json) {
    io.out(
      `\nA whole day on a virtual clock: ${plan.workers} Workers, about ${plan.tasks} customers, seed ${plan.seed}:`,
    );
    io.out('once without rules and once with them. The customers are the same both times.');
  }
  const without = await runDayInSlices({ ...plan, rules: null }, signal);
  const ruled = without === null ? null : await runDayInSlices({ ...plan, rules }, signal);
  if (without === null || ruled === null) return EXIT.done;
  if (options.json) {
    const both = { ...plan, without: without.figures, with: ruled.figures };
    io.out(JSON.stringify({ ...both, changes: ruled.writes.length }, null, 2));
    return EXIT.done;
  }
  for (const line of overloadLines(ruled.writes)) io.out(line);
  for (const line of dayTable(without, ruled)) io.out(line);
  return EXIT.done;
}

/** Runs in slices, so that Ctrl-C works meanwhile. null: it was pressed. */
async function runDayInSlices(plan: DayPlan, signal: AbortSignal): Promise<DayResult | null> {
  const steps = dayInSteps(plan);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (signal.aborted) return null;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
