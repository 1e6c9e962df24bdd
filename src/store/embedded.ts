// The embedded database: PGlite in the data folder, behind that folder's lock. What is acknowledged
// survives a kill of the process; a power cut may lose the last moments, because PGlite does not
// wait for the disk.

import { join } from 'node:path';
import { lockFolder } from './lock.ts';
import { PgliteDatabase } from './pglite.ts';

/** Opens the one database of this folder, or rejects with `FolderHeld`. */
export async function openEmbeddedDatabase(
  folder: string,
  onError: (error: Error) => void,
): Promise<PgliteDatabase> {
  let database: PgliteDatabase | null = null;
  const lost = `another process took over the data folder ${folder}`;
  const lock = await lockFolder(folder, {
    onLost: () => {
      database?.refuse(lost);
      onError(new Error(lost));
    },
  });
  try {
    database = await PgliteDatabase.open(join(folder, 'pg'), () => lock.release());
    return database;
  } catch (error) {
    await lock.release();
    throw new Error(`the database in ${folder} cannot be opened`, { cause: error });
  }
}
