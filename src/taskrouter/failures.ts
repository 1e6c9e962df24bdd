// Sorts what can go wrong with a REST call into the kinds of `Failure`, each with its own way to
// retry. This is the only place that does: all others read `kind`.

import { Failure, type FailureKind } from '../ports.ts';

/** The parts of an HTTP answer that sorting needs. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: unknown;
  readonly body: unknown;
}

/** The Failure of an answer, or null if it is a good one. `now` is epoch ms. */
export function failureOfAnswer(answer: Answer, now: number): Failure | null {
  const { statusCode: status, body } = answer;
  const said = isObject(body) ? body : null;
  if (status >= 200 && status < 300) {
    if (said !== null) return null;
    return new Failure('unavailable', `TaskRouter answered ${status} without JSON`, { status });
  }
  const code = typeof said?.code === 'number' ? said.code : null;
  const sentence = [said?.message, said?.detail, said?.title].find(
    (each) => typeof each === 'string',
  );
  const message = `TaskRouter answered ${status}${code === null ? '' : ` (${code})`}`;
  return new Failure(
    kindOf(status, said !== null),
    sentence ? `${message}: ${sentence}` : message,
    {
      status,
      code,
      retryAfterMs: retryAfterMs(header(answer.headers, 'retry-after'), now),
    },
  );
}

function kindOf(status: number, isJson: boolean): FailureKind {
  if (status === 429) return 'throttled';
  if (status === 401 || status === 403) return 'refused';
  // A 404 without JSON comes from something in between, and must not make us forget a Worker.
  if (status === 404) return isJson ? 'gone' : 'unavailable';
  // Like no answer, it leaves open whether a write was made.
  if (status === 408) return 'network';
  if (status >= 400 && status < 500) return 'invalid';
  // 5xx, and redirects: TaskRouter sends none, so one cannot be understood.
  return 'unavailable';
}

/** The Failure of a request without an answer. `timeoutMs` is the time that it had. */
export function failureOfNoAnswer(error: unknown, timeoutMs: number): Failure {
  if (error instanceof Failure) return error;
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  // What axios reports for an answer longer than we accept.
  if (code === 'ERR_BAD_RESPONSE') return new Failure('unavailable', `TaskRouter: ${text}`);
  const late = code === 'ECONNABORTED' || code === 'ETIMEDOUT' || code === 'ERR_CANCELED';
  const message = late
    ? `TaskRouter did not answer within ${timeoutMs} ms`
    : `TaskRouter could not be reached: ${text}`;
  // The HTTP client's own error contains the request with its credentials: only text is kept.
  return new Failure('network', message, { cause: new Error(code === null ? text : code) });
}

/** The Failure of an answer that the SDK or our own checks could not read. */
export function failureOfReading(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new Failure('unavailable', `TaskRouter's answer cannot be read: ${text}`);
}

/** `Retry-After` in ms: whole seconds or an HTTP date; null if it is absent or neither. */
export function retryAfterMs(value: unknown, now: number): number | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const written = String(value).trim();
  if (/^\d{1,9}(\.\d+)?$/.test(written)) return Math.ceil(Number(written) * 1000);
  const at = /[a-z]/i.test(written) ? Date.parse(written) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

function header(headers: unknown, name: string): unknown {
  return isObject(headers) ? headers[name] : undefined;
}

function codeOf(error: unknown): string | null {
  return isObject(error) && typeof error.code === 'string' ? error.code : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
