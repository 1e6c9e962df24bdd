// The part of the API that changes something: pause, resume, release, resync, reload. Each body is
// checked field by field: an error names the field, what was found and what was expected.

import express, { type Response, type Router } from 'express';
import { isSid, type WorkerSid } from '../core/ids.ts';
import type { Access } from './access.ts';
import { type Body, bodyOf, invalidField, nameField, onBadBody, textField } from './body.ts';
import { LIMITS } from './limits.ts';
import { sendProblemWith } from './problem.ts';
import { instantOf } from './query.ts';

export interface OrderBody {
  readonly rule: string | null;
  readonly worker: WorkerSid | null;
  readonly channel: string | null;
  readonly by: string;
}

export interface PauseBody extends OrderBody {
  /** epoch ms */
  readonly until: number | null;
  readonly reason: string;
}

/** The outcome of an order: an answer as plain JSON, or why it cannot be carried out. */
export type OrderOutcome =
  | { readonly answer: object }
  | {
      readonly refused: 'missing' | 'conflict' | 'faulty';
      readonly sentence: string;
      readonly more?: object;
    };

export interface Orders {
  pause(body: PauseBody): Promise<OrderOutcome>;
  resume(body: OrderBody): Promise<OrderOutcome>;
  release(body: Omit<PauseBody, 'until'>): Promise<OrderOutcome>;
  /** Starts a resync, and does not wait for it. */
  resync(by: string): Promise<OrderOutcome>;
  reload(by: string): Promise<OrderOutcome>;
  /** epoch ms */
  now(): number;
}

export function createOrders(orders: Orders, access: Access): Router {
  const api = express.Router();
  const json = express.json({ limit: LIMITS.orderBytes, type: 'application/json' });
  const supervisor = [access.requireRole('supervisor'), json] as const;
  const admin = [access.requireRole('admin'), json] as const;

  api.post('/pause', ...supervisor, async (req, res) => {
    const body = bodyOf(req, ['rule', 'worker', 'channel', 'until', 'reason', 'by']);
    const order = {
      ...scopeOf(body),
      until: untilOf(body, orders.now()),
      reason: textField(body, 'reason'),
    };
    send(res, await orders.pause({ ...order, by: orderedBy(body, res) }));
  });

  api.post('/resume', ...supervisor, async (req, res) => {
    const body = bodyOf(req, ['rule', 'worker', 'channel', 'by']);
    send(res, await orders.resume({ ...scopeOf(body), by: orderedBy(body, res) }));
  });

  api.post('/release', ...supervisor, async (req, res) => {
    const body = bodyOf(req, ['worker', 'channel', 'reason', 'by']);
    const order = { ...scopeOf(body), reason: textField(body, 'reason'), by: orderedBy(body, res) };
    send(res, await orders.release(order));
  });

  api.post('/resync', ...supervisor, async (req, res) => {
    bodyOf(req, ['by'], true);
    send(res, await orders.resync(nameOf(res)), 202);
  });

  api.post('/reload', ...admin, async (req, res) => {
    bodyOf(req, ['by'], true);
    send(res, await orders.reload(nameOf(res)));
  });

  api.use(onBadBody);
  return api;
}

const STATUS = { missing: 404, conflict: 409, faulty: 422 } as const;

function send(res: Response, outcome: OrderOutcome, status = 200): void {
  if ('answer' in outcome) return void res.status(status).json(outcome.answer);
  sendProblemWith(res, STATUS[outcome.refused], outcome.sentence, outcome.more ?? {});
}

function scopeOf(body: Body) {
  const rule = nameField(body, 'rule');
  const sid = nameField(body, 'worker');
  const channel = nameField(body, 'channel');
  if (sid !== null && !isSid('WK', sid)) {
    throw invalidField('worker', sid, 'a Worker SID, "WK" and 32 hexadecimal digits');
  }
  if (rule !== null && sid !== null) {
    throw invalidField('rule', rule, 'either a rule or a Worker, not both');
  }
  if (channel !== null && sid === null) {
    throw invalidField('channel', channel, 'also the Worker, as "worker"');
  }
  return { rule, worker: sid, channel };
}

function untilOf({ until }: Body, now: number): number | null {
  if (until === undefined || until === null) return null;
  const expected = 'a future instant with its offset, such as "2030-06-10T09:00:00Z"';
  const at = typeof until === 'string' ? instantOf(until) : null;
  if (at === null || at <= now) throw invalidField('until', until, expected);
  return at;
}

/** Who gave the order according to the body, with the name of the token, which cannot be forged. */
export function orderedBy(body: Body, res: Response): string {
  const by = textField(body, 'by');
  const token = nameOf(res);
  return by === token || token === 'local' ? by : `${by} (token ${token})`;
}

function nameOf(res: Response): string {
  const identity: unknown = res.locals.identity;
  const found =
    typeof identity === 'object' && identity !== null ? Reflect.get(identity, 'name') : null;
  return typeof found === 'string' ? found : 'unknown';
}
