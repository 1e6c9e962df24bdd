// `headroom pause`, `resume`, `release`, `resync` and `reload`: orders to the running daemon, and
// its answer in a few lines or as its own JSON.

import { parseSpan, spanMs } from '../core/schedule/span.ts';
import { instantOf } from '../core/schedule/zone.ts';
import type { ReleaseAnswer } from '../daemon/wire-orders.ts';
import { callApi } from './api.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { type PauseView, pausedText, scopeText, workerNames } from './pause-text.ts';
import { counted } from './show-problems.ts';
import { findWorkerSid, orderAuthor } from './worker-lookup.ts';

type Holdings = ReleaseAnswer['release'];

export interface OrderOptions {
  readonly rule?: string;
  readonly channel?: string;
  readonly until?: string;
  readonly for?: string;
  readonly reason?: string;
  readonly by?: string;
  readonly all?: true;
  readonly json?: true;
}

export async function pause(
  worker: string | undefined,
  options: OrderOptions,
  io: Io,
): Promise<Exit> {
  const wrong = scopeMisuse(worker, options);
  if (wrong !== null) return failWith(wrong, EXIT.misused, io);
  const until = untilOf(options, io);
  if (until === false) return EXIT.misused;
  if (options.reason === undefined)
    return missingOption('--reason', 'a reason, shown to everybody who sees the pause', io);
  const scope = await scopeOf(worker, options, io);
  if (!scope.ok) return scope.exit;
  const end = until === null ? {} : { until };
  const order = { ...scope.body, ...end, reason: options.reason, by: orderAuthor(options.by, io) };
  return await sendOrder({ path: '/api/v1/pause', order, options }, io, async (body) => {
    const { pause } = body as { pause: PauseView };
    return [`paused: ${pausedText(pause, await workerNames([pause], io))}`];
  });
}

export async function resume(
  worker: string | undefined,
  options: OrderOptions,
  io: Io,
): Promise<Exit> {
  const wrong = scopeMisuse(worker, options);
  if (wrong !== null) return failWith(wrong, EXIT.misused, io);
  const scope = await scopeOf(worker, options, io);
  if (!scope.ok) return scope.exit;
  const order = { ...scope.body, by: orderAuthor(options.by, io) };
  const answer = await callApi('/api/v1/resume', io, order);
  if (!answer.ok) return answer.exit;
  const { resumed, paused } = answer.body as { resumed: PauseView | null; paused: PauseView[] };
  const names = await workerNames([...(resumed === null ? [] : [resumed]), ...paused], io);
  if (options.json) io.out(JSON.stringify(answer.body, null, 2));
  else if (resumed !== null) {
    io.out(`resumed: ${scopeText(resumed, names)}`);
    for (const each of paused) io.out(`still paused: ${pausedText(each, names)}`);
  }
  if (resumed !== null) return EXIT.done;
  const found = paused.map((each) => `  ${pausedText(each, names)}`);
  return failWith(notPaused(worker, options, found), EXIT.failed, io);
}

/** Also lists the pauses in effect: one of another scope may be what still holds writes back. */
function notPaused(
  worker: string | undefined,
  { rule, channel }: OrderOptions,
  found: readonly string[],
): string {
  const meant =
    rule !== undefined
      ? `rule ${rule}`
      : [worker ?? 'everything', channel].filter(Boolean).join(' ');
  const sentence = `Nothing is paused with exactly this scope: ${meant}.`;
  return [sentence, found.length === 0 ? 'Nothing is paused.' : 'Paused:', ...found].join('\n');
}

export async function release(
  worker: string | undefined,
  options: OrderOptions,
  io: Io,
): Promise<Exit> {
  const wrong = releaseMisuse(worker, options);
  if (wrong !== null) return failWith(wrong, EXIT.misused, io);
  const scope = await scopeOf(worker, options, io);
  if (!scope.ok) return scope.exit;
  const reason = options.reason ?? 'released from the command line';
  const order = { ...scope.body, reason, by: orderAuthor(options.by, io) };
  return await sendOrder({ path: '/api/v1/release', order, options }, io, async (body) => {
    const { pause, release } = body as ReleaseAnswer;
    const names = await workerNames([pause], io);
    return [`paused: ${pausedText(pause, names)}`, ...releasedLines(release, 'being restored')];
  });
}

/** What a pause or its end cannot name together, in the command's own words. */
function scopeMisuse(worker: string | undefined, { rule, channel }: OrderOptions): string | null {
  if (rule !== undefined && worker !== undefined) {
    return `--rule cannot be combined with the Worker "${worker}".`;
  }
  if (rule !== undefined && channel !== undefined)
    return '--rule cannot be combined with --channel.';
  return worker === undefined && channel !== undefined ? channelAlone(channel) : null;
}

