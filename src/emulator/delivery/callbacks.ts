/**
 * Sends events to each Workspace's EventCallbackUrl: signed, form-encoded, retried as the URL's
 * overrides say. A slow or dead receiver holds nothing up: the backlog is bounded, and events
 * beyond it are dropped and recorded as dropped.
 */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import twilio from 'twilio';
import { Records } from '../http/records.ts';
import type { Doubts } from '../trouble/doubts.ts';
import type { EventRecord } from '../world/model.ts';
import type { Space } from '../world/space.ts';
import { callbackParams, passesFilter } from './callback-params.ts';
import { mayRetry, type Outcome, type Overrides, parseOverrides } from './overrides.ts';
import { post } from './post.ts';

const WAITING_MAX = 100_000;
const AT_ONCE = 16;

export interface DeliveryRecord {
  readonly at: number;
  readonly eventSid: string;
  readonly eventType: string;
  /** As requested and signed. */
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  readonly signature: string;
  state: 'waiting' | 'delivered' | 'failed' | 'dropped';
  attempts: number;
  /** The last answer's status; null where there was none. */
  status: number | null;
  error: string | null;
  endedAt: number | null;
}

export interface CallbackOptions {
  readonly authToken: string;
  readonly now: () => number;
  readonly doubts: Doubts;
  readonly log: (line: string) => void;
}

export class Callbacks {
  readonly records = new Records<DeliveryRecord>();
  readonly #options: CallbackOptions;
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #stopped = new AbortController();
  readonly #idle = new Set<() => void>();
  #active = 0;
  #droppedInRow = 0;
  /** Failures are logged when they begin and when they end, not for every event in between. */
  #failing = false;

  constructor(options: CallbackOptions) {
    this.#options = options;
    // Every request in flight listens to this signal.
    setMaxListeners(0, this.#stopped.signal);
  }

  send(event: EventRecord, space: Space): void {
    const { eventCallbackUrl, eventsFilter } = space.workspace;
    if (eventCallbackUrl === '' || !passesFilter(eventsFilter, event.type)) return;
    const overrides = parseOverrides(eventCallbackUrl);
    if (overrides === null) return;
    const params = callbackParams(event, space.engine.accountSid, this.#options.doubts);
    const { getExpectedTwilioSignature } = twilio;
    const record: DeliveryRecord = {
      at: this.#options.now(),
      eventSid: event.sid,
      eventType: event.type,
      url: overrides.url,
      params,
      signature: getExpectedTwilioSignature(this.#options.authToken, overrides.url, params),
      state: 'waiting',
      attempts: 0,
      status: null,
      error: null,
      endedAt: null,
    };
    this.records.add(record);
    this.#enqueue(record, () => this.#deliver(record, overrides));
  }

  /** Resolves when nothing is waiting or in flight. */
  async idle(): Promise<void> {
    if (this.#active === 0 && this.#waiting.length === 0) return;
    await new Promise<void>((resolve) => this.#idle.add(resolve));
  }

  /** Discards what is waiting and aborts what is in flight. */
  async stop(): Promise<void> {
    this.#waiting.length = 0;
    this.#stopped.abort();
    await this.idle();
  }

  #enqueue(record: DeliveryRecord, job: () => Promise<void>): void {
    if (this.#stopped.signal.aborted || this.#waiting.length >= WAITING_MAX) {
      record.state = 'dropped';
      this.#droppedInRow += 1;
      if (this.#droppedInRow === 1)
        this.#options.log(`event callbacks are dropped: ${WAITING_MAX} are waiting already`);
      return;
    }
    this.#droppedInRow = 0;
    this.#waiting.push(job);
    this.#pump();
  }

  #pump(): void {
    const atOnce = this.#options.doubts.eventOrder === 'in-turn' ? 1 : AT_ONCE;
    while (this.#active < atOnce) {
      const job = this.#waiting.shift();
      if (job === undefined) break;
      this.#active += 1;
      void job().finally(() => {
        this.#active -= 1;
        this.#pump();
      });
    }
    if (this.#active > 0 || this.#waiting.length > 0) return;
    for (const resolve of this.#idle) resolve();
    this.#idle.clear();
  }

  async #deliver(record: DeliveryRecord, overrides: Overrides): Promise<void> {
    const deadline = Date.now() + overrides.totalMs;
    const idempotencyToken = randomUUID();
    for (;;) {
      const left = deadline - Date.now();
      const retry = record.attempts > 0;
      record.attempts += 1;
      const outcome = await this.#attempt(record, overrides, {
        left: Math.max(1, left),
        idempotencyToken: retry ? idempotencyToken : null,
      });
      if (this.#settled(record, outcome)) {
        if (record.state === 'delivered') this.#recovered(record.url);
        return;
      }
      const spent = record.attempts > overrides.retries || deadline - Date.now() <= 0;
      if (spent || !mayRetry(outcome, overrides.policies)) {
        record.state = 'failed';
        if (!this.#failing)
          this.#options.log(
            `event callbacks are not taken by ${record.url}: ${record.error ?? record.status}`,
          );
        this.#failing = true;
        return;
      }
    }
  }

  #recovered(url: string): void {
    if (this.#failing) this.#options.log(`event callbacks are taken by ${url} again`);
    this.#failing = false;
  }

  #settled(record: DeliveryRecord, outcome: Outcome): boolean {
    record.endedAt = this.#options.now();
    record.status = outcome.kind === 'answered' ? outcome.status : null;
    record.error = outcome.kind === 'answered' ? null : outcome.error;
    if (outcome.kind === 'aborted') record.state = 'failed';
    else if (outcome.kind === 'answered' && outcome.status < 400) record.state = 'delivered';
    return record.state !== 'waiting';
  }

  #attempt(
    record: DeliveryRecord,
    overrides: Overrides,
    { left, idempotencyToken }: { left: number; idempotencyToken: string | null },
  ): Promise<Outcome> {
    const headers: Record<string, string> = {
      'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8',
      'User-Agent': 'TwilioProxy/1.1',
      Accept: '*/*',
      'X-Twilio-Signature': record.signature,
    };
    if (overrides.authorization !== null) headers.Authorization = overrides.authorization;
    if (idempotencyToken !== null) headers['I-Twilio-Idempotency-Token'] = idempotencyToken;
    return post({
      url: overrides.url,
      headers,
      body: new URLSearchParams(record.params).toString(),
      connectMs: Math.min(overrides.connectMs, left),
      readMs: Math.min(overrides.readMs, left),
      signal: this.#stopped.signal,
    });
  }
}
