// The JSON body of a request, read field by field: an error names the field, what was found and
// what was expected.

import type { ErrorRequestHandler, Request } from 'express';
import { LIMITS } from './limits.ts';
import { sendProblem } from './problem.ts';

class BadBody extends Error {}

export const onBadBody: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (error instanceof BadBody) return sendProblem(res, 400, error.message);
  const type: unknown = error instanceof Error ? Reflect.get(error, 'type') : null;
  if (type === 'entity.parse.failed') return sendProblem(res, 400, 'The body is not valid JSON.');
  if (type === 'entity.too.large') {
    const limit: unknown = error instanceof Error ? Reflect.get(error, 'limit') : null;
    const most = `${typeof limit === 'number' ? limit : LIMITS.orderBytes} bytes`;
    return sendProblem(res, 413, `The body is larger than the limit of ${most}.`);
  }
  next(error);
};

export type Body = Readonly<Record<string, unknown>>;

export function bodyOf(req: Request, known: readonly string[], mayLack = false): Body {
  const body: unknown = req.body;
  const nothing = body === undefined && (req.headers['content-length'] ?? '0') === '0';
  if (nothing && mayLack) return {};
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BadBody(
      `the body is ${body === undefined ? 'missing or not application/json' : shown(body)}: expected a JSON object with ${known.join(', ')}, as Content-Type application/json.`,
    );
  }
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown === undefined) return body as Body;
  throw new BadBody(`${shown(unknown)} is not a field here: expected ${known.join(', ')}.`);
}

export function nameField(body: Body, field: string): string | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && value !== '' && value.length <= LIMITS.nameLength) return value;
  throw invalidField(field, value, `a name of up to ${LIMITS.nameLength} characters`);
}

export function textField(body: Body, field: string): string {
  const value = body[field];
  const most = LIMITS.reasonLength;
  if (typeof value === 'string' && value.trim() !== '' && value.length <= most) return value.trim();
  throw invalidField(field, value, `a text of up to ${most} characters`);
}

export function invalidField(field: string, found: unknown, expected: string): BadBody {
  return new BadBody(`${field} is ${shown(found)}: expected ${expected}.`);
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
