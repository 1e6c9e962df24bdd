// Which Worker a command means, by SID or friendly name, and whose order it is: the person at this
// terminal.

import { userInfo } from 'node:os';
import { isSid } from '../core/ids.ts';
import { likelyMeant } from '../core/nearest.ts';
import { type ApiResult, callApi } from './api.ts';
import { EXIT, type Exit, type Io } from './io.ts';

interface WorkersPage {
  readonly workers: readonly { readonly sid: string; readonly friendlyName: string | null }[];
  readonly next: string | null;
}

const PAGE = 500;

/** The Worker's SID. With `ok: false` the problem has already been reported. */
export async function findWorkerSid(
  name: string,
  io: Io,
): Promise<
  { readonly ok: true; readonly sid: string } | { readonly ok: false; readonly exit: Exit }
> {
  if (isSid('WK', name)) return { ok: true, sid: name };
  const names: string[] = [];
  let cursor: string | null = null;
  do {
    const from: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer: ApiResult = await callApi(`/api/v1/workers?limit=${PAGE}${from}`, io);
    if (!answer.ok) return { ok: false, exit: answer.exit };
    const page = answer.body as WorkersPage;
    const found = page.workers.find(({ friendlyName }) => friendlyName === name);
    if (found !== undefined) return { ok: true, sid: found.sid };
    names.push(...page.workers.flatMap(({ friendlyName }) => friendlyName ?? []));
    cursor = page.next;
  } while (cursor !== null);
  if (names.length === 0) {
    io.err(
      'no Worker is known yet; "headroom status" shows when they have been read from TaskRouter.',
    );
    return { ok: false, exit: EXIT.failed };
  }
  const close = likelyMeant(name, names);
  const meant = close === null ? '' : `; the nearest is "${close}"`;
  io.err(`no Worker is called "${name}"${meant}: expected a friendly name or a Worker SID.`);
  return { ok: false, exit: EXIT.misused };
}

/** Who gives the order, as the journal will record it. */
export function orderAuthor(given: string | undefined, io: Io): string {
  if (given !== undefined) return given;
  const { USER, USERNAME } = io.env;
  if (USER ?? USERNAME) return USER ?? USERNAME ?? '';
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user without a name.
    return 'command line';
  }
}
