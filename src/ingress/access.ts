// Who may read and act. Once Twilio's deliveries come in through a proxy, everything that reaches
// loopback may be from the internet, so a token is needed; on the user's own machine it is not.

import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { isLoopback } from '../urls.ts';
import { sendProblem } from './problem.ts';
import type { Sessions } from './sessions.ts';
import type { Throttle } from './throttle.ts';
import { type Identity, ROLES, type Role, type TokenEntry, whoseToken } from './tokens.ts';

export interface AccessOptions {
  /** True if the user set PUBLIC_URL, or the daemon listens on more than loopback. */
  readonly tokenAlways: boolean;
  readonly tokens: readonly TokenEntry[];
  /** The sessions of the page; absent: nobody can sign in. */
  readonly sessions?: Pick<Sessions, 'read'>;
  /** Absent: guessing is not limited. */
  readonly throttle?: Throttle;
  /** The address of this daemon that people were given, besides the Host of their requests. */
  publicUrl?(): string;
}

export interface Access {
  /** Middleware: admits identities with at least this role, and puts them into `res.locals`. */
  requireRole(role: Role): RequestHandler;
  identify(req: Request): Identity | null;
  /** False if a page of another site may have sent it. */
  fromOwnPage(req: Request): boolean;
}

/** Anybody at the machine itself. */
const LOCAL: Identity = { name: 'local', role: 'admin' };

export function createAccess(options: AccessOptions): Access {
  function identify(req: Request): Identity | null {
    const shown = /^Bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
    const known = shown === undefined ? null : whoseToken(shown, options.tokens);
    if (known !== null) return known;
    const session = options.sessions?.read(req) ?? null;
    if (session !== null) return { name: session.name, role: session.role };
    return !options.tokenAlways && isLocal(req) && fromOwnPage(req) ? LOCAL : null;
  }

  function fromOwnPage(req: Request): boolean {
    return isSameOrigin(req, options.publicUrl?.());
  }

  /** A browser adds the cookie by itself, whoever made it send the request. */
  function byCookie(req: Request): boolean {
    const bearer = req.headers.authorization !== undefined;
    return !bearer && (options.sessions?.read(req) ?? null) !== null;
  }

  function refuse(req: Request, res: Response, next: NextFunction): void {
    const how = 'as "Authorization: Bearer <token>"';
    const detail =
      options.tokens.length > 0
        ? `A valid token is required, ${how}.`
        : `A token is required, but none is configured: set HEADROOM_ADMIN_TOKEN, and send it ${how}.`;
    const answer = () => sendProblem(res, 401, detail, { 'WWW-Authenticate': 'Bearer' });
    const why = req.headers.authorization === undefined ? 'token.missing' : 'token.wrong';
    const done = (error?: unknown) => (error ? next(error) : answer());
    if (options.throttle === undefined) answer();
    else options.throttle.countFailure(why, req, res, done);
  }

  function needs(role: Role): RequestHandler {
    const admit: RequestHandler = (req, res, next) => {
      const identity = identify(req);
      if (identity === null) return refuse(req, res, next);
      if (ROLES.indexOf(identity.role) < ROLES.indexOf(role)) {
        return sendProblem(res, 403, `This needs the role ${role}; yours is ${identity.role}.`);
      }
      if (byCookie(req) && isMutating(req) && !(fromOwnPage(req) && isJson(req))) {
        const detail =
          "With a session cookie, this request is accepted only from this daemon's page, as application/json.";
        return sendProblem(res, 403, detail);
      }
      res.locals.identity = identity;
      next();
    };
    const { throttle } = options;
    if (throttle === undefined) return admit;
    return (req, res, next) => {
      // Sessions of the page are not throttled: a sealed cookie cannot be guessed.
      if (req.headers.authorization === undefined) admit(req, res, next);
      else throttle.check(req, res, (error) => (error ? next(error) : admit(req, res, next)));
    };
  }

  return { requireRole: needs, identify, fromOwnPage };
}

/**
 * From this machine, without a proxy in between, and with a loopback name as Host: a page on the
 * internet whose name was made to resolve to loopback sends its own name.
 */
export function isLocal(req: Request): boolean {
  const address = req.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '';
  const host = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(req.headers.host ?? '');
  const forwarded = Object.keys(req.headers).some((name) =>
    /^(forwarded|via|x-forwarded(-.*)?|x-real-ip|x-client-ip|cf-connecting-ip|true-client-ip)$/.test(
      name,
    ),
  );
  return host && !forwarded && isLoopback(address);
}

/** Whether a request that changes something was not sent by a page of another site. */
function isSameOrigin(req: Request, publicUrl: string | undefined): boolean {
  if (!isMutating(req)) return true;
  const { origin, host } = req.headers;
  if (origin === undefined) return /^(same-origin|none)?$/.test(siteOf(req));
  if (!URL.canParse(origin)) return false;
  const own = publicUrl !== undefined && URL.canParse(publicUrl) ? new URL(publicUrl).origin : null;
  return origin === own || new URL(origin).host === host?.toLowerCase();
}

function siteOf(req: Request): string {
  const site = req.headers['sec-fetch-site'];
  return typeof site === 'string' ? site : '';
}

function isMutating({ method }: Request): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

function isJson(req: Request): boolean {
  return /^application\/json\b/i.test(req.headers['content-type'] ?? '');
}
