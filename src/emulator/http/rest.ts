/**
 * The REST API as one function from a call to its answer: authentication, routing, the operation
 * itself, and refusals turned into TaskRouter's error bodies.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Actor } from '../world/model.ts';
import { Refusal } from '../world/refusal.ts';
import type { Answer, ApiContext, Call } from './api.ts';
import { RateLimit } from './rate-limit.ts';
import { type Route, Router } from './router.ts';
import { eventRoutes } from './routes/events.ts';
import { queueRoutes } from './routes/queues.ts';
import { statisticsRoutes } from './routes/statistics.ts';
import { taskRoutes } from './routes/tasks.ts';
import { workerRoutes } from './routes/workers.ts';
import { workspaceRoutes } from './routes/workspaces.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

const ROUTES = [
  ...workspaceRoutes,
  ...workerRoutes,
  ...queueRoutes,
  ...taskRoutes,
  ...statisticsRoutes,
  ...eventRoutes,
];

export class Rest {
  readonly #site: ApiContext;
  readonly #accepted: readonly Credentials[];
  readonly #limit: RateLimit | null;
  readonly #router: Router;

  constructor(
    site: ApiContext,
    options: { accepted: readonly Credentials[]; rateLimit: boolean; more: readonly Route[] },
  ) {
    this.#site = site;
    this.#limit = options.rateLimit ? new RateLimit(site.engine.now) : null;
    this.#accepted = options.accepted;
    this.#router = new Router([...ROUTES, ...options.more]);
  }

  answer(call: Call, { from, ip }: { from: Credentials | null; ip: string | null }): Answer {
    try {
      if (from === null || !this.#accepted.some((pair) => same(pair, from)))
        throw new Refusal(401, 20003, 'Authenticate');
      this.#limit?.check(call);
      const { handler, params } = this.#router.find(call.method, call.path);
      call.params = params;
      const by: Actor = { type: 'account', sid: this.#site.engine.accountSid, sourceIp: ip };
      return this.#site.engine.run(() => handler(call, this.#site), by);
    } catch (error) {
      if (error instanceof Refusal) return this.#refusal(error);
      throw error;
    }
  }

  #refusal({ status, code, message }: Refusal): Answer {
    const answer = errorAnswer(status, code, message);
    return status === 429 && this.#site.engine.doubts.retryAfter === 'sent'
      ? { ...answer, headers: { 'Retry-After': '1' } }
      : answer;
  }
}

export function errorAnswer(status: number, code: number, message: string): Answer {
  const body = { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
  return status === 401
    ? { status, body, headers: { 'WWW-Authenticate': 'Basic realm="Twilio API"' } }
    : { status, body };
}

export function readBasic(header: string | undefined): Credentials | null {
  const encoded = header?.match(/^Basic\s+(\S+)$/i)?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0
    ? { user: text, password: '' }
    : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function same(a: Credentials, b: Credentials): boolean {
  const digest = (pair: Credentials) =>
    createHash('sha256').update(`${pair.user}\n${pair.password}`).digest();
  return timingSafeEqual(digest(a), digest(b));
}
