// Who signs in at a page under test.

import { createHash } from 'node:crypto';

/** Somebody whose token is their name with `-token` behind it. */
export function roleOf(name: string, role: 'viewer' | 'supervisor') {
  return { name, role, sha256: createHash('sha256').update(`${name}-token`).digest('hex') };
}
