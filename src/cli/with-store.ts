// The daemon's store for a command, opened with the daemon's own environment; reports what is
// missing or in the way.

import { readSettings } from '../daemon/settings.ts';
import { type StoreDirect, withStoreDirect } from '../daemon/store-direct.ts';
import { createLogger } from '../log.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { identityOf } from './start.ts';

export interface StoreCommand {
  work(store: StoreDirect): Promise<Exit>;
  /** Completes the sentence that the folder is in use. */
  readonly whenHeld: string;
}

export async function withStore({ work, whenHeld }: StoreCommand, io: Io): Promise<Exit> {
  const settings = await readSettings(io.env, { orEmulated: false });
  if ('problems' in settings) {
    for (const problem of settings.problems) io.err(problem);
    return EXIT.misused;
  }
  const { config } = settings;
  const log = createLogger({ logLevel: 'error' });
  try {
    return await withStoreDirect({ config, identity: identityOf(config), log }, work);
  } catch (error) {
    const held = error instanceof Error && error.name === 'FolderHeld';
    const cause = error instanceof Error ? error.message : String(error);
    io.err(`${cause}${held ? whenHeld : ''}.`);
    return EXIT.failed;
  }
}
