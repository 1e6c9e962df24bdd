// Runs a program of this folder by its name, with its arguments: `node test/history/run.mjs many
// 5000`. Node 20 does not run TypeScript, so it is compiled into the cache first.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve(import.meta.dirname, '../..');
const name = process.argv[2];
const cache = process.env.HISTORIES_CACHE ?? join(root, 'node_modules', '.cache');
const out = join(cache, `headroom-history-${name}`);
mkdirSync(out, { recursive: true });
copyFileSync(join(root, 'package.json'), join(out, 'package.json'));
writeFileSync(
  join(out, 'tsconfig.json'),
  JSON.stringify({
    extends: join(root, 'tsconfig.build.json'),
    compilerOptions: { rootDir: root, outDir: out, sourceMap: false },
    include: [],
    files: [join(root, 'test/history', `${name}.ts`)],
  }),
);
const compiled = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', out], { stdio: 'inherit' });
if (compiled.status !== 0) process.exit(1);
const script = join(out, 'test/history', `${name}.js`);
process.argv.splice(1, 2, script);
await import(pathToFileURL(script).href);
