// The page's sign-in: a token, sent once, is answered with a cookie that no script can read. The
// cookie names the token's owner and its own expiry, sealed with a key of the store and the token's
// hash together: every replica can read it, nobody can make one with only one of the two, and it is
// invalid once the token is removed or changed, or its owner signed out.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { CookieOptions, Request } from 'express';
import type { Json, Store } from '../ports.ts';
import { LIMITS } from './limits.ts';
import type { RevokedSessions } from './revoked-sessions.ts';
import type { Identity, TokenEntry } from './tokens.ts';

export interface Session extends Identity {
  /** epoch ms */
  readonly until: number;
}

export interface Sessions {
  /** The cookie's value for the owner of this token. */
  open(entry: TokenEntry): { readonly cookie: string; readonly until: number };
  /** The session of this request; null: none that is valid. */
  read(req: Request): Session | null;
  /** Ends the session of this request, on all replicas and for every copy of its cookie. */
  end(req: Request): Promise<void>;
}

export const COOKIE = 'headroom_session';

/** `key` is called at each use; null: the store has not answered yet, so nobody is signed in. */
export function createSessions(options: {
  readonly tokens: readonly TokenEntry[];
  key(): Buffer | null;
  now(): number;
  readonly signedOut?: RevokedSessions;
}): Sessions {
  const { tokens, key, now, signedOut } = options;
  const sessions: Sessions = {
    open(entry) {
      const sealing = key();
      if (sealing === null) throw new Error('there is no session key yet');
      const until = now() + LIMITS.sessionMs;
      const said = Buffer.from(
        JSON.stringify([entry.name, until, randomBytes(9).toString('base64url')]),
      ).toString('base64url');
      return { cookie: `${said}.${seal(said, entry, sealing)}`, until };
    },
    read(req) {
      const sealing = key();
      const [said, shown] = cookieOf(req)?.split('.') ?? [];
      if (sealing === null || said === undefined || shown === undefined) return null;
      const [name, until] = parsePayload(said);
      const entry = tokens.find((each) => each.name === name);
      if (entry === undefined || typeof until !== 'number' || until <= now()) return null;
      const expected = Buffer.from(seal(said, entry, sealing));
      const found = Buffer.from(shown);
      const genuine = found.length === expected.length && timingSafeEqual(found, expected);
      if (!genuine || signedOut?.has(said)) return null;
      return { name: entry.name, role: entry.role, until };
    },
    async end(req) {
      const session = sessions.read(req);
      const said = cookieOf(req)?.split('.')[0];
      if (session !== null && said !== undefined) await signedOut?.add(said, session.until);
    },
  };
  return sessions;
}

/** `secure`: not over plain http, which is allowed only on the local machine. */
export function cookieOptions(secure: boolean, path: string): CookieOptions {
  return { httpOnly: true, sameSite: 'strict', secure, path: path === '' ? '/' : path };
}

function seal(said: string, entry: TokenEntry, key: Buffer): string {
  const own = createHmac('sha256', key).update(entry.sha256).digest();
  return createHmac('sha256', own).update(said).digest('base64url');
}

function cookieOf(req: Request): string | undefined {
  const pairs = (req.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
}

function parsePayload(said: string): readonly unknown[] {
  try {
    const read: unknown = JSON.parse(Buffer.from(said, 'base64url').toString('utf8'));
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
}

const DOCUMENT = 'session-key';

/** The key that all replicas share; the first to ask creates it. */
export async function sessionKey(
  store: Pick<Store, 'getDocument' | 'putDocument'>,
): Promise<Buffer> {
  await store.putDocument(DOCUMENT, { key: randomBytes(32).toString('hex') }, 0);
  const found = (await store.getDocument(DOCUMENT))?.value;
  return Buffer.from(keyOf(found), 'hex');
}

function keyOf(value: Json | undefined): string {
  const kept = typeof value === 'object' && value !== null ? Reflect.get(value, 'key') : null;
  if (typeof kept === 'string') return kept;
  throw new Error('the document of the session key holds no key');
}
