// A process that locks a folder, prints whether it holds it, and keeps running.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { COMPILED, FOLDER } = process.env;
const { lockFolder } = await import(pathToFileURL(join(COMPILED, 'store/lock.js')).href);

try {
  await lockFolder(FOLDER, { onLost: () => process.stdout.write('lost\n') });
  process.stdout.write('held\n');
} catch (error) {
  process.stdout.write(`refused ${error.message}\n`);
  process.exitCode = 1;
}
