// The read-only API: checks what is asked and hands on what the views tell. Decides nothing.

import express, { type Request, type Router } from 'express';
import { isSid, type WorkerSid } from '../core/ids.ts';
import type { JournalPage } from '../ports.ts';
import type { Access } from './access.ts';
import { LIMITS } from './limits.ts';
import { sendProblem } from './problem.ts';

/** What there is to see, as plain JSON. */
export interface Views {
  status(): Promise<object>;
  workers(query: { readonly limit: number; readonly cursor?: string }): Promise<{
    readonly workers: readonly object[];
    readonly next: string | null;
  }>;
  /** null: no such Worker is known. */
  worker(sid: WorkerSid): Promise<object | null>;
  /** Newest first. */
  journal(query: {
    readonly limit: number;
    readonly before?: string;
    readonly worker?: WorkerSid;
  }): Promise<JournalPage>;
}

/** A query parameter that is not as it should be, with the sentence that says so. */
export class BadQuery extends Error {}

export function createApi(views: Views, access: Access): Router {
  const api = express.Router();
  api.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  api.use(access.needs('viewer'));

  api.get('/status', async (req, res) => {
    onlyKnown(req, []);
    res.json(await views.status());
  });

  api.get('/workers', async (req, res) => {
    onlyKnown(req, ['limit', 'cursor']);
    const cursor = token(req, 'cursor');
    const page = await views.workers({ limit: limit(req), ...(cursor && { cursor }) });
    res.json({ workers: page.workers, next: page.next });
  });

  api.get('/workers/:sid', async (req, res) => {
    onlyKnown(req, []);
    const { sid } = req.params;
    const worker = isSid('WK', sid) ? await views.worker(sid) : null;
    if (worker === null) return sendProblem(res, 404, 'No such Worker is known.');
    res.json(worker);
  });

  api.get('/journal', async (req, res) => {
    onlyKnown(req, ['limit', 'before', 'worker']);
    const before = token(req, 'before');
    const worker = one(req, 'worker');
    if (worker !== undefined && !isSid('WK', worker)) {
      throw new BadQuery('worker: expected a Worker SID, "WK" and 32 hexadecimal digits.');
    }
    const query = { limit: limit(req), ...(before && { before }), ...(worker && { worker }) };
    const page = await views.journal(query);
    res.json({ journal: page.entries, next: page.next });
  });

  return api;
}

function onlyKnown(req: Request, known: readonly string[]): void {
  const unknown = Object.keys(req.query).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const names = known.length > 0 ? known.join(', ') : 'none';
  throw new BadQuery(`${JSON.stringify(unknown)} is no parameter here: expected ${names}.`);
}

function one(req: Request, name: string): string | undefined {
  const value: unknown = req.query[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new BadQuery(`${name}: expected one value.`);
}

function limit(req: Request): number {
  const value = one(req, 'limit');
  if (value === undefined) return LIMITS.listUsual;
  const found = /^\d{1,4}$/.test(value) ? Number(value) : 0;
  if (found >= 1 && found <= LIMITS.listMost) return found;
  throw new BadQuery(`limit: expected a number from 1 to ${LIMITS.listMost}.`);
}

/** A cursor that an earlier answer gave as `next`. */
function token(req: Request, name: string): string | undefined {
  const value = one(req, name);
  if (value === undefined || /^[\w.:-]{1,128}$/.test(value)) return value;
  throw new BadQuery(`${name}: expected the "next" of an earlier answer.`);
}
