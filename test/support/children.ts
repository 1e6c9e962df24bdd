// Real processes for what only a process can show: being killed, and ending by itself. Node 20 does
// not run TypeScript, so the parts they need are compiled once into the cache folder.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { waitFor } from './wait.ts';

const ROOT = resolve(import.meta.dirname, '../..');

export interface Children {
  /** `reads` false: its output is not read and the pipe is closed; errors are still read. */
  start(
    script: string,
    settings: Readonly<Record<string, string>>,
    how?: { readonly reads: boolean },
  ): Child;
  /** Ends those that still run. */
  end(): Promise<void>;
  /** Removes what was compiled. */
  remove(): void;
}

export interface Child {
  readonly pid: number;
  /** What it has printed so far, line by line, including errors. */
  readonly lines: readonly string[];
  /** Its `times`-th line with this word; an error if it ends without it. */
  says(word: string, times?: number): Promise<string>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): Promise<number | string>;
}

export function compileFor(...sources: readonly string[]): Children {
  const out = join(ROOT, 'node_modules', '.cache', `headroom-test-${process.pid}`);
  mkdirSync(out, { recursive: true });
  // Beside its package.json, as `dist` is: the entry point reads its version from there.
  const dist = join(out, 'dist');
  copyFileSync(join(ROOT, 'package.json'), join(out, 'package.json'));
  const config = join(out, 'tsconfig.json');
  const files = sources.map((source) => join(ROOT, source));
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(ROOT, 'tsconfig.build.json'),
      compilerOptions: { rootDir: join(ROOT, 'src'), outDir: dist, sourceMap: false },
      include: [],
      files,
    }),
  );
  const compiled = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', config]);
  if (compiled.status !== 0) throw new Error(compiled.stdout.toString());
  const running: Child[] = [];
  return {
    start(script, settings, how) {
      const path = join(ROOT, 'test/support/children', script);
      const env = { ...process.env, ...settings, COMPILED: dist };
      const child = spawn(process.execPath, [path], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      const watched = watch(child);
      if (how?.reads === false) child.stdout?.destroy();
      running.push(watched);
      return watched;
    },
    async end() {
      await Promise.all(running.splice(0).map((child) => child.kill('SIGKILL')));
    },
    remove() {
      rmSync(out, { recursive: true, force: true });
    },
  };
}

function watch(child: ChildProcess): Child {
  const lines: string[] = [];
  const { stdout, stderr, pid } = child;
  if (stdout === null || stderr === null || pid === undefined) throw new Error('it did not start');
  for (const input of [stdout, stderr]) {
    createInterface({ input }).on('line', (line) => lines.push(line));
  }
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  let alive = true;
  void ended.then(() => {
    alive = false;
  });
  return {
    pid,
    lines,
    ended,
    async says(word, times = 1) {
      const said = (): string | undefined => lines.filter((line) => line.includes(word))[times - 1];
      await waitFor(`the child says "${word}"`, () => !alive || said() !== undefined, 60_000);
      const line = said();
      if (line === undefined) throw new Error(`it ended without "${word}":\n${lines.join('\n')}`);
      return line;
    },
    kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}
