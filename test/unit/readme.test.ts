// The README is tested: its rules compile, its links lead somewhere, its commands exist.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { PEOPLE } from '../../src/emulator/floor/set-up.ts';
import { compileRules } from '../../src/language/compile.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'docs/rules.md',
  'docs/emulator.md',
  'docs/operate.md',
];

/** Rule files: fenced as yaml, or written by a here-document in a shell block. */
function ruleFiles(markdown: string): string[] {
  const fenced = [...markdown.matchAll(/```yaml\n([\s\S]*?)```/g)].map((m) => m[1] ?? '');
  const written = [...markdown.matchAll(/<<'YAML'\n([\s\S]*?)\nYAML\n/g)].map((m) => m[1] ?? '');
  return [...fenced, ...written].filter((text) => text.startsWith('version:'));
}

describe('README.md', () => {
  const readme = read('README.md');

  it('shows rules that compile as they stand', () => {
    const files = ruleFiles(readme);
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const text of files) {
      const { ruleSet, diagnostics } = compileRules([{ name: 'readme.yaml', text }]);
      expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
      expect(ruleSet).not.toBeNull();
    }
  });

  it('explains Workers that exist in the contact centre of npm start', () => {
    const asked = [...readme.matchAll(/\bheadroom explain "([^"]+)"/g)].map((m) => m[1] ?? '');
    const names = PEOPLE.map(({ name }) => name);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('names only npm scripts and commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const used = [...readme.matchAll(/\bnpm run ([\w:-]+)/g)].map((m) => m[1] ?? '');
    expect(used.filter((name) => !(name in scripts))).toEqual([]);
    const commands = [...readme.matchAll(/\bdist\/main\.js (\w+)/g)].map((m) => m[1] ?? '');
    const files = readdirSync(join(ROOT, 'src/cli')).map((file) => read(join('src/cli', file)));
    const program = files.join('\n');
    expect(commands.length).toBeGreaterThan(0);
    expect(
      commands.filter((name) => !new RegExp(`command\\(\\s*'${name}\\b`).test(program)),
    ).toEqual([]);
  });
});

describe('the documents', () => {
  it.each(PAGES)('%s: every link to a file of ours leads to one', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map(
      (m) => m[1] ?? '',
    );
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([]);
  });
});

describe('.env.example', () => {
  it('names every variable that is read, and no other', () => {
    const named = [...read('.env.example').matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)].map(
      (m) => m[1] ?? '',
    );
    const source = read('src/config.ts');
    const block = source.slice(
      source.indexOf('const VARIABLES = {'),
      source.indexOf('} as const satisfies'),
    );
    const known = [...block.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map((m) => m[1] ?? '');
    expect(known.length).toBeGreaterThan(20);
    expect(named.sort()).toEqual(known.sort());
  });

  it('sets nothing that has a default, so that a copy of it overrides nothing in the image', () => {
    const example = read('.env.example');
    const set = [...example.matchAll(/^([A-Z][A-Z_]+)=/gm)].map((m) => m[1] ?? '');
    const defaults = [...read('src/config.ts').matchAll(/values\.([A-Z_]+) \?\? (?!null)/g)].map(
      (m) => m[1] ?? '',
    );
    expect(defaults.length).toBeGreaterThan(10);
    expect(set.filter((name) => defaults.includes(name))).toEqual([]);
    expect(example.match(/^[A-Z][A-Z_]+=.+$/gm) ?? []).toEqual([]);
  });

  it('shows the actual defaults', () => {
    const shown = [...read('.env.example').matchAll(/^# ([A-Z][A-Z_]+)=(.+)$/gm)];
    const env = Object.fromEntries(shown.map(([, name, value]) => [name ?? '', value]));
    const [asShown, asIs] = [readConfig(env), readConfig({})];
    expect(asShown).toMatchObject({ config: expect.anything() });
    const plain = (read: typeof asIs) =>
      'config' in read ? { ...read.config, setNames: [] } : read;
    expect(plain(asShown)).toEqual(plain(asIs));
  });
});

describe('Dockerfile', () => {
  const dockerfile = read('Dockerfile');

  it('copies only what .dockerignore lets through', () => {
    const through =
      read('.dockerignore')
        .match(/^!.+$/gm)
        ?.map((line) => line.slice(1)) ?? [];
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((m) =>
      (m[1] ?? '').split(' '),
    );
    expect(copied.length).toBeGreaterThan(5);
    expect(copied.filter((file) => !through.includes(file))).toEqual([]);
    expect(copied.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('checks that the process lives, not its store, whose outage must not restart it', () => {
    expect(dockerfile).toMatch(/HEALTHCHECK[\s\S]*\/healthz/);
    expect(dockerfile).not.toContain('/readyz');
  });
});
