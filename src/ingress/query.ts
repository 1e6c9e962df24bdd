// The query parameters of the API, read and checked the same everywhere: an error names the
// parameter, what was found and what was expected.

import type { Request } from 'express';
import { isSid, type WorkerSid } from '../core/ids.ts';
import { nearest } from '../core/nearest.ts';
import { REASONS } from '../core/reasons.ts';
import { instantOf as written } from '../core/schedule/zone.ts';
import { LIMITS } from './limits.ts';

/** An invalid query parameter, with the sentence that says so. */
export class BadQuery extends Error {}

export function rejectUnknownParams(req: Request, known: readonly string[]): void {
  const unknown = Object.keys(req.query).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const names = known.length > 0 ? known.join(', ') : 'none';
  throw new BadQuery(`${shown(unknown)} is not a parameter here: expected ${names}.`);
}

export function singleParam(req: Request, name: string): string | undefined {
  const value: unknown = req.query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new BadQuery(`${name} is given more than once: expected once.`);
}

export function limitParam(req: Request): number {
  const value = singleParam(req, 'limit');
  if (value === undefined) return LIMITS.listUsual;
  const found = /^\d{1,4}$/.test(value) ? Number(value) : 0;
  if (found >= 1 && found <= LIMITS.listMost) return found;
  throw invalidParam('limit', value, `a number from 1 to ${LIMITS.listMost}`);
}

const NEXT = 'the "next" of an earlier answer';

/** Where a list of Workers continues. */
export function workerCursor(req: Request): string | undefined {
  const value = singleParam(req, 'cursor');
  if (value === undefined || isSid('WK', value)) return value;
  throw invalidParam('cursor', value, NEXT);
}

/**
 * Where the journal continues: an entry's id, in the form of any of the stores. `cursor` as
 * everywhere, or `before`.
 */
export function journalCursor(req: Request): string | undefined {
  const [cursor, before] = [entryId(req, 'cursor'), entryId(req, 'before')];
  if (cursor === undefined || before === undefined) return cursor ?? before;
  throw new BadQuery('cursor and before mean the same: expected only one.');
}

function entryId(req: Request, name: string): string | undefined {
  const value = singleParam(req, name);
  if (value === undefined || /^\d{1,18}(-\d{1,18})?$/.test(value)) return value;
  throw invalidParam(name, value, `${NEXT}, or an entry's "id"`);
}

export function workerSid(req: Request): WorkerSid | undefined {
  const value = singleParam(req, 'worker');
  if (value === undefined) return undefined;
  if (isSid('WK', value)) return value;
  throw invalidParam('worker', value, 'a Worker SID, "WK" and 32 hexadecimal digits');
}

/** The name of something that may no longer exist, so any is accepted. */
export function nameParam(req: Request, parameter: string): string | undefined {
  const value = singleParam(req, parameter);
  if (value === undefined) return undefined;
  if (value !== '' && value.length <= LIMITS.nameLength) return value;
  throw invalidParam(parameter, value, `a name of up to ${LIMITS.nameLength} characters`);
}

export function reasonParam(req: Request): string | undefined {
  const value = singleParam(req, 'reason');
  if (value === undefined || value in REASONS) return value;
  const close = nearest(value.slice(0, LIMITS.nameLength), Object.keys(REASONS));
  throw invalidParam('reason', value, `one of the journal's reasons, such as "${close}"`);
}

/** epoch ms */
export function instantParam(req: Request, parameter: string): number | undefined {
  const value = singleParam(req, parameter);
  if (value === undefined) return undefined;
  const at = instantOf(value);
  if (at !== null) return at;
  throw invalidParam(
    parameter,
    value,
    'an instant with its offset, such as "2030-06-10T09:00:00Z"',
  );
}

/** An ISO instant with its offset, in epoch ms; null if it is not one, such as 30 February. */
export function instantOf(value: string): number | null {
  const exists = INSTANT.test(value) && written(value, 'UTC') !== null;
  const at = exists ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

export function invalidParam(parameter: string, found: string, expected: string): BadQuery {
  return new BadQuery(`${parameter} is ${shown(found)}: expected ${expected}.`);
}

function shown(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}
