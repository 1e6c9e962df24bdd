/**
 * Event Streams: delivers CloudEvents to webhook sinks, one at a time or in batches, signed over
 * the body's hash, and retried with growing pauses for four hours of emulated time. A 4xx answer
 * other than 429 discards the event.
 */
import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import twilio from 'twilio';
import { Records } from '../http/records.ts';
import { Chance } from '../world/chance.ts';
import type { Engine } from '../world/engine.ts';
import type { EventRecord } from '../world/model.ts';
import { type CloudEvent, cloudEvent, cloudEventType } from './cloud-event.ts';
import { type Outcome, parseOverrides } from './overrides.ts';
import { post } from './post.ts';

const ANSWER_MS = 5_000;
const RETRY_FOR_MS = 4 * 3_600_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10 * 60_000;
/** A batch is sent when it is full or this old; Twilio publishes neither number. */
const BATCH_MAX = 100;
const BATCH_MS = 200;
const WAITING_MAX = 10_000;

export interface Sink {
  readonly sid: string;
  readonly seq: number;
  readonly dateCreated: number;
  description: string;
  readonly destination: string;
  readonly batchEvents: boolean;
}

export interface Subscription {
  readonly sid: string;
  readonly seq: number;
  readonly dateCreated: number;
  description: string;
  readonly sinkSid: string;
  /** By CloudEvents type. */
  readonly types: Map<string, number>;
}

export interface StreamRecord {
  readonly at: number;
  readonly sinkSid: string;
  readonly eventIds: readonly string[];
  readonly eventTypes: readonly string[];
  readonly url: string;
  readonly signature: string;
  readonly body: string;
  state: 'waiting' | 'delivered' | 'discarded' | 'failed' | 'dropped';
  attempts: number;
  status: number | null;
  error: string | null;
}

export class Streams {
  readonly sinks = new Map<string, Sink>();
  readonly subscriptions = new Map<string, Subscription>();
  readonly records = new Records<StreamRecord>();
  readonly #engine: Engine;
  readonly #authToken: string;
  readonly #chance: Chance;
  readonly #batches = new Map<string, CloudEvent[]>();
  readonly #stopped = new AbortController();
  readonly #active = new Set<Promise<void>>();
  #waiting = 0;

  constructor(engine: Engine, options: { authToken: string; seed: number }) {
    this.#engine = engine;
    this.#authToken = options.authToken;
    this.#chance = new Chance(options.seed);
    setMaxListeners(0, this.#stopped.signal);
  }

  send(event: EventRecord): void {
    const type = cloudEventType(event.type);
    for (const subscription of this.subscriptions.values()) {
      const schemaVersion = subscription.types.get(type);
      const sink = this.sinks.get(subscription.sinkSid);
      if (schemaVersion === undefined || sink === undefined) continue;
      const { accountSid } = this.#engine;
      this.sendTo(sink, cloudEvent(event, { accountSid, schemaVersion }));
    }
  }

  sendTo(sink: Sink, event: CloudEvent): void {
    if (!sink.batchEvents) {
      this.#post(sink, [event]);
      return;
    }
    const batch = this.#batches.get(sink.sid) ?? [];
    batch.push(event);
    this.#batches.set(sink.sid, batch);
    if (batch.length === 1)
      this.#engine.scheduler.at(this.#engine.now() + BATCH_MS, () => this.#flush(sink, batch));
    if (batch.length >= BATCH_MAX) this.#flush(sink, batch);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#active);
  }

  /** Does nothing if this batch was already sent: the sink then has a newer one, or none. */
  #flush(sink: Sink, batch: CloudEvent[]): void {
    if (this.#batches.get(sink.sid) !== batch) return;
    this.#batches.delete(sink.sid);
    this.#post(sink, batch);
  }

  #post(sink: Sink, events: readonly CloudEvent[]): void {
    const body = JSON.stringify(sink.batchEvents ? events : events[0]);
    const hash = createHash('sha256').update(body).digest('hex');
    const target = parseOverrides(sink.destination);
    if (target === null) return;
    const url = `${target.url}${target.url.includes('?') ? '&' : '?'}bodySHA256=${hash}`;
    const { getExpectedTwilioSignature } = twilio;
    const record: StreamRecord = {
      at: this.#engine.now(),
      sinkSid: sink.sid,
      eventIds: events.map(({ id }) => id),
      eventTypes: events.map(({ type }) => type),
      url,
      signature: getExpectedTwilioSignature(this.#authToken, url, {}),
      body,
      state: 'waiting',
      attempts: 0,
      status: null,
      error: null,
    };
    this.records.add(record);
    if (this.#waiting >= WAITING_MAX) {
      record.state = 'dropped';
      return;
    }
    this.#waiting += 1;
    this.#try(record, target.authorization, FIRST_PAUSE_MS);
  }

  #try(record: StreamRecord, authorization: string | null, pauseMs: number): void {
    if (this.#stopped.signal.aborted) return;
    const attempt = this.#attempt(record, authorization).then((outcome) => {
      this.#active.delete(attempt);
      if (this.#settled(record, outcome)) {
        this.#waiting -= 1;
        return;
      }
      // Jitter of half to all of the pause, so that retries do not all come back at once.
      const pause = Math.round(pauseMs * this.#chance.between(0.5, 1));
      this.#engine.scheduler.at(this.#engine.now() + pause, () =>
        this.#try(record, authorization, Math.min(pauseMs * 2, LONGEST_PAUSE_MS)),
      );
    });
    this.#active.add(attempt);
  }

  #settled(record: StreamRecord, outcome: Outcome): boolean {
    record.status = outcome.kind === 'answered' ? outcome.status : null;
    record.error = outcome.kind === 'answered' ? null : outcome.error;
    const { status } = record;
    if (status !== null && status < 300) record.state = 'delivered';
    else if (status !== null && status >= 400 && status < 500 && status !== 429)
      record.state = 'discarded';
    else if (outcome.kind === 'aborted' || this.#engine.now() - record.at >= RETRY_FOR_MS)
      record.state = 'failed';
    return record.state !== 'waiting';
  }

  #attempt(record: StreamRecord, authorization: string | null): Promise<Outcome> {
    record.attempts += 1;
    return post({
      url: record.url,
      headers: {
        'Content-Type': 'application/json',
        'User-Agent': 'TwilioProxy/1.1',
        'X-Twilio-Signature': record.signature,
        ...(authorization === null ? {} : { Authorization: authorization }),
      },
      body: record.body,
      connectMs: ANSWER_MS,
      readMs: ANSWER_MS,
      signal: this.#stopped.signal,
    });
  }
}
