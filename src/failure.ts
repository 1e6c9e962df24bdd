// The kinds of failed calls to TaskRouter, each with its own way to retry.

/**
 * throttled: 429, try when it says. unavailable: 5xx, or an answer that is not to be understood.
 * network: no answer came, so a write may or may not have happened. gone: 404. refused: 401 or 403.
 * invalid: any other 4xx, trying again cannot help.
 */
export type FailureKind = 'throttled' | 'unavailable' | 'network' | 'gone' | 'refused' | 'invalid';

export class Failure extends Error {
  readonly kind: FailureKind;
  /** How long the far side asked us to wait, where it did. */
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
