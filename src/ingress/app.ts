// The HTTP interface put together: health, webhooks, API, and one form for every error.

import { randomUUID } from 'node:crypto';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
} from 'express';
import helmet, { type HelmetOptions } from 'helmet';
import { CONTENT_SECURITY_POLICY } from '../content-security-policy.ts';
import type { Log } from '../log.ts';
import { StoreDown } from '../ports.ts';
import { type AccessOptions, createAccess } from './access.ts';
import { createApi, type Views } from './api.ts';
import { createCallbackReceiver } from './callback-receiver.ts';
import { createDeadJobs, type DeadJobViews } from './dead-jobs.ts';
import { LIMITS } from './limits.ts';
import { createLive, type Live } from './live.ts';
import { methodNotAllowed } from './method-not-allowed.ts';
import { createOrders, type Orders } from './orders.ts';
import { sendProblem } from './problem.ts';
import { BadQuery } from './query.ts';
import type { Sessions } from './sessions.ts';
import { createSignIn } from './sign-in.ts';
import type { Streams } from './stream.ts';
import { createStreamsReceiver } from './streams-receiver.ts';
import { WebhookIntake, type WebhookIntakeOptions } from './webhook-intake.ts';

export interface AppOptions {
  readonly receiver: WebhookIntakeOptions;
  readonly access: AccessOptions;
  readonly views: Views;
  /** What people may order; absent: nothing. */
  readonly orders?: Orders;
  readonly live?: Live;
  readonly deadJobs?: DeadJobViews;
  /** Absent: nobody can sign in at the page. */
  readonly signIn?: Sessions;
  readonly streams?: Streams;
  /** What is served at `/`. */
  readonly page?: RequestHandler;
  readonly metrics?: { readonly contentType: string; text(): Promise<string> };
  /** Resolves if a delivery can be made durable now; rejects with the reason if not. */
  ready(): Promise<void>;
  readonly log: Log;
}

/** The content policy is always sent, in case somebody manages to have HTML sent. */
const HEADERS: HelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: CONTENT_SECURITY_POLICY,
  },
  referrerPolicy: { policy: 'no-referrer' },
};

export function createApp(options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('trust proxy', false);

  app.use(withoutPrefix(options.receiver.publicUrl));
  // Before everything for people: nobody looks at the headers of a delivery's answer.
  const inlet = new WebhookIntake(options.receiver);
  app.use(createCallbackReceiver(inlet), createStreamsReceiver(inlet));
  app.use(helmet(HEADERS));
  app.all(['/webhooks/taskrouter', '/webhooks/event-streams'], (_req, res) =>
    sendProblem(res, 405, 'Only POST is supported here.', { Allow: 'POST' }),
  );
  app.use((_req, res, next) => {
    res.locals.requestId = randomUUID();
    res.set('X-Request-Id', res.locals.requestId);
    next();
  });
  app.use((req, res, next) => {
    const name = Object.keys(req.query).find((each) => /^(access_)?token$/i.test(each));
    if (name === undefined) return next();
    // URLs end up in histories, in logs of proxies and in referrers.
    const how = 'send it as "Authorization: Bearer <token>", or sign in at the page';
    sendProblem(
      res,
      400,
      `Do not put a token in a URL (${name}): ${how}. Replace this token, since URLs are logged.`,
    );
  });
  app.get('/healthz', (_req, res) => void res.json({ status: 'ok' }));
  app.get('/readyz', readiness(options));
  const access = createAccess({
    ...options.access,
    ...(options.signIn && { sessions: options.signIn }),
    publicUrl: options.receiver.publicUrl,
  });
  const mayStay = (req: Request) => access.identify(req) !== null;
  const { signIn } = options;
  if (signIn) {
    const { tokens, throttle } = options.access;
    const prefix = () => pathOf(options.receiver.publicUrl());
    app.use(
      '/api/v1',
      createSignIn({ tokens, sessions: signIn, prefix, ...(throttle && { throttle }) }, access),
    );
  }
  app.use('/api/v1', createApi(options.views, access));
  const { metrics } = options;
  if (metrics) {
    app.get('/metrics', access.requireRole('viewer'), async (_req, res) => {
      const text = await metrics.text();
      res.set({ 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' }).send(text);
    });
  }
  if (options.live) app.use('/api/v1', createLive(options.live, access));
  if (options.deadJobs) app.use('/api/v1', createDeadJobs(options.deadJobs, access));
  if (options.orders) app.use('/api/v1', createOrders(options.orders, access));
  if (options.streams) {
    app.get('/api/v1/stream', access.requireRole('viewer'), options.streams.handler(mayStay));
  }
  if (options.page) app.use(options.page);
  app.use(methodNotAllowed(app));
  app.use((_req, res) => sendProblem(res, 404, 'Not found.'));
  app.use(onError(options.log));
  return app;
}

/** A proxy may or may not remove the path prefix of PUBLIC_URL: both are answered alike. */
function withoutPrefix(publicUrl: () => string): RequestHandler {
  let known = { url: '', prefix: '' };
  return (req, res, next) => {
    const url = publicUrl();
    if (url !== known.url) known = { url, prefix: pathOf(url) };
    const { prefix } = known;
    // The page's own addresses are relative to the path with the slash.
    if (prefix !== '' && req.url === prefix) return res.redirect(308, `${prefix}/`);
    if (prefix !== '' && req.url.startsWith(`${prefix}/`)) req.url = req.url.slice(prefix.length);
    next();
  };
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname.replace(/\/+$/, '') : '';
}

function readiness({ ready, log }: AppOptions): RequestHandler {
  return async (_req, res) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer in time')), LIMITS.readyMs);
    });
    try {
      await Promise.race([ready(), late]);
      res.json({ status: 'ready' });
    } catch (error) {
      log.debug({ err: error }, 'not ready');
      sendProblem(res, 503, 'Deliveries cannot be stored now.', retryAfter());
    } finally {
      clearTimeout(timer);
    }
  };
}

function onError(log: Log): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => {
    if (error instanceof BadQuery) return sendProblem(res, 400, error.message);
    if (error instanceof StoreDown) {
      return sendProblem(res, 503, 'The store cannot be reached.', retryAfter());
    }
    // Express' own, such as a path with broken escapes.
    const status: unknown = error instanceof Error ? Reflect.get(error, 'status') : null;
    if (typeof status === 'number' && status >= 400 && status < 500) {
      return sendProblem(res, status, 'The request is not valid.');
    }
    const requestId: unknown = res.locals.requestId;
    log.error({ err: error, requestId, path: req.path }, 'a request failed');
    sendProblem(res, 500, 'Internal error; see the log for this request id.');
  };
}

function retryAfter(): Record<string, string> {
  return { 'Retry-After': `${LIMITS.retryAfterS}` };
}
