// Many histories with real kills: `npm run histories:real -- [COUNT [SEED [PATH]]]`, ten to a
// daemon, on the embedded default or the Redis of TEST_REDIS_URL. Progress goes to stderr.

import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const [count = '100', seed = String(Date.now() % 0x7fffffff), path] = process.argv.slice(2);
if (![count, seed].every((each) => /^\d+$/.test(each)) || Number(count) < 1) {
  process.stderr.write('expected: histories:real COUNT [SEED [PATH]], both whole numbers\n');
  process.exit(2);
}
const env = { ...process.env, KILLED: count, SEED: seed, ...(path && { SEED_PATH: path }) };
const vitest = join(root, 'node_modules/.bin/vitest');
const args = ['run', 'test/integration/kills.int.test.ts'];
const { status } = spawnSync(vitest, args, { cwd: root, env, stdio: 'inherit' });
process.exit(status ?? 1);