function channelAlone(channel: string): string {
  return `--channel is "${channel}": also name the Worker.`;
}

/** A release has to name exactly one target: everything, or a Worker. */
export function releaseMisuse(
  worker: string | undefined,
  { all, channel }: OrderOptions,
): string | null {
  if (worker === undefined && all === undefined) {
    return 'WORKER is missing: expected a Worker, or --all to restore everything.';
  }
  if (worker !== undefined && all !== undefined) {
    return `--all cannot be combined with the Worker "${worker}".`;
  }
  if (worker !== undefined || channel === undefined) return null;
  return channelAlone(channel);
}

export async function resync(options: OrderOptions, io: Io): Promise<Exit> {
  return await sendOrder({ path: '/api/v1/resync', order: {}, options }, io, () => [
    'resync started; "headroom status" shows when it has ended',
  ]);
}

export async function reload(options: OrderOptions, io: Io): Promise<Exit> {
  const answer = await callApi('/api/v1/reload', io, {});
  const body = answer.body as
    | { id?: string; rules?: number; faults?: readonly Fault[] }
    | undefined;
  if (options.json && body !== undefined) io.out(JSON.stringify(body, null, 2));
  else {
    for (const { file, line, column, severity, message } of body?.faults ?? []) {
      io.err(`${file}:${line}:${column}: ${severity}: ${message}`);
    }
    if (answer.ok) io.out(`in force: set ${body?.id}, ${counted(body?.rules ?? 0, 'rule')}`);
  }
  return answer.ok ? EXIT.done : answer.exit;
}

export interface Fault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly severity: string;
  readonly message: string;
}

interface OrderRequest {
  readonly path: string;
  readonly order: object;
  readonly options: OrderOptions;
}

async function sendOrder(
  { path, order, options }: OrderRequest,
  io: Io,
  lines: (body: unknown) => readonly string[] | Promise<readonly string[]>,
): Promise<Exit> {
  const answer = await callApi(path, io, order);
  if (!answer.ok) return answer.exit;
  if (options.json) io.out(JSON.stringify(answer.body, null, 2));
  else for (const line of await lines(answer.body)) io.out(line);
  return EXIT.done;
}

function failWith(sentence: string, exit: Exit, io: Io): Exit {
  io.err(sentence);
  return exit;
}

function missingOption(what: string, why: string, io: Io): Exit {
  io.err(`${what} is missing: expected ${why}.`);
  return EXIT.misused;
}

async function scopeOf(worker: string | undefined, { rule, channel }: OrderOptions, io: Io) {
  const more = { ...(rule !== undefined && { rule }), ...(channel !== undefined && { channel }) };
  if (worker === undefined) return { ok: true as const, body: more };
  const found = await findWorkerSid(worker, io);
  return found.ok ? { ok: true as const, body: { ...more, worker: found.sid } } : found;
}

/** false: not an instant, which has been reported. Without an offset it is this machine's time. */
function untilOf(options: OrderOptions, io: Io): string | null | false {
  const { until, for: length } = options;
  if (until === undefined && length === undefined) return null;
  const span = length === undefined ? null : parseSpan(length);
  if (length !== undefined && span === null) {
    io.err(`--for is "${length}": expected a length of time such as 30m or 2h.`);
    return false;
  }
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const at = span === null ? instantOf(until ?? '', here) : Date.now() + spanMs(span);
  if (at !== null) return new Date(at).toISOString();
  io.err(`--until is "${until}": expected an instant such as 2026-06-10T09:00.`);
  return false;
}

/** `how`: a daemon restores them one by one after its answer. */
export function releasedLines(
  { channels, edits, unknown, more }: Holdings,
  how: 'restored' | 'being restored',
): readonly string[] {
  const named = ({ worker, friendlyName, channel }: Holdings['edits'][number]) =>
    `  ${friendlyName ?? worker} ${channel}`;
  return [
    `${counted(channels, 'Worker Channel')} ${channels === 1 ? `is ${how} to its baseline` : `are ${how} to their baselines`}`,
    ...(edits.length > 0 ? ['left alone, because set by a person:', ...edits.map(named)] : []),
    ...(unknown.length > 0
      ? ['left alone, because their baseline is unknown:', ...unknown.map(named)]
      : []),
    ...(more > 0 ? [`  and ${more} more of these`] : []),
  ];
}
