// A data folder of its own for a test, and the embedded backend in it.

import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Backend, openEmbedded } from '../../src/daemon/backends.ts';

/**
 * Makes `path` a data folder with a database in it: a copy of the one that `global-setup.ts` made
 * for this run. Creating one takes seconds of computing, and only the tests of `npm start` and of
 * the lock need to see that.
 */
export async function prepare(path: string): Promise<void> {
  const template = process.env.TEST_TEMPLATE;
  if (template === undefined)
    throw new Error('TEST_TEMPLATE is set by test/support/global-setup.ts');
  await cp(join(template, 'pg'), join(path, 'pg'), { recursive: true });
}

export interface Folder {
  readonly path: string;
  remove(): Promise<void>;
}

export async function folder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'headroom-test-'));
  await prepare(path);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Tests that share a database or a server replace `keyPrefix` by their own. */
export const TEST_BACKEND = {
  keyPrefix: 'headroom',
  workspaceSid: `WS${'0'.repeat(32)}`,
  baseUrl: null,
  onError: () => undefined,
};

export function embedded(dataDir: string): Promise<Backend> {
  return openEmbedded({ ...TEST_BACKEND, dataDir });
}
