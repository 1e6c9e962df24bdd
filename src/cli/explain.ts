// `headroom explain` on files alone: a Worker from a JSON file, the rules from their folder and an
// instant; and why each of the Worker's channels is set as it is.

import { readFile } from 'node:fs/promises';
import { isUnknown } from '../core/facts.ts';
import type { RuleSet } from '../core/rules.ts';
import { instantOf, zoneFor } from '../core/schedule/zone.ts';
import { loadRules } from '../language/folder.ts';
import { explain as explaining } from '../trial/explain.ts';
import { explanationLines } from '../trial/explain-lines.ts';
import { readWorker, type WorkerFile } from '../trial/worker-file.ts';
import { rulesFolder } from './check.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { showProblem, unreadableFile } from './show-problems.ts';

export interface ExplainOptions {
  /** A JSON file. */
  readonly worker?: string;
  readonly channel?: string;
  /** An instant, or a wall-clock time in the zone of the rules; undefined: now. */
  readonly at?: string;
  readonly rules?: string;
  readonly json?: true;
}

export async function explain(options: ExplainOptions, io: Io): Promise<Exit> {
  if (options.worker === undefined) {
    io.err(
      'WORKER is missing: name one, such as headroom explain "Ana Silva", or use --worker FILE without a daemon.',
    );
    return EXIT.misused;
  }
  const worker = await workerFrom(options.worker, io);
  const rules = worker === null ? null : await rulesFrom(rulesFolder(options.rules, io), io);
  if (worker === null || rules === null) return EXIT.failed;
  const at = options.at === undefined ? Date.now() : instantOf(options.at, zoneOf(rules));
  if (at === null) {
    io.err(badInstant(options.at ?? ''));
    return EXIT.misused;
  }
  const state = worker.state(at);
  const { channel } = options;
  if (channel !== undefined && !Object.hasOwn(state.channels, channel)) {
    const known = Object.keys(state.channels).join(', ');
    io.err(`--channel is "${channel}": the Worker has no such Worker Channel; it has ${known}.`);
    return EXIT.misused;
  }
  const found = explaining({ rules, state, world: worker.world(rules), at }, channel);
  if (options.json) io.out(JSON.stringify(found, null, 2));
  else for (const line of explanationLines(found)) io.out(line);
  return EXIT.done;
}

export function badInstant(text: string): string {
  return `--at is "${text}": expected an instant such as 2026-06-10T09:00.`;
}

function zoneOf(rules: RuleSet): string {
  const zone = zoneFor(rules.defaults.zone, {});
  return isUnknown(zone) ? 'UTC' : zone;
}

async function workerFrom(file: string, io: Io): Promise<WorkerFile | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    io.err(unreadableFile(file, error));
    return null;
  }
  const read = readWorker(text);
  if (read.ok) return read.worker;
  for (const problem of read.problems) io.err(`${file}: ${problem}`);
  return null;
}

async function rulesFrom(folder: string, io: Io): Promise<RuleSet | null> {
  const { ruleSet, diagnostics } = await loadRules(folder);
  if (ruleSet !== null) return ruleSet;
  for (const diagnostic of diagnostics) {
    for (const line of showProblem(diagnostic, folder, new Map())) io.err(line);
  }
  return null;
}
