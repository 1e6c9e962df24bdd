// The house rules that a machine can check: who may import whom, where each npm package lives, how
// large a file may grow, and that the pure core stays pure. Each message says what to do instead.

import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { parseAst } from 'vite';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

interface Source {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** First folder under src, or '' at its root. */
  readonly folder: string;
  readonly imports: readonly string[];
  /** Those of `imports` that exist at run time, not only for their types. */
  readonly values: readonly string[];
}

function files(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') || name.endsWith('.tsx'))
    .map((name) => join(folder, name));
}

function read(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const parts = path.split('/');
  const imports = [...text.matchAll(/^\s*(?:import|export)\b[^'"`;]*?from\s+'([^']+)'/gms)]
    .map((m) => m[1] ?? '')
    .concat([...text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)].map((m) => m[1] ?? ''))
    .concat([...text.matchAll(/^import '([^']+)'/gm)].map((m) => m[1] ?? ''));
  const typeOnly = [...text.matchAll(/^\s*(?:import|export)\s+type\b[^'"`;]*?from\s+'([^']+)'/gms)];
  const types = new Set(typeOnly.map((m) => m[1]));
  return {
    path,
    text,
    values: imports.filter((i) => !types.has(i)),
    lines: text.trimEnd().split('\n'),
    folder: parts.length > 2 ? (parts[1] ?? '') : '',
    imports,
  };
}

const SOURCES = files('src').map(read);
const TESTS = files('test').map(read);
/** What runs in the browser. */
const PAGE = files('page').map(read);

/** Which of our folders each folder may import. The root may import everything. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: ['core'],
  language: ['core', 'language'],
  trial: ['core', 'language', 'trial'],
  ingress: ['core', 'ingress'],
  queue: ['core', 'queue'],
  control: ['core', 'control'],
  store: ['core', 'store'],
  taskrouter: ['core', 'taskrouter'],
  dashboard: ['core', 'dashboard'],
  emulator: ['emulator'],
  live: ['core', 'trial', 'control', 'live'],
  // This connects the edges.
  daemon: [
    ...['core', 'language', 'control', 'live', 'daemon'],
    ...['ingress', 'queue', 'store', 'taskrouter', 'dashboard'],
  ],
  cli: ['core', 'language', 'trial', 'emulator', 'live', 'daemon', 'cli'],
};
/** Files at the root of src that everyone but the core and the emulator may use. */
const SHARED_ROOT = [
  'src/ports.ts',
  'src/gateway.types.ts',
  'src/log.ts',
  'src/config.ts',
  'src/secret.ts',
  'src/metrics.ts',
  'src/failover.ts',
  'src/batch-writes.ts',
  'src/urls.ts',
  'src/content-security-policy.ts',
];

/** The folders (or files) in which each npm package may be imported. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@electric-sql/pglite': ['src/store/'],
  '@marcbachmann/cel-js': ['src/core/'],
  bullmq: ['src/queue/'],
  'close-with-grace': ['src/cli/'],
  commander: ['src/cli/'],
  // The emulator stays independent, even where we use the same package.
  express: ['src/ingress/', 'src/dashboard/', 'src/emulator/'],
  'express-rate-limit': ['src/ingress/'],
  helmet: ['src/ingress/'],
  'ical.js': ['src/language/'],
  // BullMQ is given connections that its user opened.
  ioredis: ['src/store/', 'src/queue/'],
  'node-cron': ['src/control/'],
  pg: ['src/store/'],
  pino: ['src/log.ts'],
  preact: ['page/src/'],
  'prom-client': ['src/metrics.ts'],
  'temporal-polyfill': ['src/core/'],
  twilio: ['src/taskrouter/', 'src/ingress/verify.ts', 'src/emulator/'],
  uplot: ['page/src/signals/'],
  vite: ['page/vite.config.ts'],
  yaml: ['src/language/'],
  zod: ['src/config.ts'],
};

function target(source: Source, specifier: string): string {
  return relative(ROOT, resolve(ROOT, dirname(source.path), specifier));
}

function isOurs(specifier: string): boolean {
  return specifier.startsWith('.');
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

describe('imports', () => {
  it('each folder imports only what it may', () => {
    const wrong = SOURCES.filter((s) => s.folder !== '').flatMap((s) =>
      s.imports
        .filter(isOurs)
        .map((i) => target(s, i))
        .filter((path) => {
          const folder = path.split('/').length > 2 ? (path.split('/')[1] ?? '') : '';
          if (folder !== '') return !(MAY_IMPORT[s.folder] ?? []).includes(folder);
          if (s.folder === 'cli') return false;
          return s.folder === 'core' || s.folder === 'emulator' || !SHARED_ROOT.includes(path);
        })
        .map((path) => `${s.path} imports ${path}: pass it in from build.ts instead`),
    );
    expect(wrong).toEqual([]);
  });

  it('every folder of src is listed here', () => {
    const folders = new Set(SOURCES.map((s) => s.folder).filter((f) => f !== ''));
    expect([...folders].filter((f) => !(f in MAY_IMPORT))).toEqual([]);
  });

  it('one npm package lives in one folder', () => {
    const wrong = [...SOURCES, ...PAGE].flatMap((s) =>
      s.imports
        .filter((i) => !isOurs(i) && !i.startsWith('node:'))
        .map(packageOf)
        .filter((name) => !(PACKAGES[name] ?? []).some((place) => s.path.startsWith(place)))
        .map(
          (name) =>
            `${s.path} imports ${name}, which belongs in ${PACKAGES[name] ?? 'no file yet: name it in PACKAGES'}`,
        ),
    );
    expect(wrong).toEqual([]);
  });

  it('the page imports only types from the daemon, in one file', () => {
    const wrong = PAGE.flatMap((s) => {
      const out = s.imports.filter(isOurs).filter((i) => !target(s, i).startsWith('page/'));
      const runs = out.filter((i) => s.values.includes(i));
      const place = s.path === 'page/src/live/types.ts' ? runs : out;
      return place.map((i) => `${s.path} imports ${i}: take its type by page/src/live/types.ts`);
    });
    expect(wrong).toEqual([]);
  });

  it('imports say `.ts`, builtins say `node:`, and nothing is re-exported wholesale', () => {
    const wrong = [...SOURCES, ...PAGE, ...TESTS].flatMap((s) => [
      ...s.imports
        .filter((i) => isOurs(i) && !/\.(ts|tsx|json|css)$/.test(i))
        .map((i) => `${s.path}: "${i}" needs its .ts`),
      ...s.imports.filter((i) => builtinModules.includes(i)).map((i) => `${s.path}: node:${i}`),
      ...(/^export \* from/m.test(s.text) ? [`${s.path} is a barrel: import the file itself`] : []),
    ]);
    expect(wrong).toEqual([]);
  });

  it("the model that judges headroom's histories shares no code with it", () => {
    const model = TESTS.filter((s) => s.path.startsWith('test/model/'));
    expect(model.length).toBeGreaterThan(0);
    const wrong = model.flatMap((s) =>
      s.imports
        .filter((i) => !i.startsWith('./'))
        .map((i) => `${s.path} imports ${i}: write it anew from what the words mean`),
    );
    expect(wrong).toEqual([]);
  });

  it('there are no import cycles', () => {
    const graph = new Map(
      [...SOURCES, ...PAGE].map((s) => [s.path, s.values.filter(isOurs).map((i) => target(s, i))]),
    );
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (path: string, trail: readonly string[]): void => {
      const at = trail.indexOf(path);
      if (at !== -1) circles.push([...trail.slice(at), path].join(' → '));
      if (at !== -1 || done.has(path)) return;
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    expect(circles).toEqual([]);
  });
});

describe('the pure core', () => {
  const core = SOURCES.filter((s) => s.folder === 'core');

  it('uses no clock, no randomness, no process, and no await', () => {
    const banned =
      /\b(Date\.now|new Date\(\)|Math\.random|process\.|console\.|await |setTimeout|setInterval|Temporal\.Now)/;
    const wrong = core.flatMap((s) =>
      s.lines
        .map((line, i) => ({ line, place: `${s.path}:${i + 1}` }))
        .filter(({ line }) => banned.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line))
        .map(({ line, place }) => `${place}: ${line.trim()} — take it as an argument`),
    );
    expect(wrong).toEqual([]);
  });

  it('imports no builtin', () => {
    expect(core.flatMap((s) => s.imports.filter((i) => i.startsWith('node:')))).toEqual([]);
  });
});

describe('files', () => {
  it('each begins with a comment', () => {
    const wrong = [...SOURCES, ...PAGE]
      .filter((s) => !/^(#!.*\n)?(\/\/ |\/\*\*)/.test(s.text))
      .map((s) => s.path);
    expect(wrong).toEqual([]);
  });

  it('none grows past 300 lines', () => {
    const wrong = [...SOURCES, ...PAGE]
      .filter((s) => s.lines.length > 300)
      .map((s) => `${s.path}: ${s.lines.length} lines: split it by what it does`);
    expect(wrong).toEqual([]);
  });

  it('no test is marked skip, only or todo', () => {
    const lonely = new RegExp(`\\b(it|describe|test)\\.(${['skip', 'only', 'todo'].join('|')})\\b`);
    expect(TESTS.filter((s) => lonely.test(s.text)).map((s) => s.path)).toEqual([]);
  });

  it('nothing refers to the place where it was written', () => {
    const elsewhere = new RegExp(
      ['\\.\\./shared/', '/work/', 'SEMANTICS\\.md', 'DESIGN\\.md'].join('|'),
    );
    const all = [...SOURCES, ...PAGE, ...TESTS.filter((s) => s.path !== 'test/tidy.test.ts')];
    expect(all.filter((s) => elsewhere.test(s.text)).map((s) => s.path)).toEqual([]);
  });

  it('no line is wider than 100, except for a sentence, a pattern or an import', () => {
    // The formatter breaks everything else; it leaves comments as they are.
    const mayBe = /['"`]|^\s*\/[^/*]| # /;
    const comment = /^\s*(\/\/|\/?\*)/;
    const wrong = [...SOURCES, ...PAGE].flatMap((s) =>
      s.lines.flatMap((line, i) =>
        line.length > 100 && (comment.test(line) || !mayBe.test(line))
          ? [`${s.path}:${i + 1}: ${line.length} characters: wrap it`]
          : [],
      ),
    );
    expect(wrong).toEqual([]);
  });
});

interface Fn {
  readonly place: string;
  readonly name: string;
  readonly lines: number;
  readonly parameters: number;
}

/** Every function of a file, by its own name or that of what contains it. */
function functionsOf({ path, text }: Source): readonly Fn[] {
  const found: Fn[] = [];
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;
  const visit = (node: unknown, given: string): void => {
    if (Array.isArray(node)) for (const each of node) visit(each, given);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    const { type, start, end, id, key, params } = node as Record<string, unknown>;
    const own = nameIn(id) ?? nameIn(key) ?? given;
    if (Array.isArray(params) && typeof start === 'number' && typeof end === 'number') {
      if (/^(Function|ArrowFunction)/.test(String(type))) {
        const first = lineAt(start);
        const lines = lineAt(end) - first + 1;
        found.push({ place: `${path}:${first}`, name: own, lines, parameters: params.length });
      }
    }
    for (const child of Object.values(node)) visit(child, own);
  };
  visit(parseAst(text, { lang: path.endsWith('x') ? 'tsx' : 'ts' }).body, 'a function');
  return found;
}

function nameIn(node: unknown): string | null {
  const name = typeof node === 'object' && node !== null ? Reflect.get(node, 'name') : null;
  return typeof name === 'string' ? name : null;
}

/** Longer, or with more parameters, than they should be: these lists may only become shorter. */
const LONG: readonly string[] = [
  'page/src/floor/floor.tsx Floor',
  'page/src/floor/grid.tsx Grid',
  'page/src/hold/order-form.tsx OrderForm',
  'src/emulator/emulator.ts startEmulator',
  'src/taskrouter/budget.ts createBudget',
  'src/taskrouter/gateway.ts callerOf',
  'src/taskrouter/gateway.ts createGateway',
];
const MANY: readonly string[] = [
  'src/core/guardrails/admission.ts answerRequests',
  'src/core/guardrails/floor-memberships.ts floorMembershipsOf',
  'src/emulator/floor/set-up.ts person',
];

describe('functions', () => {
  const all = [...SOURCES, ...PAGE].flatMap((s) =>
    functionsOf(s).map((fn) => ({ ...fn, id: `${s.path} ${fn.name}` })),
  );
  const long = all.filter(({ lines }) => lines > 70);
  const many = all.filter(({ parameters }) => parameters > 4);

  it('none grows past 70 lines', () => {
    const wrong = long.filter(({ id }) => !LONG.includes(id));
    const told = wrong.map((fn) => `${fn.place}: ${fn.name} has ${fn.lines} lines: split it`);
    expect(told).toEqual([]);
  });

  it('none takes more than four parameters', () => {
    const wrong = many.filter(({ id }) => !MANY.includes(id));
    const told = wrong.map(
      (fn) => `${fn.place}: ${fn.name} takes ${fn.parameters}: hand over one object`,
    );
    expect(told).toEqual([]);
  });

  it('no listed exception is obsolete', () => {
    const needed = [...long, ...many].map(({ id }) => id);
    expect([...LONG, ...MANY].filter((id) => !needed.includes(id))).toEqual([]);
  });
});
