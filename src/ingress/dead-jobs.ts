// The jobs that failed for good, in the API: a list for viewers, and two orders for supervisors:
// replay and discard.

import express, { type Router } from 'express';
import type { DeadJob } from '../core/dead-job.types.ts';
import type { DeadJobs } from '../ports.ts';
import type { Access } from './access.ts';
import { bodyOf, invalidField, nameField, onBadBody } from './body.ts';
import { orderedBy } from './orders.ts';
import { sendProblem } from './problem.ts';
import { BadQuery, limitParam, rejectUnknownParams, singleParam } from './query.ts';

export type DeadJobOrder = 'replay' | 'discard';

export interface DeadJobViews {
  readonly jobs: DeadJobs;
  /** Adds to the journal what was done with how many, and by whom. */
  recordOrder(order: DeadJobOrder, which: string, by: string): Promise<void>;
}

const ORDERS: readonly DeadJobOrder[] = ['replay', 'discard'];

export function createDeadJobs({ jobs, recordOrder }: DeadJobViews, access: Access): Router {
  const api = express.Router();
  const json = express.json({ limit: '4kb', type: 'application/json' });

  api.get('/dead-jobs', access.requireRole('viewer'), async (req, res) => {
    rejectUnknownParams(req, ['limit', 'cursor']);
    const cursor = singleParam(req, 'cursor');
    if (cursor !== undefined && !/^\d{1,6}-\d{1,6}$/.test(cursor)) {
      throw new BadQuery('cursor: expected the "next" of an earlier answer.');
    }
    const page = await jobs.page({ limit: limitParam(req), ...(cursor && { cursor }) });
    res.set('Cache-Control', 'no-store').json({ deadJobs: page.jobs, next: page.next });
  });

  for (const order of ORDERS) {
    api.post(`/dead-jobs/${order}`, access.requireRole('supervisor'), json, async (req, res) => {
      const body = bodyOf(req, ['queue', 'id', 'all', 'by']);
      const which = whichOf(body);
      const by = orderedBy(body, res);
      const found = await jobs[order](which);
      if (found === null) return sendProblem(res, 404, 'There is no such dead job.');
      const what = which === 'all' ? `${found.done} dead jobs` : `${which.queue} job ${which.id}`;
      if (found.done > 0) await recordOrder(order, what, by);
      res.json(found);
    });
  }
  api.use(onBadBody);
  return api;
}

function whichOf(body: ReturnType<typeof bodyOf>): 'all' | { queue: DeadJob['queue']; id: string } {
  const queue = nameField(body, 'queue');
  const id = nameField(body, 'id');
  const { all } = body;
  if (all === true && queue === null && id === null) return 'all';
  if (all !== undefined) throw invalidField('all', all, 'true, without "queue" and "id"');
  if (queue !== 'events' && queue !== 'passes')
    throw invalidField('queue', queue, 'events or passes');
  if (id === null)
    throw invalidField('id', id, 'the id of a dead job, or "all": true instead of both');
  return { queue, id };
}
