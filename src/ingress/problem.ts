// Errors as RFC 9457 problem documents: what was wrong, in one sentence, and never a stack trace.

import { STATUS_CODES } from 'node:http';
import type { Response } from 'express';

export function sendProblem(
  res: Response,
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (!res.headersSent) res.set(headers);
  send(res, status, { detail });
}

/** With members of its own besides those of the RFC. */
export function sendProblemWith(
  res: Response,
  status: number,
  detail: string,
  members: object,
): void {
  send(res, status, { detail, ...members });
}

function send(res: Response, status: number, members: object): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const title = STATUS_CODES[status] ?? 'Error';
  res.status(status).type('application/problem+json');
  res.send(JSON.stringify({ type: 'about:blank', title, status, ...members }));
}
