// `headroom backtest`: what these rules would have written for past events, from TaskRouter's event
// history or from a file. Writes nothing anywhere.

import { readFile } from 'node:fs/promises';
import { readConfig } from '../config.ts';
import type { DeliveryFields } from '../core/delivery-fields.ts';
import { RESERVATION_EVENTS } from '../core/event.ts';
import type { RuleSet } from '../core/rules.ts';
import { formatSpan, parseSpan, spanMs } from '../core/schedule/span.ts';
import { openDirectTaskRouter } from '../daemon/direct-taskrouter.ts';
import { loadRules } from '../language/folder.ts';
import { backtest as backtested } from '../trial/backtest.ts';
import { reportLines, reportOf } from '../trial/backtest-report.ts';
import { readEventFile } from '../trial/event-file.ts';
import { buildHistory, type KnownWorkspace } from '../trial/event-history.ts';
import { rulesFolder, UNREADABLE } from './check.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { counted, showProblem, unreadableFile } from './show-problems.ts';

export interface BacktestOptions {
  /** A length of time, such as 7d. */
  readonly since?: string;
  readonly file?: string;
  readonly rules?: string;
  /** With a file: the names of the Activities that are available, comma-separated. */
  readonly available?: string;
  readonly changes?: true;
  readonly json?: true;
}

interface Source {
  readonly deliveries: readonly DeliveryFields[];
  readonly known: KnownWorkspace;
}

type SourceResult = { readonly source: Source } | { readonly exit: Exit };

/** How long TaskRouter keeps its events. */
const MOST_MS = 30 * 86_400_000;

export async function backtest(options: BacktestOptions, io: Io): Promise<Exit> {
  const wrong = misuse(options);
  if (wrong !== null) return failWith(wrong, EXIT.misused, io);
  const rules = await rulesFrom(rulesFolder(options.rules, io), io);
  if ('exit' in rules) return rules.exit;
  const { since, file } = options;
  const got =
    file === undefined ? await fromHistory(since ?? '', io) : await fromFile(file, options, io);
  if ('exit' in got) return got.exit;
  const history = buildHistory(got.source.deliveries, got.source.known);
  if (history === null) {
    const where = file ?? `the last ${since}`;
    const read = counted(got.source.deliveries.length, 'event');
    const expected = 'expected worker.* or reservation.* events, with TimestampMs and WorkerSid';
    return failWith(`${where}: ${read}, none about a Worker; ${expected}.`, EXIT.findings, io);
  }
  const tested = backtested(rules.set, history);
  const report = reportOf(rules.set, history, tested);
  const changes = options.changes ? tested.changes : null;
  if (options.json) {
    const table = changes?.map((each) => ({ ...each, at: new Date(each.at).toISOString() }));
    io.out(JSON.stringify({ ...report, ...(table && { table }) }, null, 2));
  } else for (const line of reportLines(report, rules.set, changes)) io.out(line);
  return report.restless.length > 0 ? EXIT.findings : EXIT.done;
}

function failWith(sentence: string, exit: Exit, io: Io): Exit {
  io.err(sentence);
  return exit;
}

function misuse({ since, file, available }: BacktestOptions): string | null {
  if ((since === undefined) === (file === undefined)) {
    const found =
      since === undefined
        ? 'neither --since nor --file is given'
        : 'both --since and --file are given';
    return `${found}: expected one, such as --since 7d or --file events.jsonl.`;
  }
  if (since === undefined) return null;
  if (available !== undefined) {
    return '--available cannot be combined with --since: TaskRouter knows which Activities are available.';
  }
  const span = parseSpan(since);
  const ms = span === null ? 0 : spanMs(span);
  if (ms > 0 && ms <= MOST_MS) return null;
  return `--since is "${since}": expected a length such as 7d or 12h, at most ${formatSpan(MOST_MS)}, for which TaskRouter keeps events.`;
}

async function rulesFrom(folder: string, io: Io): Promise<{ set: RuleSet } | { exit: Exit }> {
  const { ruleSet, diagnostics } = await loadRules(folder);
  if (ruleSet !== null) return { set: ruleSet };
  for (const diagnostic of diagnostics) {
    for (const line of showProblem(diagnostic, folder, new Map())) io.err(line);
  }
  const unread = diagnostics.some(({ code }) => UNREADABLE.includes(code));
  return { exit: unread ? EXIT.failed : EXIT.findings };
}

async function fromFile(
  file: string,
  { available }: BacktestOptions,
  io: Io,
): Promise<SourceResult> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return { exit: failWith(unreadableFile(file, error), EXIT.failed, io) };
  }
  const { deliveries, problems } = readEventFile(text);
  for (const problem of problems) io.err(`${file}: ${problem}`);
  if (problems.length > 0) return { exit: EXIT.findings };
  const names = available?.split(',').map((name) => name.trim()) ?? null;
  const workspaceSid = deliveries.find((each) => each.WorkspaceSid)?.WorkspaceSid ?? '';
  const known = { workspaceSid, activities: null, available: names, targets: new Map(), to: null };
  return { source: { deliveries, known } };
}

const TYPES: readonly string[] = [
  'worker.created',
  'worker.deleted',
  'worker.activity.update',
  'worker.attributes.update',
  'worker.capacity.update',
  'worker.channel.availability.update',
  ...RESERVATION_EVENTS,
];

async function fromHistory(since: string, io: Io): Promise<SourceResult> {
  const read = readConfig(io.env);
  if ('problems' in read) {
    for (const problem of read.problems) io.err(problem);
    return { exit: EXIT.misused };
  }
  const { config } = read;
  const direct = openDirectTaskRouter(config);
  if (direct === null || config.workspaceSid === null) {
    const missing = [
      ...(config.accountSid === null ? ['TWILIO_ACCOUNT_SID'] : []),
      ...(config.authToken === null ? ['TWILIO_AUTH_TOKEN'] : []),
      ...(config.workspaceSid === null ? ['TWILIO_WORKSPACE_SID'] : []),
    ];
    const names = missing.join(', ');
    const sentence = `not set: ${names}. TaskRouter's history needs them; --file FILE does not.`;
    return { exit: failWith(sentence, EXIT.misused, io) };
  }
  const to = Date.now();
  const span = parseSpan(since);
  const from = to - (span === null ? 0 : spanMs(span));
  try {
    const { gateway } = direct;
    const deliveries: DeliveryFields[] = [];
    for (const type of TYPES) {
      for await (const page of gateway.pastEvents(type, from, 'read')) deliveries.push(...page);
    }
    const activities = Object.fromEntries(
      (await gateway.activities()).map(({ sid, friendlyName: name, available }) => [
        sid,
        { name, available },
      ]),
    );
    const queues = await gateway.taskQueues();
    const targets = new Map(queues.map((each) => [each.friendlyName, each.targetWorkers]));
    const { workspaceSid } = config;
    return {
      source: { deliveries, known: { workspaceSid, activities, available: null, targets, to } },
    };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return { exit: failWith(`TaskRouter: ${cause}`, EXIT.failed, io) };
  } finally {
    direct.close();
  }
}
