// Pictures of every view: `npm run shots -- FOLDER [PART]`, wide and narrow, light and dark, as PNG
// files in that folder. PART selects those with it in their name, e.g. `well-floor` or `narrow`.
// TEST_CHROMIUM names the browser; the default is `chromium` in /usr/bin.

import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const [folder, part = ''] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('expected: npm run shots -- FOLDER [PART]\n');
  process.exit(2);
}
const env = { TEST_CHROMIUM: '/usr/bin/chromium', ...process.env };
const { status } = spawnSync(
  join(root, 'node_modules/.bin/vitest'),
  ['run', '--project', 'shots', '--reporter', 'dot'],
  { cwd: root, env: { ...env, SHOTS: resolve(folder), SHOTS_PART: part }, stdio: 'inherit' },
);
process.exit(status ?? 1);
