// Errors as RFC 9457 problem documents: what was wrong, in one sentence, and never a stack.

import { STATUS_CODES } from 'node:http';
import type { Response } from 'express';

export function sendProblem(
  res: Response,
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
  more: object = {},
): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const title = STATUS_CODES[status] ?? 'Error';
  res.status(status).set(headers).type('application/problem+json');
  res.send(JSON.stringify({ type: 'about:blank', title, status, detail, ...more }));
}
