// Where one daemon's keys live: two Workspaces, or a Workspace and an emulator, never share a key.

import { createHash } from 'node:crypto';

/** A short name for one Workspace at one TaskRouter; `baseUrl` is null for Twilio itself. */
export function scopeOf(workspaceSid: string, baseUrl: string | null): string {
  const where = baseUrl === null ? 'twilio' : new URL(baseUrl).href.replace(/\/+$/, '');
  return createHash('sha256').update(`${workspaceSid} ${where}`).digest('hex').slice(0, 12);
}

/** The prefix of every key: `<HEADROOM_KEY_PREFIX>:<scope>`. */
export function prefixOf(place: {
  readonly keyPrefix: string;
  readonly workspaceSid: string;
  readonly baseUrl: string | null;
}): string {
  return `${place.keyPrefix}:${scopeOf(place.workspaceSid, place.baseUrl)}`;
}
