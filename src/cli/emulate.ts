// `headroom emulate`: the emulator alone, until it is stopped. It reads account, token and
// Workspace from the same variables as the daemon, or generates its own, and prints what to set.

import { isSid } from '../core/ids.ts';
import { type Emulator, startEmulator } from '../emulator/emulator.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { untilStopped } from './lifecycle.ts';

export interface EmulateOptions {
  readonly port: string;
  readonly host: string;
  readonly callback?: string;
  readonly floor: string;
  readonly seed: string;
  readonly workers?: string;
  readonly tasks?: string;
  readonly speed?: string;
}

const FLOORS = ['none', 'small', 'large'] as const;
/** Options of the large floor only, each with its minimum and maximum. */
const LARGE_ONLY = { workers: [4, 1_000], tasks: [1, 50_000], speed: [1, 100] } as const;

export async function emulate(options: EmulateOptions, io: Io): Promise<Exit> {
  const problems = problemsOf(options, io);
  if (problems.length > 0) {
    for (const problem of problems) io.err(problem);
    return EXIT.misused;
  }
  let emulator: Emulator;
  try {
    emulator = await startEmulator({
      host: options.host,
      port: Number(options.port),
      seed: Number(options.seed),
      floor: options.floor as (typeof FLOORS)[number],
      workers: numberOf(options.workers),
      tasks: numberOf(options.tasks),
      speed: numberOf(options.speed),
      eventCallbackUrl: options.callback,
      accountSid: io.env.TWILIO_ACCOUNT_SID || undefined,
      authToken: io.env.TWILIO_AUTH_TOKEN || undefined,
      workspaceSid: io.env.TWILIO_WORKSPACE_SID || undefined,
      apiKey: io.env.TWILIO_API_KEY || undefined,
      apiSecret: io.env.TWILIO_API_SECRET || undefined,
      log: (line) => io.out(line),
    });
  } catch (error) {
    io.err(`the emulator cannot start: ${whyNot(error, options)}`);
    return EXIT.failed;
  }
  for (const line of introduction(emulator)) io.out(line);
  return await untilStopped(() => emulator.stop());
}

function whyNot(error: unknown, { host, port }: EmulateOptions): string {
  const taken = error instanceof Error && Reflect.get(error, 'code') === 'EADDRINUSE';
  if (taken) return `port ${port} of ${host} is taken; choose another with --port, or 0 for any`;
  return error instanceof Error ? error.message : String(error);
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function problemsOf(options: EmulateOptions, io: Io): readonly string[] {
  const problems: string[] = [];
  const number = (name: string, text: string, most: number, least = 0) => {
    if (!/^\d{1,9}$/.test(text) || Number(text) > most || Number(text) < least) {
      problems.push(
        `--${name} is ${JSON.stringify(text)}: expected a whole number from ${least} to ${most}.`,
      );
    }
  };
  number('port', options.port, 65_535);
  number('seed', options.seed, 999_999_999);
  if (!FLOORS.some((known) => known === options.floor)) {
    problems.push(
      `--floor is ${JSON.stringify(options.floor)}: expected ${FLOORS.slice(0, -1).join(', ')} or ${FLOORS.at(-1)}.`,
    );
  }
  for (const [name, [least, most]] of Object.entries(LARGE_ONLY)) {
    const text = options[name as keyof typeof LARGE_ONLY];
    if (text === undefined) continue;
    number(name, text, most, least);
    if (options.floor !== 'large') problems.push(`--${name} needs --floor large.`);
  }
  if (options.callback !== undefined && !/^https?:\/\/[^/]/.test(options.callback)) {
    problems.push(
      `--callback is ${JSON.stringify(options.callback)}: expected an http or https URL.`,
    );
  }
  for (const [name, prefix] of [
    ['TWILIO_ACCOUNT_SID', 'AC'],
    ['TWILIO_WORKSPACE_SID', 'WS'],
    ['TWILIO_API_KEY', 'SK'],
  ] as const) {
    const found = io.env[name];
    if (found && !isSid(prefix, found)) {
      problems.push(
        `${name} is ${JSON.stringify(found)}: expected "${prefix}" and 32 hexadecimal digits.`,
      );
    }
  }
  return problems;
}

function introduction(emulator: Emulator): readonly string[] {
  return [
    `emulated TaskRouter on ${emulator.url} (not Twilio: nothing here is real)`,
    'to point a daemon or the SDK at it:',
    `  TASKROUTER_BASE_URL=${emulator.url}`,
    `  TWILIO_ACCOUNT_SID=${emulator.accountSid}`,
    `  TWILIO_AUTH_TOKEN=${emulator.authToken}`,
    `  TWILIO_WORKSPACE_SID=${emulator.workspaceSid}`,
    'it sends events to the --callback URL; for a daemon on its default port:',
    '  --callback http://127.0.0.1:3000/webhooks/taskrouter',
    `calls: ${emulator.url}/emulator/calls   deliveries: ${emulator.url}/emulator/deliveries`,
  ];
}
