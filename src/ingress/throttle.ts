// Limits guessing of tokens: an address with too many wrong tokens is answered 429 for a while,
// before its next one is checked. Deliveries do not pass through here.

import type { NextFunction, Request, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { Log } from '../log.ts';
import { LIMITS } from './limits.ts';
import { sendProblem } from './problem.ts';

export type AuthFailure = 'token.missing' | 'token.wrong' | 'token.throttled';

export interface Throttle {
  /** Calls `next`, unless this address has sent too many wrong tokens lately. */
  check(req: Request, res: Response, next: NextFunction): void;
  /** Counts the failure, then calls `next` so that it is answered. */
  countFailure(
    why: 'token.missing' | 'token.wrong',
    req: Request,
    res: Response,
    next: NextFunction,
  ): void;
}

export interface ThrottleOptions {
  readonly log: Pick<Log, 'warn'>;
  readonly now: () => number;
  onFailure(why: AuthFailure): void;
}

export function createThrottle({ log, now, onFailure }: ThrottleOptions): Throttle {
  let failedAt = Number.NEGATIVE_INFINITY;
  const refuse = (req: Request, res: Response, until: number) => {
    onFailure('token.throttled');
    const left = Math.max(1, Math.ceil((until - Date.now()) / 1000));
    const detail = 'Too many wrong tokens came from this address; its tokens are ignored for now.';
    sendProblem(res, 429, detail, { 'Retry-After': `${left}` });
    req.resume();
  };
  const counting = rateLimit({
    windowMs: LIMITS.authWindowMs,
    limit: LIMITS.authFailures,
    legacyHeaders: false,
    standardHeaders: false,
    keyGenerator: keyOf,
    // It would complain about a proxy's forwarding header, which anybody may forge.
    validate: false,
    // The request that reaches the limit is still told that its token was wrong.
    handler: (_req, _res, next) => next(),
  });

  return {
    check(req, res, next) {
      const known = async () => await counting.getKey(keyOf(req));
      known().then((kept) => {
        if (kept === undefined || kept.totalHits < LIMITS.authFailures) return next();
        refuse(req, res, kept.resetTime?.getTime() ?? 0);
      }, next);
    },
    countFailure(why, req, res, next) {
      onFailure(why);
      // A request without a token guesses nothing: a page asking whether to sign in, a wrong
      // address.
      if (why === 'token.missing') return next();
      const quiet = now() - failedAt;
      failedAt = now();
      if (quiet >= LIMITS.authQuietMs) {
        const fields = { address: keyOf(req), path: req.path };
        log.warn(
          fields,
          'a wrong token was sent; headroom_auth_failures_total counts further ones',
        );
      }
      Promise.resolve(counting(req, res, next)).catch(next);
    },
  };
}

/** Behind a proxy it is the proxy's, since a sender's claims about its own are not trusted. */
function keyOf(req: Request): string {
  return ipKeyGenerator(req.socket.remoteAddress ?? '');
}
