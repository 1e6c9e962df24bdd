// The users who sign in to a page under test.

import { createHash } from 'node:crypto';

/** A user whose token is their name followed by `-token`. */
export function roleOf(name: string, role: 'viewer' | 'supervisor') {
  return { name, role, sha256: createHash('sha256').update(`${name}-token`).digest('hex') };
}
