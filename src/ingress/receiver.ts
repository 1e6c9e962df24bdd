// `POST /webhooks/taskrouter`: a delivery is bounded, proven, read and made durable, in this order,
// and only then answered 204. A genuine one never gets another 4xx, because Twilio would discard
// it: what cannot be stored now is answered 503, what is of no use 204.

import express, { type NextFunction, type Request, type Response } from 'express';
import { parseEvent } from '../core/event.ts';
import type { Ignored } from '../core/event.types.ts';
import type { Log } from '../log.ts';
import type { Clock, Queues } from '../ports.ts';
import { parseForm, singleFields } from './form.ts';
import { LIMITS } from './limits.ts';
import { sendProblem } from './problem.ts';
import { signedBase, verifyForm } from './verify.ts';

/** What became of one delivery: a closed set, for counters. */
export type Outcome =
  | 'queued'
  | Ignored['ignored']
  | 'signature.missing'
  | 'signature.wrong'
  | 'body.too_large'
  | 'body.not_form'
  | 'body.malformed'
  | 'store.down';

export interface ReceiverOptions {
  /** What Twilio was given, up to the webhook path; asked at each delivery. */
  publicUrl(): string;
  /** Other names of the same place, e.g. `http://localhost:3000` beside `http://127.0.0.1:3000`. */
  aliases?(): readonly string[];
  /** The current auth token, and the previous one while it is being rotated. */
  readonly authTokens: readonly string[];
  readonly workspaceSid: string;
  readonly queues: Pick<Queues, 'addEvent'>;
  readonly clock: Clock;
  readonly log: Log;
  onOutcome(outcome: Outcome): void;
  /** A genuine delivery named this TaskQueue, by SID or friendly name. */
  onQueue?(queue: string): void;
  onAlarm(code: 'signature.run', sentence: string): void;
}

export const WEBHOOK_PATH = '/webhooks/taskrouter';

/** Middleware that answers the webhook and passes everything else on. */
export function createReceiver(options: ReceiverOptions): express.RequestHandler {
  const readBytes = express.raw({ type: () => true, limit: LIMITS.bodyBytes, inflate: false });
  const forged = runOfForged(options);

  function answer(res: Response, outcome: Outcome, status: number, detail: string): void {
    options.onOutcome(outcome);
    options.log.debug({ outcome, status }, detail);
    if (status === 503)
      sendProblem(res, status, detail, { 'Retry-After': `${LIMITS.retryAfterS}` });
    // What is left of a body too large is not read: the connection goes with it.
    else if (status === 413) sendProblem(res, status, detail, { Connection: 'close' });
    else if (status >= 400) sendProblem(res, status, detail);
    // Twilio asks for this content type even on an answer without content.
    else res.writeHead(204, { 'Content-Type': 'application/json' }).end();
  }

  async function receive(req: Request, res: Response): Promise<void> {
    if (!isForm(req)) return answer(res, 'body.not_form', 400, 'Expected a form.');
    const form = parseForm(Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0));
    const signature = req.headers['x-twilio-signature'];
    const proven = signedUrls(req).some((url) =>
      verifyForm(options.authTokens, { signature: String(signature ?? ''), url }, form.params),
    );
    if (!proven) {
      forged();
      const outcome = signature === undefined ? 'signature.missing' : 'signature.wrong';
      return answer(res, outcome, 403, 'The signature is not that of Twilio for this URL.');
    }
    const fields = singleFields(form);
    if (form.isMalformed) return answer(res, 'body.malformed', 400, 'The form is malformed.');
    if (!fields.EventType) return answer(res, 'body.malformed', 400, 'There is no EventType.');

    const event = parseEvent(fields, options.workspaceSid);
    for (const queue of [fields.TaskQueueSid, fields.TaskQueueName]) {
      if (queue) options.onQueue?.(queue);
    }
    if ('ignored' in event) return answer(res, event.ignored, 204, event.detail);
    try {
      await options.queues.addEvent(event);
    } catch (error) {
      options.log.warn({ err: error, event: event.sid }, 'a delivery could not be stored');
      return answer(res, 'store.down', 503, 'The delivery cannot be stored now.');
    }
    answer(res, 'queued', 204, event.type);
  }

  function signedUrls(req: Request): readonly string[] {
    const bases = [options.publicUrl(), ...(options.aliases?.() ?? [])];
    return bases.map((base) => signedBase(base) + req.url);
  }

  return (req: Request, res: Response, next: NextFunction) => {
    if (req.method !== 'POST' || !isWebhook(req.path)) return next();
    readBytes(req, res, (error?: unknown) => {
      if (error !== undefined) {
        const { outcome, status, detail } = unreadable(error);
        return answer(res, outcome, status, detail);
      }
      receive(req, res).catch(next);
    });
  };
}

function isWebhook(path: string): boolean {
  return path === WEBHOOK_PATH || path === `${WEBHOOK_PATH}/`;
}

function isForm(req: Request): boolean {
  const type = req.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  return type === 'application/x-www-form-urlencoded';
}

/** A body that was not read to its end, or is packed, which Twilio's never are. */
function unreadable(error: unknown): { outcome: Outcome; status: number; detail: string } {
  const type = typeof error === 'object' && error !== null ? Reflect.get(error, 'type') : null;
  if (type === 'entity.too.large') {
    const detail = `The body is larger than ${LIMITS.bodyBytes} bytes.`;
    return { outcome: 'body.too_large', status: 413, detail };
  }
  if (type === 'encoding.unsupported') {
    return { outcome: 'body.not_form', status: 400, detail: 'Expected a body that is not packed.' };
  }
  return { outcome: 'body.malformed', status: 400, detail: 'The body was cut short.' };
}

/** Counts refused signatures and alarms a run of them, once a window. */
function runOfForged(options: ReceiverOptions): () => void {
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
      `Likely PUBLIC_URL (${signedBase(options.publicUrl())}) is not the URL that Twilio was given, ` +
      "or TWILIO_AUTH_TOKEN is not the account's primary token. Refused deliveries are lost.";
    options.log.warn({ alarm: 'signature.run' }, sentence);
    options.onAlarm('signature.run', sentence);
  };
}
