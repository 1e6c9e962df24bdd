// The running daemon as the command line sees it: one request to its API, and in plain words what
// is missing when there is no answer.

import { type Config, readConfig } from '../config.ts';
import { EXIT, type Exit, type Io } from './io.ts';

const TIMEOUT_MS = 10_000;

export type Answer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly exit: Exit };

/** `GET path` at `HEADROOM_URL`. What went wrong is already told when it answers `ok: false`. */
export async function ask(path: string, io: Io): Promise<Answer> {
  const read = readConfig(io.env);
  if ('problems' in read) {
    for (const problem of read.problems) io.err(problem);
    return { ok: false, exit: EXIT.misused };
  }
  const { config } = read;
  try {
    const response = await fetch(`${config.url}${path}`, {
      headers: headersOf(config),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const body: unknown = await response.json();
    if (response.ok) return { ok: true, body };
    io.err(refusal(response.status, body, config));
  } catch (error) {
    io.err(
      `no daemon answers at ${config.url} (${causeOf(error)}): start one with "headroom start", or set HEADROOM_URL.`,
    );
  }
  return { ok: false, exit: EXIT.failed };
}

function headersOf(config: Config): Record<string, string> {
  const token = config.adminToken?.reveal();
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

function refusal(status: number, body: unknown, config: Config): string {
  const detail =
    typeof body === 'object' && body !== null && 'detail' in body ? `: ${body.detail}` : '';
  if (status !== 401 && status !== 403) return `${config.url} answered ${status}${detail}`;
  const token =
    config.adminToken === null
      ? 'HEADROOM_ADMIN_TOKEN is not set'
      : 'HEADROOM_ADMIN_TOKEN is not the one it knows';
  return `${config.url} asks for a token, and ${token} here.`;
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
