// docs/openapi.yaml is kept true: to the routes of the app, to the code's own sets of words, and to
// what the running daemon really answers, good and bad.

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { REASONS } from '../../src/core/reasons.ts';
import { createPage } from '../../src/dashboard/page.ts';
import { createApp } from '../../src/ingress/app.ts';
import type { Orders } from '../../src/ingress/orders.ts';
import { createSessions } from '../../src/ingress/sessions.ts';
import { createStreams } from '../../src/ingress/stream.ts';
import { ROLES } from '../../src/ingress/tokens.ts';
import { createLogger } from '../../src/log.ts';
import { type Rig, startRig } from '../support/rig.ts';

type Schema = Readonly<Record<string, unknown>>;
interface Answered {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}
interface Operation {
  readonly responses: Readonly<Record<string, Answered>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema & { readonly enum?: readonly unknown[] }>>;
    readonly responses: Readonly<Record<string, Answered>>;
  };
}

const DOCUMENT = parse(readFileSync('docs/openapi.yaml', 'utf8')) as Document;

const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { 'date-time': isInstant } });
ajv.addSchema({ ...DOCUMENT, $id: 'api' } as object);

function isInstant(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** A `/` in a JSON pointer. */
const escaped = (path: string) => path.replaceAll('~', '~0').replaceAll('/', '~1');

describe('the document', () => {
  it('has every route of the app, and no other', () => {
    const routes = routesOf(wholeApp());
    const told = Object.entries(DOCUMENT.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    expect([...told].sort()).toEqual([...routes].sort());
  });

  it("has the code's own words", () => {
    const { schemas } = DOCUMENT.components;
    expect(schemas.Reason?.enum).toEqual(Object.keys(REASONS));
    expect(schemas.Role?.enum).toEqual(ROLES);
    expect(schemas.Mode?.enum).toEqual(['enforce', 'observe', 'disabled']);
  });

  it('references nothing that it does not contain', () => {
    const names = [...JSON.stringify(DOCUMENT).matchAll(/"#\/components\/(\w+)\/(\w+)"/g)];
    const missing = names.filter(([, kind = '', name = '']) => {
      const part: unknown = Reflect.get(DOCUMENT.components, kind);
      return typeof part !== 'object' || part === null || !(name in part);
    });
    expect(missing.map(([all]) => all)).toEqual([]);
    for (const name of Object.keys(DOCUMENT.components.schemas)) {
      expect(() => ajv.getSchema(`api#/components/schemas/${name}`), name).not.toThrow();
    }
  });
});

/** This app contains everything that an app can have; none of it is ever called. */
function wholeApp() {
  const never = () => Promise.reject(new Error('nobody asks this'));
  const log = createLogger({ logLevel: 'silent' });
  const orders: Orders = {
    ...{ pause: never, resume: never, release: never, resync: never, reload: never },
    now: () => 0,
  };
  return createApp({
    receiver: {
      publicUrl: () => 'https://hr.example.com',
      authTokens: [],
      workspaceSid: '',
      queues: { addEvent: never },
      clock: { now: () => 0 },
      log,
      onOutcome: () => {},
      onAlarm: () => {},
    },
    access: { tokenAlways: true, tokens: [] },
    views: { status: never, workers: never, worker: never, journal: never },
    live: {
      rules: never,
      explain: never,
      plan: never,
      compare: never,
      signals: never,
      timeline: never,
      backup: never,
    },
    orders,
    deadJobs: { jobs: { page: never, replay: never, discard: never }, recordOrder: never },
    signIn: createSessions({ tokens: [], key: () => null, now: () => 0 }),
    streams: createStreams({ subscribe: never, position: () => null }),
    page: createPage(),
    metrics: { contentType: '', text: never },
    ready: never,
    log,
  });
}

interface Layer {
  readonly name: string;
  match(path: string): boolean | { readonly path: string };
  readonly handle?: { readonly stack?: readonly Layer[] };
  readonly route?: { readonly path: string | string[]; readonly methods: Record<string, boolean> };
}

/** Express does not keep a router's prefix as text, so each is tested for the API's. */
function routesOf(app: ReturnType<typeof createApp>): readonly string[] {
  const walk = (stack: readonly Layer[], prefix: string): string[] =>
    stack.flatMap((layer) => {
      const { route } = layer;
      if (route !== undefined) {
        // What answers any method only refuses all but the one that a middleware handles.
        const all = Object.keys(route.methods);
        const methods = all.length > 9 ? ['post'] : all;
        const paths = [route.path].flat().map((path) => path.replace(/:(\w+)/g, '{$1}'));
        return paths.flatMap((path) => methods.map((method) => `${method} ${prefix}${path}`));
      }
      if (layer.handle?.stack === undefined) return [];
      const found = layer.match('/api/v1/x');
      const isApi = typeof found === 'object' && found.path === '/api/v1';
      return walk(layer.handle.stack, isApi ? '/api/v1' : prefix);
    });
  const { stack } = app.router as unknown as { stack: readonly Layer[] };
  return walk(stack, '');
}

const FILES = (then: string) => {
  const rule = `{ name: a, who: everyone, when: activity.available, ${then} }`;
  const text = `version: 1\ndefaults: { timezone: UTC, mode: enforce }\nrules:\n  - ${rule}\n`;
  return { files: [{ name: 'a.yaml', text }] };
};

describe('the running daemon', () => {
  const TOKEN = 'a-token-of-some-length';
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({
      rules: {
        'rules.yaml': `version: 1
defaults: { timezone: UTC, mode: enforce }
guardrails: { max_change: { workers: 100%, per: 5m } }
schedules: { morning: { days: mon-sun, hours: "00:00-24:00" } }
rules:
  - { name: lift, who: everyone, when: activity.available, then: { chat: 3 }, why: "Three chats" }
  - { name: some, who: everyone, during: morning, then: { voice: { max: 1 } }, limit: { workers: 50%, pick: least_loaded } }
  - { name: busy, who: everyone, when: queue("Support").waiting > 100, then: { sms: pause } }
  - { name: seen, who: everyone, mode: observe, when: worker.missing == 1, then: { sms: pause } }
`,
      },
      env: { HEADROOM_ADMIN_TOKEN: TOKEN },
      world: ({ world }) => {
        world.createWorker({ friendlyName: 'Ana', attributes: { team: 'support' } });
        world.createWorker({ friendlyName: 'Ben', attributes: {} });
      },
    });
    rig.emulator.world.setActivity('Ana', 'Available');
    await rig.quiet();
  });
  afterAll(() => rig.stop());

  const JSON_TYPE = { 'content-type': 'application/json' };
  const order = (body: object): RequestInit => ({
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify(body),
  });
  const WHO = { reason: 'odd numbers', by: 'dana' };
  const nobody = `WK${'0'.repeat(32)}`;
  const ana = () => rig.emulator.world.worker('Ana').sid;
  /** A proxy in between: then a token is needed. */
  const stranger = { headers: { 'x-forwarded-for': '203.0.113.7' } };
  const foreign = { ...order(WHO), headers: { ...JSON_TYPE, origin: 'https://evil.example' } };

  /** An operation, its expected status, what is sent, and the address if it has variables. */
  const call = (
    does: string,
    status: number,
    init: () => RequestInit = () => ({}),
    address: () => string = () => does.split(' ')[1] ?? '',
  ) => ({ does, status, init, address });

  // In this order: each call finds what the earlier ones left.
  const CALLS = [
    call('get /healthz', 200),
    call('get /readyz', 200),
    call('get /metrics', 200),
    call('get /metrics', 401, () => stranger),
    call('post /webhooks/taskrouter', 403, () => ({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'EventType=x',
    })),
    call('post /webhooks/taskrouter', 400, () => ({
      method: 'POST',
      headers: JSON_TYPE,
      body: '{}',
    })),
    call('post /webhooks/event-streams', 403, () => order({})),
    call('get /api/v1/session', 200),
    call('get /api/v1/session', 200, () => stranger),
    call('post /api/v1/session', 200, () => order({ token: TOKEN })),
    call('post /api/v1/session', 401, () => order({ token: 'nobody' })),
    call('post /api/v1/session', 400, () => order({})),
    call('delete /api/v1/session', 204, () => ({ method: 'DELETE' })),
    call('get /api/v1/status', 200),
    call('get /api/v1/status', 400, undefined, () => '/api/v1/status?x=1'),
    call('get /api/v1/status', 401, () => stranger),
    call('get /api/v1/workers', 200),
    call('get /api/v1/workers', 400, undefined, () => '/api/v1/workers?cursor=zzz'),
    call('get /api/v1/workers/{sid}', 200, undefined, () => `/api/v1/workers/${ana()}`),
    call('get /api/v1/workers/{sid}', 404, undefined, () => `/api/v1/workers/${nobody}`),
    call(
      'get /api/v1/workers/{sid}/explain',
      200,
      undefined,
      () => `/api/v1/workers/${ana()}/explain`,
    ),
    call(
      'get /api/v1/workers/{sid}/explain',
      200,
      undefined,
      () => `/api/v1/workers/${ana()}/explain?at=2020-06-10T09:00`,
    ),
    call(
      'get /api/v1/workers/{sid}/explain',
      400,
      undefined,
      () => `/api/v1/workers/${ana()}/explain?at=soon`,
    ),
    call(
      'get /api/v1/workers/{sid}/explain',
      404,
      undefined,
      () => `/api/v1/workers/${ana()}/explain?channel=chatt`,
    ),
    call('get /api/v1/rules', 200),
    call('get /api/v1/plan', 200),
    call('post /api/v1/plan', 200, () => order(FILES('then: { chat: 2 }'))),
    call('post /api/v1/plan', 422, () => order(FILES('them: { chat: 2 }'))),
    call('post /api/v1/plan', 400, () => order({ files: [{ name: 'a.yaml' }] })),
    call('post /api/v1/plan', 413, () => order(FILES('x'.repeat(3_000_000)))),
    call('post /api/v1/plan', 401, () => foreign),
    call('get /api/v1/dead-jobs', 200),
    call('post /api/v1/dead-jobs/replay', 400, () => order({ by: 'dana' })),
    call('get /api/v1/timeline', 200),
    call('get /api/v1/export', 200),
    call('get /api/v1/export', 400, undefined, () => '/api/v1/export?cursor=zzz'),
    call('get /api/v1/export', 401, () => stranger),
    call('get /api/v1/signals', 200),
    call('get /api/v1/signals', 400, undefined, () => '/api/v1/signals?hours=99'),
    call('post /api/v1/pause', 200, () => order({ ...WHO, rule: 'lift' })),
    call('post /api/v1/pause', 200, () =>
      order({ ...WHO, worker: ana(), until: '2099-01-01T00:00:00Z' }),
    ),
    call('post /api/v1/pause', 404, () => order({ ...WHO, rule: 'left' })),
    call('post /api/v1/pause', 400, () => order({ ...WHO, until: 'noon' })),
    call('post /api/v1/pause', 401, () => foreign),
    call('post /api/v1/pause', 413, () => order({ ...WHO, reason: 'x'.repeat(20_000) })),
    call('get /api/v1/status', 200),
    call('get /api/v1/rules', 200),
    call('get /api/v1/plan', 200),
    call(
      'get /api/v1/workers/{sid}/explain',
      200,
      undefined,
      () => `/api/v1/workers/${ana()}/explain?channel=chat`,
    ),
    call('get /api/v1/export', 200),
    call('post /api/v1/resume', 200, () => order({ by: 'dana', rule: 'lift' })),
    call('post /api/v1/release', 200, () => order(WHO)),
    call('post /api/v1/resume', 200, () => order({ by: 'dana' })),
    call('post /api/v1/resync', 202, () => order({})),
    call('post /api/v1/reload', 200, () => order({})),
    call('get /api/v1/journal', 200),
    call('get /api/v1/journal', 400, undefined, () => '/api/v1/journal?before=zzz'),
  ];

  it.each(CALLS)('$does answers $status as documented', async ({ does, status, init, address }) => {
    const [method = '', path = ''] = does.split(' ');
    const response = await fetch(`${rig.service.url}${address()}`, init());
    const text = await response.text();
    expect(response.status, text).toBe(status);
    const told = DOCUMENT.paths[path]?.[method]?.responses[String(status)];
    const answered =
      told?.$ref === undefined
        ? told
        : DOCUMENT.components.responses[told.$ref.split('/').at(-1) ?? ''];
    expect(answered, 'it is not in the document').toBeDefined();
    const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
    if (status === 204) return;
    expect(Object.keys(answered?.content ?? {})).toContain(type);
    if (!type.endsWith('json')) return;
    const at =
      told?.$ref === undefined
        ? `/paths/${escaped(path)}/${method}/responses/${status}`
        : told.$ref.slice(1);
    const validate = ajv.getSchema(`api#${at}/content/${encodeURIComponent(escaped(type))}/schema`);
    expect(validate, at).toBeDefined();
    validate?.(JSON.parse(text));
    expect(validate?.errors ?? [], text.slice(0, 2_000)).toEqual([]);
  });

  it('35: the journal is searched by channel, rule, reason, time; errors are reported', async () => {
    const ask = async (query: string) => {
      const response = await fetch(`${rig.service.url}/api/v1/journal?${query}`);
      return (await response.json()) as {
        journal: { id: string; channel: string; rule: string; reason: string; at: number }[];
        next: string | null;
        detail?: string;
      };
    };
    const all = await ask('limit=500');
    const lifts = await ask('rule=lift&channel=chat');
    expect(lifts.journal.length).toBeGreaterThan(0);
    expect(lifts.journal).toEqual(
      all.journal.filter((e) => e.rule === 'lift' && e.channel === 'chat'),
    );
    const begun = await ask('reason=pause.begun&limit=1');
    const expected = all.journal.filter(({ reason }) => reason === 'pause.begun');
    expect(begun.journal).toEqual(expected.slice(0, 1));
    for (const name of ['cursor', 'before']) {
      const rest = await ask(`reason=pause.begun&${name}=${begun.next}`);
      expect(rest.journal).toEqual(expected.slice(1));
    }
    const middle = all.journal[1]?.at ?? 0;
    const since = await ask(`limit=500&since=${new Date(middle).toISOString()}`);
    const until = await ask(`limit=500&until=${new Date(middle).toISOString()}`);
    expect(since.journal).toEqual(all.journal.filter(({ at }) => at >= middle));
    expect(until.journal).toEqual(all.journal.filter(({ at }) => at < middle));

    const wrong: readonly (readonly [string, string])[] = [
      [
        'before=zzz',
        'before is "zzz": expected the "next" of an earlier answer, or an entry\'s "id".',
      ],
      ['cursor=1-0&before=1-0', 'cursor and before mean the same: expected only one.'],
      ['limit=0', 'limit is "0": expected a number from 1 to 500.'],
      ['limit=1&limit=2', 'limit is given more than once: expected once.'],
      [
        'reason=pause.began',
        'reason is "pause.began": expected one of the journal\'s reasons, such as "pause.begun".',
      ],
      [
        'since=noon',
        'since is "noon": expected an instant with its offset, such as "2030-06-10T09:00:00Z".',
      ],
      [
        'whose=x',
        '"whose" is not a parameter here: expected limit, cursor, before, worker, channel, rule, reason, since, until.',
      ],
    ];
    for (const [query, detail] of wrong) expect((await ask(query)).detail).toBe(detail);
  });

  it('an existing address says which methods it supports, and any other is 404', async () => {
    const asked: readonly (readonly [string, string, number, string | null])[] = [
      ['PUT', '/api/v1/pause', 405, 'POST'],
      ['GET', '/api/v1/pause', 405, 'POST'],
      ['GET', '/api/v1/dead-jobs/replay', 405, 'POST'],
      ['POST', '/api/v1/workers', 405, 'GET, HEAD'],
      ['DELETE', `/api/v1/workers/${ana()}/explain`, 405, 'GET, HEAD'],
      ['PUT', '/api/v1/session', 405, 'DELETE, GET, POST, HEAD'],
      ['POST', '/api/v1/stream', 405, 'GET, HEAD'],
      ['POST', '/healthz', 405, 'GET, HEAD'],
      ['GET', '/api/v1/nothing', 404, null],
      ['POST', '/pause', 404, null],
      ['PUT', '/status', 404, null],
    ];
    for (const [method, path, status, allow] of asked) {
      const headers = { authorization: `Bearer ${TOKEN}` };
      const response = await fetch(`${rig.service.url}${path}`, { method, headers });
      const problem = (await response.json()) as { detail: string };
      expect([path, response.status, response.headers.get('allow')]).toEqual([path, status, allow]);
      if (allow !== null) {
        expect(problem.detail).toBe(`${method} is not supported here: expected ${allow}.`);
      }
    }
  });

  it('41: a token in a URL is refused, whatever the address', async () => {
    for (const path of ['/', '/metrics', '/api/v1/status', '/api/v1/stream', '/api/v1/session']) {
      const response = await fetch(`${rig.service.url}${path}?token=${TOKEN}`);
      const { detail } = (await response.json()) as { detail: string };
      expect([path, response.status]).toEqual([path, 400]);
      expect(detail).toMatch(/^Do not put a token in a URL \(token\): send it as /);
      expect(detail).not.toContain(TOKEN);
    }
  });

  it('a webhook accepts deliveries only: other methods than POST are answered 405', async () => {
    for (const path of ['/webhooks/taskrouter', '/webhooks/event-streams']) {
      const response = await fetch(`${rig.service.url}${path}`);
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    }
  });
});
