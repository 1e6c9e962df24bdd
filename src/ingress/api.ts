// The API's reads: checks what is asked and hands on what the views tell. Decides nothing.

import express, { type Router } from 'express';
import { isSid, type WorkerSid } from '../core/ids.ts';
import type { JournalPage } from '../ports.ts';
import type { Access } from './access.ts';
import { sendProblem } from './problem.ts';
import { BadQuery, limit, one, onlyKnown, token } from './query.ts';

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
