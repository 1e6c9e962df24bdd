// What the two webhooks have in common: which URL a delivery was signed for, how events become
// durable, and what is answered. A genuine delivery gets a 4xx only if it contains no event,
// because Twilio would discard it: what cannot be stored now is answered 503.

import express, { type Request, type Response } from 'express';
import type { DeliveryFields } from '../core/delivery-fields.ts';
import { parseEvent } from '../core/event.ts';
import type { IgnoredEvent, RoutingEvent } from '../core/event.types.ts';
import type { Forward } from '../core/forward.types.ts';
import type { Log } from '../log.ts';
import type { Clock, Queues } from '../ports.ts';
import { LIKELY_CAUSES } from './deliveries.ts';
import { LIMITS } from './limits.ts';
import { sendProblem } from './problem.ts';
import { signedBase } from './verify.ts';

/** What became of one event, or of a refused delivery: a closed set, for counters. */
export type DeliveryOutcome =
  | 'queued'
  | IgnoredEvent['ignored']
  | 'signature.missing'
  | 'signature.wrong'
  | 'body.too_large'
  | 'body.not_form'
  | 'body.packed'
  | 'body.malformed'
  | 'store.down';

export interface WebhookIntakeOptions {
  /** The URL that Twilio was given, up to the webhook path; read at each delivery. */
  publicUrl(): string;
  /** Other names of the same place, e.g. `http://localhost:3000` beside `http://127.0.0.1:3000`. */
  aliases?(): readonly string[];
  /** The current auth token, and the previous one while it is being rotated. */
  readonly authTokens: readonly string[];
  readonly workspaceSid: string;
  readonly queues: Pick<Queues, 'addEvent'>;
  readonly clock: Clock;
  readonly log: Log;
  onOutcome(outcome: DeliveryOutcome): void;
  /** A genuine delivery named this TaskQueue, by SID or friendly name. */
  onQueueMentioned?(queue: string): void;
  onAlarm(code: 'signature.run', sentence: string): void;
  /** Forwards each genuine delivery. Never rejects. */
  forward?(delivery: VerifiedDelivery): Promise<void>;
}

export interface VerifiedDelivery extends Pick<Forward, 'route' | 'contentType' | 'signature'> {
  readonly body: Buffer;
}

/** The content of a genuine delivery. */
export interface DeliveryContent {
  readonly route: Forward['route'];
  readonly fields: readonly DeliveryFields[];
}

export class WebhookIntake {
  readonly options: WebhookIntakeOptions;
  readonly #countForged: () => void;
  #forgedAt = Number.NEGATIVE_INFINITY;

  constructor(options: WebhookIntakeOptions) {
    this.options = options;
    this.#countForged = forgedRunAlarm(options);
  }

  /** The URLs that this request may have been signed for. */
  signedUrls(req: Request): readonly string[] {
    const { publicUrl, aliases } = this.options;
    return [publicUrl(), ...(aliases?.() ?? [])].map((base) => signedBase(base) + req.url);
  }

  /** Makes these events durable, all or none as far as the sender is concerned, and answers. */
  async accept(req: Request, res: Response, content: DeliveryContent): Promise<void> {
    const { queues, log, onOutcome, workspaceSid } = this.options;
    const events: RoutingEvent[] = [];
    for (const fields of content.fields) {
      this.#reportQueues(fields);
      const event = parseEvent(fields, workspaceSid);
      if (!('ignored' in event)) {
        events.push(event);
        continue;
      }
      onOutcome(event.ignored);
      log.debug({ outcome: event.ignored }, event.detail);
    }
    try {
      await Promise.all(events.map((event) => queues.addEvent(event)));
    } catch (error) {
      log.warn({ err: error, events: events.length }, 'a delivery could not be stored');
      return this.refuse(res, 'store.down', 503, 'The delivery cannot be stored now.');
    }
    for (const { type } of events) {
      onOutcome('queued');
      log.debug({ outcome: 'queued' }, type);
    }
    await this.options.forward?.({
      route: content.route,
      contentType: req.headers['content-type'] ?? 'application/json',
      signature: String(req.headers['x-twilio-signature'] ?? ''),
      body: rawBody(req),
    });
    // Twilio asks for this content type even on an answer without content.
    res.writeHead(204, { 'Content-Type': 'application/json' }).end();
  }

