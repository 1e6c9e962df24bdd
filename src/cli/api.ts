// The running daemon as seen from the command line: one request to its API, and a plain explanation
// when there is no answer.

import { type Config, readConfig } from '../config.ts';
import { EXIT, type Exit, type Io } from './io.ts';

const TIMEOUT_MS = 10_000;

export type ApiResult =
  | { readonly ok: true; readonly body: unknown }
  /** `body`: the refusal's body, for callers that need more than its sentence. */
  | { readonly ok: false; readonly exit: Exit; readonly body?: unknown };

/**
 * `GET path` at `HEADROOM_URL`, or a `POST` of `order`. With `ok: false` the problem has already
 * been reported.
 */
export async function callApi(
  path: string,
  io: Io,
  order?: object,
  patienceMs: number = TIMEOUT_MS,
): Promise<ApiResult> {
  const read = readConfig(io.env);
  if ('problems' in read) {
    for (const problem of read.problems) io.err(problem);
    return { ok: false, exit: EXIT.misused };
  }
  const { config } = read;
  try {
    const response = await fetch(`${config.url}${path}`, {
      ...requestOf(config, order),
      signal: AbortSignal.timeout(patienceMs),
    });
    const body: unknown = await response.json();
    if (response.ok) return { ok: true, body };
    io.err(refusal(response.status, body, config));
    return { ok: false, exit: exitOf(response.status), body };
  } catch (error) {
    io.err(
      `no daemon answered at ${config.url} (${causeOf(error)}): start one with "headroom start", or set HEADROOM_URL.`,
    );
  }
  return { ok: false, exit: EXIT.failed };
}

/** 400 and 404 are the caller's mistakes, 422 means findings; anything else is a failure. */
function exitOf(status: number): Exit {
  if (status === 422) return EXIT.findings;
  return status === 400 || status === 404 ? EXIT.misused : EXIT.failed;
}

function requestOf(config: Config, order: object | undefined): RequestInit {
  const token = config.adminToken?.reveal();
  const headers: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  if (order === undefined) return { headers };
  headers['content-type'] = 'application/json';
  return { method: 'POST', headers, body: JSON.stringify(order) };
}

function refusal(status: number, body: unknown, config: Config): string {
  const detail =
    typeof body === 'object' && body !== null && 'detail' in body ? `: ${body.detail}` : '';
  if (status === 403) return `${config.url} does not allow this${detail}`;
  // The caller's mistake, in a sentence that needs no address.
  if (exitOf(status) !== EXIT.failed && detail !== '') return detail.slice(2);
  if (status !== 401) return `${config.url} answered ${status}${detail}`;
  const token =
    config.adminToken === null
      ? 'HEADROOM_ADMIN_TOKEN is not set'
      : 'HEADROOM_ADMIN_TOKEN is not valid there';
  return `${config.url} requires a token, but ${token}.`;
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
