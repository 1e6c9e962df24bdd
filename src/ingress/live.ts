// The part of the API that looks into the running daemon: its rules, why a Worker is as it is, and
// what would be written now. Checks the query; decides nothing.

import express, { type Request, type Router } from 'express';
import { isSid, type WorkerSid } from '../core/ids.ts';
import type { Access } from './access.ts';
import { type Body, bodyOf, onBadBody, invalidField as wrongField } from './body.ts';
import { LIMITS } from './limits.ts';
import { sendProblem, sendProblemWith } from './problem.ts';
import {
  invalidParam,
  limitParam,
  nameParam,
  rejectUnknownParams,
  singleParam,
  workerCursor,
} from './query.ts';

export interface Live {
  rules(): Promise<readonly object[]>;
  /** null: no such Worker is known. A sentence: why it cannot be explained. */
  explain(
    worker: WorkerSid,
    about: {
      readonly channel: string | undefined;
      /** As given: an instant, or a time on the wall clock of the rules; absent: now. */
      readonly at: string | undefined;
    },
  ): Promise<object | string | null>;
  /** null: there are no rules. */
  plan(query: { readonly limit: number; readonly cursor?: string }): Promise<object | null>;
  /** What other rules would change; nothing is stored. `busy`: why not now, a sentence. */
  compare(
    files: readonly { readonly name: string; readonly text: string }[],
  ): Promise<
    { readonly answer: object } | { readonly faults: readonly object[] } | { readonly busy: string }
  >;
  /** The TaskQueues that rules name, over this many hours; null: there are no rules. */
  signals(hours: number): Promise<object | null>;
  /** What time alone will change; null: there are no rules. */
  timeline(): Promise<object | null>;
  /** What cannot be read from TaskRouter again, to be stored elsewhere. */
  backup(query: { readonly limit: number; readonly cursor?: string }): Promise<object>;
}

/** How far back signals are kept, h. */
const SIGNAL_HOURS = 24;

export function createLive(live: Live, access: Access): Router {
  const api = express.Router();
  api.use(access.requireRole('viewer'));

  api.get('/rules', async (req, res) => {
    rejectUnknownParams(req, []);
    res.json({ rules: await live.rules(), next: null });
  });

  api.get('/workers/:sid/explain', async (req, res) => {
    rejectUnknownParams(req, ['channel', 'at']);
    const { sid } = req.params;
    const about = { channel: nameParam(req, 'channel'), at: nameParam(req, 'at') };
    const found = isSid('WK', sid) ? await live.explain(sid, about) : null;
    if (found === null) return sendProblem(res, 404, 'No such Worker is known.');
    if (typeof found === 'string') return sendProblem(res, 404, found);
    res.json(found);
  });

  api.get('/plan', async (req, res) => {
    rejectUnknownParams(req, ['limit', 'cursor']);
    const cursor = workerCursor(req);
    const page = await live.plan({ limit: limitParam(req), ...(cursor && { cursor }) });
    if (page === null) return sendProblem(res, 409, 'No valid rule set has ever been loaded.');
    res.json(page);
  });

  const rules = express.json({ limit: LIMITS.rulesBytes, type: 'application/json' });
  api.post('/plan', access.requireRole('supervisor'), rules, async (req, res) => {
    const found = await live.compare(filesOf(bodyOf(req, ['files'])));
    if ('busy' in found) return sendProblem(res, 409, found.busy);
    if ('answer' in found) return void res.json(found.answer);
    sendProblemWith(res, 422, 'The rules have mistakes.', { faults: found.faults });
  });

  api.get('/signals', async (req, res) => {
    rejectUnknownParams(req, ['hours']);
    const found = await live.signals(hoursOf(req));
    if (found === null) return sendProblem(res, 409, 'No valid rule set has ever been loaded.');
    res.json(found);
  });

  api.get('/timeline', async (req, res) => {
    rejectUnknownParams(req, []);
    const found = await live.timeline();
    if (found === null) return sendProblem(res, 409, 'No valid rule set has ever been loaded.');
    res.json(found);
  });

  // The text of the rules and everybody's baselines at once: only for admins.
  api.get('/export', access.requireRole('admin'), async (req, res) => {
    rejectUnknownParams(req, ['limit', 'cursor']);
    const cursor = workerCursor(req);
    res.json(await live.backup({ limit: limitParam(req), ...(cursor && { cursor }) }));
  });

  api.use(onBadBody);
  return api;
}

function filesOf({ files }: Body): readonly { readonly name: string; readonly text: string }[] {
  const expected = 'a list of {name, text}, such as "chat.yaml" and its content';
  if (!Array.isArray(files) || files.length === 0) throw wrongField('files', files, expected);
  return files.map((file: unknown, i) => {
    const field = `files[${i}]`;
    if (typeof file !== 'object' || file === null) throw wrongField(field, file, '{name, text}');
    const { name, text, ...more } = file as Record<string, unknown>;
    const other = Object.keys(more)[0];
    if (other !== undefined) throw wrongField(`${field}.${other}`, more[other], 'name and text');
    if (typeof name !== 'string' || name === '' || name.length > LIMITS.reasonLength) {
      throw wrongField(`${field}.name`, name, 'a name such as "chat.yaml"');
    }
    if (typeof text !== 'string')
      throw wrongField(`${field}.text`, text, 'the content of the file');
    return { name, text };
  });
}

function hoursOf(req: Request): number {
  const value = singleParam(req, 'hours') ?? `${SIGNAL_HOURS}`;
  const hours = /^\d{1,2}$/.test(value) ? Number(value) : 0;
  if (hours >= 1 && hours <= SIGNAL_HOURS) return hours;
  throw invalidParam('hours', value, `a number from 1 to ${SIGNAL_HOURS}`);
}
