// The API's reads: checks the query and returns what the views answer. Decides nothing.

import express, { type Router } from 'express';
import { isSid, type WorkerSid } from '../core/ids.ts';
import type { JournalPage } from '../ports.ts';
import type { Access } from './access.ts';
import { sendProblem } from './problem.ts';
import {
  instantParam,
  journalCursor,
  limitParam,
  nameParam,
  reasonParam,
  rejectUnknownParams,
  workerCursor,
  workerSid,
} from './query.ts';

/** What can be read, as plain JSON. */
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
    readonly channel?: string;
    readonly rule?: string;
    readonly reason?: string;
    /** epoch ms: `since` is included, `until` is not. */
    readonly since?: number;
    readonly until?: number;
  }): Promise<JournalPage>;
}

const JOURNAL_PARAMETERS = [
  'limit',
  'cursor',
  'before',
  'worker',
  'channel',
  'rule',
  'reason',
  'since',
  'until',
] as const;

export function createApi(views: Views, access: Access): Router {
  const api = express.Router();
  api.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  api.use(access.requireRole('viewer'));

  api.get('/status', async (req, res) => {
    rejectUnknownParams(req, []);
    res.json(await views.status());
  });

  api.get('/workers', async (req, res) => {
    rejectUnknownParams(req, ['limit', 'cursor']);
    const cursor = workerCursor(req);
    const page = await views.workers({ limit: limitParam(req), ...(cursor && { cursor }) });
    res.json({ workers: page.workers, next: page.next });
  });

  api.get('/workers/:sid', async (req, res) => {
    rejectUnknownParams(req, []);
    const { sid } = req.params;
    const worker = isSid('WK', sid) ? await views.worker(sid) : null;
    if (worker === null) return sendProblem(res, 404, 'No such Worker is known.');
    res.json(worker);
  });

  api.get('/journal', async (req, res) => {
    rejectUnknownParams(req, JOURNAL_PARAMETERS);
    const query = given({
      limit: limitParam(req),
      before: journalCursor(req),
      worker: workerSid(req),
      channel: nameParam(req, 'channel'),
      rule: nameParam(req, 'rule'),
      reason: reasonParam(req),
      since: instantParam(req, 'since'),
      until: instantParam(req, 'until'),
    });
    const page = await views.journal(query);
    res.json({ journal: page.entries, next: page.next });
  });

  return api;
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Without the parameters that were not given. */
function given<T extends object>(query: T): Given<T> {
  return Object.fromEntries(Object.entries(query).filter(([, v]) => v !== undefined)) as Given<T>;
}
