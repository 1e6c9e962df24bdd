// `/api/v1/session`: signing in with a token, signing out, and who one is.

import express, { type Request, type Response, type Router } from 'express';
import { type Access, isLocal } from './access.ts';
import { bodyOf, onBadBody, text } from './body.ts';
import { LIMITS } from './limits.ts';
import { sendProblem } from './problem.ts';
import { onlyKnown } from './query.ts';
import { COOKIE, cookieOptions, type Sessions } from './sessions.ts';
import { type Identity, type TokenEntry, tokenEntry } from './tokens.ts';

export interface SignInOptions {
  readonly tokens: readonly TokenEntry[];
  readonly sessions: Sessions;
  /** The path prefix of PUBLIC_URL, for which the cookie is. */
  prefix(): string;
}

/** What `GET` and `POST` answer. */
interface SessionView {
  /** Whether somebody has to sign in before anything is shown. */
  readonly needed: boolean;
  readonly name: string | null;
  readonly role: Identity['role'] | null;
  /** When a sign-in ends (ISO); null where there was none. */
  readonly until: string | null;
}

export function createSignIn(options: SignInOptions, access: Access): Router {
  const { tokens, sessions } = options;
  const api = express.Router();
  api.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  const cookie = (req: Request) => cookieOptions(!isLocal(req), options.prefix());

  api.get('/session', (req, res) => {
    onlyKnown(req, []);
    res.json(viewOf(access.identify(req), sessions.read(req)?.until ?? null));
  });

  api.post('/session', express.json({ limit: LIMITS.orderBytes }), (req, res) => {
    if (!access.fromOwnPage(req)) return foreign(res);
    const entry = tokenEntry(text(bodyOf(req, ['token']), 'token'), tokens);
    if (entry === null) {
      const none = 'No token is configured: set HEADROOM_ADMIN_TOKEN.';
      const detail = tokens.length === 0 ? none : 'This is no valid token.';
      return sendProblem(res, 401, detail, { 'WWW-Authenticate': 'Bearer' });
    }
    const { cookie: value, until } = sessions.open(entry);
    res.cookie(COOKIE, value, { ...cookie(req), maxAge: LIMITS.sessionMs });
    res.json(viewOf(entry, until));
  });

  api.delete('/session', (req, res) => {
    if (!access.fromOwnPage(req)) return foreign(res);
    res.clearCookie(COOKIE, cookie(req)).status(204).end();
  });

  api.use(onBadBody);
  return api;
}

function foreign(res: Response): void {
  sendProblem(res, 403, 'This is only taken from a page of this daemon.');
}

function viewOf(identity: Identity | null, until: number | null): SessionView {
  return {
    needed: identity === null,
    name: identity?.name ?? null,
    role: identity?.role ?? null,
    until: until === null ? null : new Date(until).toISOString(),
  };
}
