// A data folder of its own for a test, and the embedded backend in it.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Backend, openEmbedded } from '../../src/backends.ts';

export interface Folder {
  readonly path: string;
  remove(): Promise<void>;
}

export async function folder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'headroom-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** The Workspace of the test's own: each stands apart in a database that tests share. */
export const place = {
  keyPrefix: 'headroom',
  workspaceSid: `WS${'0'.repeat(32)}`,
  baseUrl: null,
  onError: () => undefined,
};

export function embedded(dataDir: string): Promise<Backend> {
  return openEmbedded({ ...place, dataDir });
}
