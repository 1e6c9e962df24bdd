// Forwards each genuine delivery to another target (`HEADROOM_FORWARD_URL`), byte for byte, from a
// queue of its own, so that a faulty target never delays or fails an answer to Twilio. What cannot
// be delivered within a stated time is given up, counted, and logged once per episode.

import { createHash } from 'node:crypto';
import type { Forward } from '../core/forward.types.ts';
import type { Log } from '../log.ts';
import { type Clock, type Forwards, QueueFull, RetryLater } from '../ports.ts';
import { parseForm } from './form.ts';
import { LIMITS } from './limits.ts';
import { signUrl } from './verify.ts';

/** What became of a delivery to be forwarded: a closed set, for counters. */
export type ForwardOutcome = 'sent' | 'failed' | GiveUpReason;
export type GiveUpReason = 'refused' | 'expired' | 'queue.full' | 'store.down';

export interface ForwarderOptions {
  readonly url: string;
  /** `new`: signed by us for `url`, as Twilio would; `original`: as it came. */
  readonly signature: 'new' | 'original';
  readonly authToken: string;
  /** What may be logged of the target. */
  readonly label: string;
  readonly queue: Pick<Forwards, 'add'>;
  readonly clock: Clock;
  readonly log: Log;
  onOutcome(what: ForwardOutcome): void;
}

/** Deliveries since the start, and the current fault. */
export interface ForwarderState {
  readonly sent: number;
  readonly givenUp: Readonly<Partial<Record<GiveUpReason, number>>>;
  /** Why the last attempt failed; null while the target accepts deliveries. */
  readonly fault: string | null;
}

export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #target: { readonly url: string; readonly authorization: string | null };
  #sent = 0;
  readonly #givenUp: Partial<Record<GiveUpReason, number>> = {};
  #fault: string | null = null;
  #lostInEpisode = 0;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#target = targetOf(options.url);
  }

  state(): ForwarderState {
    return { sent: this.#sent, givenUp: { ...this.#givenUp }, fault: this.#fault };
  }

  /** Resolves once it is queued or given up; never rejects. */
  async enqueue(delivery: Omit<Forward, 'at' | 'body'> & { readonly body: Buffer }): Promise<void> {
    const body = delivery.body.toString('base64');
    try {
      await this.#options.queue.add({ ...delivery, body, at: this.#options.clock.now() });
    } catch (error) {
      this.#giveUp(error instanceof QueueFull ? 'queue.full' : 'store.down', String(error));
    }
  }

  /** One attempt. Rejects with `RetryLater` if there is to be another. */
  async send(forward: Forward): Promise<void> {
    const { clock, onOutcome } = this.#options;
    const age = Math.max(0, clock.now() - forward.at);
    if (age > LIMITS.forwardForMs) {
      return this.#giveUp('expired', this.#fault ?? 'it waited too long');
    }
    const fault = await this.#post(forward);
    if (fault === null) return this.#delivered();
    if (!fault.retryable) return this.#giveUp('refused', fault.why);
    onOutcome('failed');
    this.#reportFault(fault.why);
    // As long again as it has waited, which doubles each time, with jitter.
    const usual = Math.min(LIMITS.forwardLastMs, Math.max(LIMITS.forwardFirstMs, age));
    const afterMs = usual * (0.5 + Math.random() / 2);
    throw new RetryLater(fault.why, { afterMs, retryable: true });
  }

  /** null: the target accepted it. */
  async #post(forward: Forward): Promise<{ why: string; retryable: boolean } | null> {
    const body = Buffer.from(forward.body, 'base64');
    const { url, params } = this.#signed(forward, body);
    const { authToken, signature } = this.#options;
    const { authorization } = this.#target;
    try {
      const answer = await fetch(url, {
        method: 'POST',
        body: new Uint8Array(body),
        headers: {
          'Content-Type': forward.contentType,
          'X-Twilio-Signature':
            signature === 'original' ? forward.signature : signUrl(authToken, url, params),
          ...(authorization === null ? {} : { Authorization: authorization }),
        },
        // The configuration decides where a delivery goes, not an answer.
        redirect: 'manual',
        signal: AbortSignal.timeout(LIMITS.forwardMs),
      });
      await answer.body?.cancel();
      if (answer.ok) return null;
      const { status } = answer;
      return {
        why: `it answered ${status}`,
        retryable: status >= 500 || RETRYABLE_STATUS.has(status),
      };
    } catch (error) {
      return { why: errorText(error), retryable: true };
    }
  }

  /** The URL as Twilio would call it, and the fields that its signature covers. */
  #signed({ route }: Forward, body: Buffer) {
    const { url } = this.#target;
    if (route === 'taskrouter') return { url, params: parseForm(body).params };
    const hash = createHash('sha256').update(body).digest('hex');
    return { url: `${url}${url.includes('?') ? '&' : '?'}bodySHA256=${hash}`, params: {} };
  }

  #delivered(): void {
    const { log, label, onOutcome } = this.#options;
    this.#sent += 1;
    onOutcome('sent');
    if (this.#fault === null) return;
    log.info({ lost: this.#lostInEpisode }, `${label} accepts deliveries again`);
    this.#fault = null;
    this.#lostInEpisode = 0;
  }

  #reportFault(why: string): void {
    const { log, label } = this.#options;
    const minutes = LIMITS.forwardForMs / 60_000;
    if (this.#fault === null) {
      log.warn(
        { why },
        `${label} does not accept deliveries; each is retried for ${minutes} minutes`,
      );
    }
    this.#fault = why;
  }

  #giveUp(what: GiveUpReason, why: string): void {
    const { log, label, onOutcome } = this.#options;
    this.#givenUp[what] = (this.#givenUp[what] ?? 0) + 1;
    onOutcome(what);
    this.#fault = why;
    this.#lostInEpisode += 1;
    if (this.#lostInEpisode > 1) return;
    log.warn({ what, why }, `deliveries to ${label} were given up; see status and metrics`);
  }
}

/** Below 500, but not a rejection of the delivery itself. */
const RETRYABLE_STATUS: ReadonlySet<number> = new Set([408, 425, 429]);

/** What is requested and signed: without fragment; user and password become Basic auth. */
function targetOf(given: string) {
  const url = new URL(given);
  const { username, password } = url;
  const pair = `${decoded(username)}:${decoded(password)}`;
  Object.assign(url, { username: '', password: '', hash: '' });
  const authorization = username === '' ? null : `Basic ${Buffer.from(pair).toString('base64')}`;
  return { url: url.href, authorization };
}

/** A percent sign that begins no escape stands for itself, as in a password copied as it is. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${LIMITS.forwardMs} ms`;
  const code = error.cause instanceof Error ? Reflect.get(error.cause, 'code') : null;
  return typeof code === 'string' ? code : error.message;
}