  refuse(
    res: Response,
    outcome: DeliveryOutcome,
    status: 400 | 403 | 413 | 503,
    detail: string,
  ): void {
    this.options.onOutcome(outcome);
    this.options.log.debug({ outcome, status }, detail);
    sendProblem(res, status, detail, HEADERS[status]);
  }

  refuseForged(req: Request, res: Response): void {
    const missing = req.headers['x-twilio-signature'] === undefined;
    const outcome = missing ? 'signature.missing' : 'signature.wrong';
    this.#logFirstRefusal(req, outcome);
    this.#countForged();
    this.refuse(res, outcome, 403, 'The signature is not valid for this URL.');
  }

  /** Refuses a body that was not read to its end, or is compressed, which Twilio's never are. */
  refuseUnread(res: Response, error: unknown, most: number): void {
    const type = typeof error === 'object' && error !== null ? Reflect.get(error, 'type') : null;
    if (type === 'entity.too.large') {
      this.refuse(res, 'body.too_large', 413, `The body is larger than ${most} bytes.`);
    } else if (type === 'encoding.unsupported') {
      this.refuse(res, 'body.packed', 400, 'Compressed bodies are not supported.');
    } else this.refuse(res, 'body.malformed', 400, 'The body is incomplete.');
  }

  /** With few Workers a run may take hours to show, so the first of an episode is logged too. */
  #logFirstRefusal(req: Request, outcome: keyof typeof LIKELY_CAUSES): void {
    const now = this.options.clock.now();
    const quiet = now - this.#forgedAt;
    this.#forgedAt = now;
    if (quiet < LIMITS.forgedQuietMs) return;
    // Without the query, which the sender chose.
    const url = signedBase(this.options.publicUrl()) + req.path;
    const sentence = `a delivery was refused (403), its signature checked against ${url}: ${LIKELY_CAUSES[outcome]}`;
    this.options.log.warn({ outcome, url }, sentence);
  }

  #reportQueues(fields: DeliveryFields): void {
    for (const queue of [fields.TaskQueueSid, fields.TaskQueueName]) {
      if (queue) this.options.onQueueMentioned?.(queue);
    }
  }
}

const CLOSE = { Connection: 'close' };
const HEADERS = {
  400: {},
  // If a body is not read to its end, the rest is dropped with the connection.
  403: CLOSE,
  413: CLOSE,
  503: { 'Retry-After': `${LIMITS.retryAfterS}` },
} as const;

/** The bytes as they came, up to this many. */
export function rawBodyUpTo(limit: number): express.RequestHandler {
  return express.raw({ type: () => true, limit, inflate: false });
}

export function rawBody(req: Request): Buffer {
  return Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
}

/** Whether this is a POST to the webhook, with or without a trailing slash. */
export function isPostTo(req: Request, path: string): boolean {
  return req.method === 'POST' && (req.path === path || req.path === `${path}/`);
}

/** Counts refused signatures and raises an alarm for a run of them, once per window. */
function forgedRunAlarm(options: WebhookIntakeOptions): () => void {
  let recent: number[] = [];
  let alarmedAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = options.clock.now();
    recent = [...recent, now].filter((at) => at > now - LIMITS.forgedWindowMs);
    recent = recent.slice(-LIMITS.forgedRun);
    if (recent.length < LIMITS.forgedRun || now - alarmedAt < LIMITS.forgedWindowMs) return;
    alarmedAt = now;
    const sentence =
      `${LIMITS.forgedRun} or more deliveries within a minute were refused for their signature. ` +
      `Probably PUBLIC_URL (${signedBase(options.publicUrl())}) is not the URL configured in Twilio, ` +
      "or TWILIO_AUTH_TOKEN is not the account's primary token. Refused deliveries are lost.";
    options.log.warn({ alarm: 'signature.run' }, sentence);
    options.onAlarm('signature.run', sentence);
  };
}
