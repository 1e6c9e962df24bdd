// The kinds of failed calls to TaskRouter, each with its own way to retry.

/**
 * throttled: 429, retry when it says. unavailable: 5xx, or an answer that cannot be parsed.
 * network: no answer, or 408: a write may or may not have been made. gone: 404. refused: 401 or
 * 403. invalid: any other 4xx; a retry cannot help.
 */
export type FailureKind = 'throttled' | 'unavailable' | 'network' | 'gone' | 'refused' | 'invalid';

export class Failure extends Error {
  readonly kind: FailureKind;
  /** How long TaskRouter asked us to wait, if it did. */
  readonly retryAfterMs: number | null;
  readonly status: number | null;
  /** Twilio's own error code, e.g. 20404. */
  readonly code: number | null;
  constructor(
    kind: FailureKind,
    message: string,
    details: {
      retryAfterMs?: number | null;
      status?: number | null;
      code?: number | null;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'Failure';
    this.kind = kind;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.status = details.status ?? null;
    this.code = details.code ?? null;
  }
}
