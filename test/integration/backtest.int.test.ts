// `headroom backtest` as people call it: over a file of events, and over the history that the
// emulated TaskRouter keeps.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';
import { startEmulator } from '../../src/emulator/emulator.ts';
import type { BacktestReport } from '../../src/trial/backtest-report.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'headroom-backtest-'));
  await mkdir(join(dir, 'rules'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const RULES = `version: 1
defaults: { timezone: UTC, mode: observe, baseline: { chat: 1 } }
schedules: { late: { days: mon-sun, hours: "10:00-11:00" } }
rules:
  - { name: three, who: everyone, when: activity.available, then: { chat: 3 } }
  - { name: late, who: everyone, during: late, then: { chat: { add: 1 } } }
  - { name: crowd, who: everyone, when: 'queue("Support").waiting > 3', then: { chat: 9 } }
`;

async function backtest(args: readonly string[], rules = RULES, env = {}) {
  await writeFile(join(dir, 'rules', 'rules.yaml'), rules);
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    env: { HEADROOM_RULES: join(dir, 'rules'), ...env },
    out: (l: string) => out.push(l),
    err: (l: string) => err.push(l),
  };
  const exit = await run(['backtest', ...args], io);
  return { exit, out: out.join('\n'), err: err.join('\n') };
}

const SPACE = `WS${'1'.repeat(32)}`;
const sid = (prefix: string, n: number) => `${prefix}${String(n).padStart(32, '0')}`;

let events = 0;
/** A callback of Worker `n` at this time of 10 June 2026, UTC. */
function callback(type: string, time: string, n: number, more: Record<string, string> = {}) {
  events += 1;
  return {
    EventType: type,
    Sid: sid('EV', events),
    WorkspaceSid: SPACE,
    TimestampMs: String(Date.parse(`2026-06-10T${time}Z`)),
    WorkerSid: sid('WK', n),
    WorkerName: n === 1 ? 'Ana' : `Ben ${n}`,
    WorkerAttributes: '{}',
    ...more,
  };
}

const open = { WorkerActivitySid: sid('WA', 1), WorkerActivityName: 'Open' };
const off = { WorkerActivitySid: sid('WA', 2), WorkerActivityName: 'Off' };

/** Ana becomes available at nine and leaves at half past ten; the day ends at noon. */
const DAY = () => [
  callback('worker.activity.update', '08:00:00', 1, off),
  callback('worker.activity.update', '10:30:00', 1, off),
  callback('worker.activity.update', '09:00:00', 1, open),
  callback('task.created', '09:10:00', 1),
  callback('worker.capacity.update', '09:20:00', 1, { TaskChannelUniqueName: 'chat', ...open }),
  callback('worker.attributes.update', '12:00:00', 1, off),
];

async function file(deliveries: readonly object[], asList = false): Promise<string> {
  const path = join(dir, 'events.jsonl');
  const text = asList
    ? JSON.stringify(deliveries)
    : deliveries.map((each) => JSON.stringify(each)).join('\n');
  await writeFile(path, text);
  return path;
}

interface Table extends BacktestReport {
  readonly table: readonly { at: string; rule: string | null; from: object; to: object }[];
}

describe('headroom backtest --file', () => {
  it('shows what the rules would have written, and when, for events in any order', async () => {
    const path = await file(DAY());
    const args = ['--file', path, '--available', 'Open', '--changes', '--json'];
    const { exit, out, err } = await backtest(args);
    expect([exit, err]).toEqual([0, '']);
    const found = JSON.parse(out) as Table;
    expect(found.table.map(({ at, from, to }) => [at.slice(11, 16), from, to])).toEqual([
      ['09:00', { capacity: 1 }, { capacity: 3 }],
      ['10:00', { capacity: 3 }, { capacity: 4 }],
      ['10:30', { capacity: 4 }, { capacity: 2 }],
      ['11:00', { capacity: 2 }, { capacity: 1 }],
    ]);
    expect(found).toMatchObject({ workers: 1, changes: 4, idle: ['crowd'], restless: [] });
    expect(found.channels).toEqual([
      {
        ...{ worker: sid('WK', 1), friendlyName: 'Ana', channel: 'chat', changes: 4 },
        first: '2026-06-10T09:00:00.000Z',
        last: '2026-06-10T11:00:00.000Z',
      },
    ]);
    expect(found.rules.map(({ changes }) => changes).reduce((a, b) => a + b)).toBe(4);
    const unknown = found.unknown.join('\n');
    expect(unknown).toContain('the statistics of TaskQueues (Support)');
    expect(unknown).toContain('the values of 1 changes of Worker Channels');
    expect(unknown).toContain('declared for 1, from an event for 0, assumed 1 for 0');
    expect(unknown).not.toContain('Activities');

    const list = await backtest([...args.with(1, await file(DAY(), true))]);
    expect((JSON.parse(list.out) as Table).table.map(({ at }) => at)).toEqual(
      found.table.map(({ at }) => at),
    );
  });

  it('prints the same as text, and says which Activities are unknown', async () => {
    const { exit, out } = await backtest(['--file', await file(DAY())]);
    expect(exit).toBe(0);
    expect(out).toContain('2 changes would have been written, by rule:');
    expect(out).toContain('  late: 1 at Wed 2026-06-10 10:00 (UTC), Workers: 1');
    expect(out).toContain('  none: three, crowd');
    expect(out).toContain('whether these Activities are available: Off, Open; --available names');
    expect(out).not.toContain('changes:\n');
    const table = await backtest(['--file', await file(DAY()), '--changes']);
    expect(table.out).toContain('  Wed 2026-06-10 10:00 (UTC) Ana chat: capacity 1 → 2  (late)');
  });

  it("learns from an offer that its Activity is available, and a channel's value", async () => {
    const offer = {
      TaskChannelUniqueName: 'sms',
      WorkerChannelCapacity: '5',
      ReservationSid: sid('WR', 1),
    };
    const path = await file([
      callback('worker.activity.update', '09:00:00', 2, open),
      callback('reservation.created', '09:01:00', 2, { ...open, ...offer }),
    ]);
    const rules = RULES.replace('then: { chat: 3 }', 'then: { chat: 3, sms: { add: 1 } }');
    const { out } = await backtest(['--file', path, '--changes', '--json'], rules);
    const { table, unknown } = JSON.parse(out) as Table;
    expect(table.map(({ from, to }) => [from, to])).toEqual([
      [{ capacity: 1 }, { capacity: 3 }],
      [{ capacity: 5 }, { capacity: 6 }],
    ]);
    expect(unknown.join('\n')).toContain('declared for 1, from an event for 1, assumed 1 for 0');
  });

  it('applies guardrails and limits over all Workers together', async () => {
    const rules = RULES.replace(
      'when: activity.available, then: { chat: 3 }',
      'when: activity.available, then: { chat: 3 }, limit: { workers: 1, pick: least_loaded }',
    );
    const path = await file(
      [1, 2, 3].map((n) => callback('worker.activity.update', `09:0${n}:00`, n, open)),
    );
    const args = ['--file', path, '--available', 'Open', '--json'];
    const limited = JSON.parse((await backtest(args, rules)).out) as Table;
    expect(limited.changes).toBe(1);
    expect((JSON.parse((await backtest(args)).out) as Table).changes).toBe(3);
  });

  it('reports what is wrong with a file, with options and with rules', async () => {
    const path = join(dir, 'wrong.jsonl');
    await writeFile(path, `{"EventType":"worker.created"}\n\n{"Event":1}\n7\n{`);
    const wrong = await backtest(['--file', path]);
    expect(wrong.exit).toBe(3);
    expect(wrong.err.replaceAll(`${path}: `, '').split('\n')).toEqual([
      expect.stringMatching(/^line 3 has no EventType but Event, expected an object of callback/),
      expect.stringMatching(/^line 4 is 7, expected/),
      expect.stringMatching(/^line 5 is not valid JSON \(.*\), expected/),
    ]);
    const none = await backtest(['--file', await file([callback('task.created', '09:00:00', 1)])]);
    expect([none.exit, none.err]).toEqual([
      3,
      expect.stringContaining('1 event, none about a Worker; expected worker.*'),
    ]);
    expect((await backtest(['--file', join(dir, 'none')])).exit).toBe(1);
    const both = await backtest(['--file', path, '--since', '7d']);
    expect([both.exit, both.err]).toEqual([2, expect.stringContaining('expected one, such as')]);
    const long = await backtest(['--since', '1y']);
    expect([long.exit, long.err]).toEqual([2, expect.stringContaining('--since is "1y"')]);
    expect((await backtest(['--file', path], 'version: 2\n')).exit).toBe(3);
    expect((await backtest(['--file', path, '--rules', join(dir, 'no')])).exit).toBe(1);
  });
});

describe('headroom backtest --since', () => {
  it("35: runs over TaskRouter's own history, and says which credentials are missing", async () => {
    const missing = await backtest(['--since', '7d'], RULES, { TWILIO_ACCOUNT_SID: sid('AC', 1) });
    expect([missing.exit, missing.err]).toEqual([
      2,
      expect.stringContaining('not set: TWILIO_AUTH_TOKEN, TWILIO_WORKSPACE_SID'),
    ]);
    const emulator = await startEmulator({ floor: 'none' });
    try {
      const { world } = emulator;
      const env = {
        TWILIO_ACCOUNT_SID: emulator.accountSid,
        TWILIO_AUTH_TOKEN: emulator.authToken,
        TWILIO_WORKSPACE_SID: emulator.workspaceSid,
        TASKROUTER_BASE_URL: emulator.url,
      };
      world.createQueue('Support', 'team == "support"');
      world.createWorker({ friendlyName: 'Ana', attributes: { team: 'support' } });
      world.createWorker({ friendlyName: 'Ben', attributes: { team: 'sales' } });
      for (const name of ['Ana', 'Ben']) world.setActivity(name, 'Available');
      const rules = `version: 1
defaults: { timezone: UTC, mode: enforce }
groups: { support: { queue: Support } }
rules:
  - { name: three, who: support, when: activity.available, then: { chat: 3 } }
`;
      const posts = emulator.calls().length;
      const { exit, out, err } = await backtest(['--since', '1h', '--json'], rules, env);
      expect([exit, err]).toEqual([0, '']);
      const found = JSON.parse(out) as BacktestReport;
      expect(found).toMatchObject({ workers: 2, changes: 1 });
      expect(found.channels).toMatchObject([{ friendlyName: 'Ana', channel: 'chat' }]);
      const asked = emulator.calls().slice(posts);
      expect(asked.every(({ method }) => method === 'GET')).toBe(true);
      const refused = await backtest(['--since', '1h'], rules, { ...env, TWILIO_AUTH_TOKEN: 'no' });
      expect([refused.exit, refused.err]).toEqual([1, expect.stringContaining('TaskRouter: ')]);
    } finally {
      await emulator.stop();
    }
  });
});
