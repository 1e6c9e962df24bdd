// The query parameters of the API, read and checked the same everywhere.

import type { Request } from 'express';
import { LIMITS } from './limits.ts';

/** A query parameter that is not as it should be, with the sentence that says so. */
export class BadQuery extends Error {}

export function onlyKnown(req: Request, known: readonly string[]): void {
  const unknown = Object.keys(req.query).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const names = known.length > 0 ? known.join(', ') : 'none';
  throw new BadQuery(`${JSON.stringify(unknown)} is no parameter here: expected ${names}.`);
}

export function one(req: Request, name: string): string | undefined {
  const value: unknown = req.query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new BadQuery(`${name}: expected one value.`);
}

export function limit(req: Request): number {
  const value = one(req, 'limit');
  if (value === undefined) return LIMITS.listUsual;
  const found = /^\d{1,4}$/.test(value) ? Number(value) : 0;
  if (found >= 1 && found <= LIMITS.listMost) return found;
  throw new BadQuery(`limit: expected a number from 1 to ${LIMITS.listMost}.`);
}

/** A cursor that an earlier answer gave as `next`. */
export function token(req: Request, name: string): string | undefined {
  const value = one(req, name);
  if (value === undefined || /^[\w.:-]{1,128}$/.test(value)) return value;
  throw new BadQuery(`${name}: expected the "next" of an earlier answer.`);
}
