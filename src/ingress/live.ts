// The part of the API that looks into the running daemon: its rules, why a Worker is as it is, and
// what would be written now. Checks what is asked; decides nothing.

import express, { type Router } from 'express';
import { isSid, type WorkerSid } from '../core/ids.ts';
import type { Access } from './access.ts';
import { sendProblem } from './problem.ts';
import { limit, one, onlyKnown, token } from './query.ts';

export interface Live {
  rules(): Promise<readonly object[]>;
  /** null: no such Worker is known. A sentence: why it cannot be explained. */
  explain(worker: WorkerSid, channel?: string): Promise<object | string | null>;
  /** null: there are no rules. */
  plan(query: { readonly limit: number; readonly cursor?: string }): Promise<object | null>;
}

export function createLive(live: Live, access: Access): Router {
  const api = express.Router();
  api.use(access.needs('viewer'));

  api.get('/rules', async (req, res) => {
    onlyKnown(req, []);
    res.json({ rules: await live.rules(), next: null });
  });

  api.get('/workers/:sid/explain', async (req, res) => {
    onlyKnown(req, ['channel']);
    const { sid } = req.params;
    const found = isSid('WK', sid) ? await live.explain(sid, one(req, 'channel')) : null;
    if (found === null) return sendProblem(res, 404, 'No such Worker is known.');
    if (typeof found === 'string') return sendProblem(res, 404, found);
    res.json(found);
  });

  api.get('/plan', async (req, res) => {
    onlyKnown(req, ['limit', 'cursor']);
    const cursor = token(req, 'cursor');
    const page = await live.plan({ limit: limit(req), ...(cursor && { cursor }) });
    if (page === null) return sendProblem(res, 409, 'No valid rule set has ever been loaded.');
    res.json(page);
  });

  return api;
}
