// `/api/v1/session`: signing in with a token, signing out, and the current identity.

import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { type Access, isLocal } from './access.ts';
import { bodyOf, onBadBody, textField } from './body.ts';
import { LIMITS } from './limits.ts';
import { sendProblem } from './problem.ts';
import { rejectUnknownParams } from './query.ts';
import { COOKIE, cookieOptions, type Sessions } from './sessions.ts';
import type { Throttle } from './throttle.ts';
import { type Identity, type TokenEntry, tokenEntry } from './tokens.ts';

export interface SignInOptions {
  readonly tokens: readonly TokenEntry[];
  readonly sessions: Sessions;
  readonly throttle?: Throttle;
  /** The path prefix of PUBLIC_URL, which the cookie is limited to. */
  prefix(): string;
}

/** What `GET` and `POST` answer. */
interface SessionView {
  /** Whether signing in is required before anything is shown. */
  readonly needed: boolean;
  readonly name: string | null;
  readonly role: Identity['role'] | null;
  /** When the sign-in ends (ISO); null: there is none. */
  readonly until: string | null;
}

export function createSignIn(options: SignInOptions, access: Access): Router {
  const { tokens, sessions, throttle } = options;
  const api = express.Router();
  api.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  const cookie = (req: Request) => cookieOptions(!isLocal(req), options.prefix());

  api.get('/session', (req, res) => {
    rejectUnknownParams(req, []);
    res.json(viewOf(access.identify(req), sessions.read(req)?.until ?? null));
  });

  const guard: RequestHandler = (req, res, next) =>
    throttle === undefined ? next() : throttle.check(req, res, next);
  api.post('/session', guard, express.json({ limit: LIMITS.orderBytes }), (req, res, next) => {
    if (!access.fromOwnPage(req)) return foreign(res);
    const entry = tokenEntry(textField(bodyOf(req, ['token']), 'token'), tokens);
    if (entry === null) {
      const none = 'No token is configured: set HEADROOM_ADMIN_TOKEN.';
      const detail = tokens.length === 0 ? none : 'The token is not valid.';
      const answer = () => sendProblem(res, 401, detail, { 'WWW-Authenticate': 'Bearer' });
      if (throttle === undefined) return answer();
      return throttle.countFailure('token.wrong', req, res, (error) =>
        error ? next(error) : answer(),
      );
    }
    const { cookie: value, until } = sessions.open(entry);
    res.cookie(COOKIE, value, { ...cookie(req), maxAge: LIMITS.sessionMs });
    res.json(viewOf(entry, until));
  });

  api.delete('/session', async (req, res) => {
    if (!access.fromOwnPage(req)) return foreign(res);
    res.clearCookie(COOKIE, cookie(req));
    await sessions.end(req);
    res.status(204).end();
  });

  api.use(onBadBody);
  return api;
}

function foreign(res: Response): void {
  sendProblem(res, 403, 'This is accepted only from a page of this daemon.');
}

function viewOf(identity: Identity | null, until: number | null): SessionView {
  return {
    needed: identity === null,
    name: identity?.name ?? null,
    role: identity?.role ?? null,
    until: until === null ? null : new Date(until).toISOString(),
  };
}
