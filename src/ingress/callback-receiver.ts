// `POST /webhooks/taskrouter`: a delivery of the event callback is bounded, verified, read and made
// durable, in this order, and only then answered 204.

import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { parseForm, singleFields } from './form.ts';
import { LIMITS } from './limits.ts';
import { verifyForm } from './verify.ts';
import { isPostTo, rawBody, rawBodyUpTo, type WebhookIntake } from './webhook-intake.ts';

const CALLBACK_PATH = '/webhooks/taskrouter';

/** Middleware that answers the webhook and passes everything else on. */
export function createCallbackReceiver(inlet: WebhookIntake): RequestHandler {
  const readBytes = rawBodyUpTo(LIMITS.bodyBytes);
  const { authTokens } = inlet.options;

  async function receive(req: Request, res: Response): Promise<void> {
    if (!isForm(req)) return inlet.refuse(res, 'body.not_form', 400, 'Expected a form.');
    const form = parseForm(rawBody(req));
    const signature = String(req.headers['x-twilio-signature'] ?? '');
    const proven = inlet
      .signedUrls(req)
      .some((url) => verifyForm(authTokens, { signature, url }, form.params));
    if (!proven) return inlet.refuseForged(req, res);
    const malformed = (why: string) => inlet.refuse(res, 'body.malformed', 400, why);
    if (form.isMalformed) return malformed('The form is malformed.');
    const fields = singleFields(form);
    if (!fields.EventType) return malformed('There is no EventType.');
    await inlet.accept(req, res, { route: 'taskrouter', fields: [fields] });
  }

  return (req: Request, res: Response, next: NextFunction) => {
    if (!isPostTo(req, CALLBACK_PATH)) return next();
    readBytes(req, res, (error?: unknown) => {
      if (error !== undefined) return inlet.refuseUnread(res, error, LIMITS.bodyBytes);
      receive(req, res).catch(next);
    });
  };
}

function isForm(req: Request): boolean {
  const type = req.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  return type === 'application/x-www-form-urlencoded';
}
