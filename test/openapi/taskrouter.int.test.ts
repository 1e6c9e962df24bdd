/**
 * Success responses of every operation against Twilio's own description of TaskRouter, and its error
 * responses against the one schema that all of Twilio's share. We may not ship the description:
 * TASKROUTER_OPENAPI names the file, which the npm package @twilio/cli-core holds as
 * src/services/twilio-api/twilio_taskrouter_v1.json.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.ts';
import { DRIVEN } from '../contract/operations.ts';
import { NOT_EMULATED, operationCase, seedWorkspace } from './operations.ts';
import { type Description, faults, type Operation, type Schema } from './validate.ts';

const FILE = process.env.TASKROUTER_OPENAPI ?? '';
const METHODS = ['get', 'post', 'delete'];

/** As captured from TaskRouter: always these four fields. */
const ERROR: Schema = {
  type: 'object',
  properties: {
    code: { type: 'integer' },
    message: { type: 'string', minLength: 1 },
    more_info: { type: 'string', pattern: '^https://www\\.twilio\\.com/docs/errors/\\d{5}$' },
    status: { type: 'integer' },
  },
};

/** Reads before writes before deletions, inner paths before outer ones. */
function operations(description: Description): [string, string, Operation][] {
  return Object.entries(description.paths)
    .flatMap(([path, methods]) =>
      METHODS.flatMap((method): [string, string, Operation][] => {
        const operation = methods[method];
        return operation === undefined ? [] : [[method, path, operation]];
      }),
    )
    .sort(
      ([a, first], [b, second]) =>
        METHODS.indexOf(a) - METHODS.indexOf(b) ||
        second.split('/').length - first.split('/').length ||
        // A Task's Reservation wraps up before the Worker's completes it.
        first.localeCompare(second),
    );
}

const title = 'answers as Twilio describes (needs TASKROUTER_OPENAPI)';
describe.skipIf(FILE === '')(title, () => {
  const description: Description =
    FILE === ''
      ? { paths: {}, components: { schemas: {} } }
      : (JSON.parse(readFileSync(FILE, 'utf8')) as Description);
  let emulator: Emulator;
  let furniture: ReturnType<typeof seedWorkspace>;
  beforeAll(async () => {
    emulator = await startEmulator();
    furniture = seedWorkspace(emulator);
  });
  afterAll(() => emulator.stop());

  const all = operations(description).filter(
    ([method, path]) => !NOT_EMULATED.includes(`${method} ${path}`),
  );

  it('describes at least the known operations', () => {
    expect(all.length).toBeGreaterThanOrEqual(61);
  });

  it('names exactly the operations that the contract drives', () => {
    const names = operations(description).map(([, , { operationId }]) => operationId);
    expect([...DRIVEN].sort()).toEqual(names.sort());
  });

  it.each(all)('%s %s reports errors in the common form', async (method, template) => {
    const { path } = operationCase(method, template, furniture, `WS${'0'.repeat(32)}`);
    const basic = `${emulator.accountSid}:${emulator.authToken}`;
    const authorization = `Basic ${Buffer.from(basic).toString('base64')}`;
    const asked: [number, RequestInit][] = [
      [401, { method }],
      [405, { method: 'put', headers: { authorization } }],
    ];
    if (path.includes('/WS')) asked.push([404, { method, headers: { authorization } }]);
    for (const [status, init] of asked) {
      const response = await fetch(emulator.url + path, {
        ...init,
        method: String(init.method).toUpperCase(),
      });
      const body = (await response.json()) as Record<string, unknown>;
      expect(faults(description, ERROR, body)).toEqual([]);
      expect([response.status, body.status]).toEqual([status, status]);
      expect(body.more_info).toBe(`https://www.twilio.com/docs/errors/${body.code}`);
    }
  });

  it.each(all)('%s %s', async (method, template, operation) => {
    const { path, form, json } = operationCase(method, template, furniture, emulator.workspaceSid);
    const response = await fetch(emulator.url + path, {
      method: method.toUpperCase(),
      headers: {
        authorization: `Basic ${Buffer.from(`${emulator.accountSid}:${emulator.authToken}`).toString('base64')}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: json === undefined ? (form && new URLSearchParams(form)) || null : JSON.stringify(json),
    });
    const text = await response.text();
    const described = operation.responses[String(response.status)];
    expect(described, `${path} answered ${response.status} ${text}`).toBeDefined();
    for (const header of Object.keys(described?.headers ?? {}))
      expect(response.headers.get(header), header).not.toBeNull();
    const schema = described?.content?.['application/json']?.schema;
    if (schema === undefined) return expect(text).toBe('');
    expect(faults(description, schema, JSON.parse(text))).toEqual([]);
  });
});
