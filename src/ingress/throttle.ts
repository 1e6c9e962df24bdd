// Holds back whoever guesses tokens: an address whose tokens were wrong too often is answered 429
// for a while, before its next one is looked at. Deliveries never come here.

import type { NextFunction, Request, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { Log } from '../log.ts';
import { LIMITS } from './limits.ts';
import { sendProblem } from './problem.ts';

export type AuthFailure = 'token.missing' | 'token.wrong' | 'token.throttled';

export interface Throttle {
  /** Calls on, unless this address has shown too many wrong tokens lately. */
  before(req: Request, res: Response, next: NextFunction): void;
  /** Counts what failed, then calls on so that it is answered. */
  failed(
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
    const detail =
      'Too many wrong tokens came from this address; what it shows is not looked at now.';
    sendProblem(res, 429, detail, { 'Retry-After': `${left}` });
    req.resume();
  };
  const counting = rateLimit({
    windowMs: LIMITS.authWindowMs,
    limit: LIMITS.authFailures,
    legacyHeaders: false,
    standardHeaders: false,
    keyGenerator: keyOf,
    // It would complain that a proxy says for whom it asks, which anybody may claim.
    validate: false,
    // The one that fills the measure is still told that it was wrong.
    handler: (_req, _res, next) => next(),
  });

  return {
    before(req, res, next) {
      const known = async () => await counting.getKey(keyOf(req));
      known().then((kept) => {
        if (kept === undefined || kept.totalHits < LIMITS.authFailures) return next();
        refuse(req, res, kept.resetTime?.getTime() ?? 0);
      }, next);
    },
    failed(why, req, res, next) {
      onFailure(why);
      // Who shows none guesses nothing: a page that asks whether one has to sign in, a wrong
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

/** Behind a proxy it is the proxy's, since nothing that a sender says of himself is believed. */
function keyOf(req: Request): string {
  return ipKeyGenerator(req.socket.remoteAddress ?? '');
}
