// `POST /webhooks/event-streams`: one CloudEvent or an array of them. The signature covers only the
// URL, so the sender is verified before a byte of the body is read; the hash in the URL then
// verifies the body. Answered 204 once every event in it is durable.

import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { fieldsOfCloudEvent } from '../core/cloud-event.ts';
import type { DeliveryFields } from '../core/delivery-fields.ts';
import { LIMITS } from './limits.ts';
import { verifyBody, verifyUrl } from './verify.ts';
import { isPostTo, rawBody, rawBodyUpTo, type WebhookIntake } from './webhook-intake.ts';

const STREAMS_PATH = '/webhooks/event-streams';

/** Middleware that answers the webhook and passes everything else on. */
export function createStreamsReceiver(inlet: WebhookIntake): RequestHandler {
  const readBytes = rawBodyUpTo(LIMITS.batchBytes);
  const { authTokens } = inlet.options;

  async function receive(url: string, req: Request, res: Response): Promise<void> {
    const raw = rawBody(req);
    if (!verifyBody(url, raw)) return inlet.refuseForged(req, res);
    const fields = eventsIn(raw);
    if (fields.length === 0) {
      return inlet.refuse(res, 'body.malformed', 400, 'Expected a CloudEvent or an array of them.');
    }
    await inlet.accept(req, res, { route: 'event-streams', fields });
  }

  return (req: Request, res: Response, next: NextFunction) => {
    if (!isPostTo(req, STREAMS_PATH)) return next();
    const signature = String(req.headers['x-twilio-signature'] ?? '');
    const url = inlet
      .signedUrls(req)
      .find((each) => verifyUrl(authTokens, { signature, url: each }));
    if (url === undefined) return inlet.refuseForged(req, res);
    readBytes(req, res, (error?: unknown) => {
      if (error !== undefined) return inlet.refuseUnread(res, error, LIMITS.batchBytes);
      receive(url, req, res).catch(next);
    });
  };
}

/** The events of a body. Anything else among them is skipped: the others must not be lost. */
function eventsIn(raw: Buffer): readonly DeliveryFields[] {
  let body: unknown;
  try {
    body = JSON.parse(raw.toString('utf8'));
  } catch {
    return [];
  }
  return (Array.isArray(body) ? body : [body])
    .map(fieldsOfCloudEvent)
    .filter((each) => each !== null);
}
