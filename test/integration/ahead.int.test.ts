// What the running daemon predicts for the next hours, over the API and from the command line.

import { afterEach, expect, it } from 'vitest';
import { plan } from '../../src/cli/plan.ts';
import type { TimelineView } from '../../src/live/timeline.ts';
import { type Rig, startRig } from '../support/rig.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce, human_edit: { respect: 90m } }
schedules:
  night: { days: mon-sun, hours: "22:00-06:00" }
rules:
  - { name: always, who: everyone, then: { chat: 3 } }
  - { name: night, who: everyone, during: night, then: { voice: 2 } }
  - name: rest
    who: everyone
    when: worker.tired == true
    release: { after: 20m }
    then: { voice: pause }
`;
const MINUTE = 60_000;

let rig: Rig | null = null;
afterEach(async () => {
  await rig?.stop();
  rig = null;
});

it('shows schedules, a release, an edit and a pause that end, and the writes then', async () => {
  const start = Date.parse('2026-06-10T10:00:00Z');
  let now = start;
  const running = await startRig({
    rules: { 'rules.yaml': RULES },
    clock: { now: () => now },
    oneClock: true,
    env: { HEADROOM_ADMIN_TOKEN: 'a-token-for-the-test' },
    world({ world }) {
      world.createWorker({ friendlyName: 'Ann', attributes: { tired: true } });
      world.createWorker({ friendlyName: 'Ben', attributes: {} });
    },
  });
  rig = running;
  now += MINUTE;
  running.emulator.world.editChannel('Ben', 'chat', { capacity: 5 });
  await running.quiet();
  const headers = {
    authorization: 'Bearer a-token-for-the-test',
    'content-type': 'application/json',
  };
  const until = new Date(start + 60 * MINUTE).toISOString();
  const body = JSON.stringify({ by: 'dana', reason: 'fire drill', rule: 'night', until });
  const url = running.service.url;
  const paused = await fetch(`${url}/api/v1/pause`, { method: 'POST', headers, body });
  expect(paused.status).toBe(200);

  const answer = await fetch(`${url}/api/v1/timeline`, { headers });
  const view = (await answer.json()) as TimelineView;
  const told = view.ahead.map(({ at, text, some, conditional }) => [
    (Date.parse(at) - start) / MINUTE,
    `${text}${conditional ? '?' : ''}`,
    some.join(),
  ]);
  expect(told).toEqual([
    [20, 'rest stops claiming?', 'Ann'],
    [20, 'voice paused → open (restored to baseline)?', 'Ann'],
    [60, 'the pause of night ends', ''],
    [91, 'the manual edit of chat expires', 'Ben'],
    [91, 'chat 5 → 3 (always)', 'Ben'],
    [720, 'night begins', 'Ann,Ben'],
    [720, 'voice 1 → 2 (night)', 'Ann,Ben'],
    [1200, 'night ends', 'Ann,Ben'],
    [1200, 'voice 2 → 1 (restored to baseline)', 'Ann,Ben'],
  ]);
  expect(view).toMatchObject({ looked: 2, more: false, left: 0, observing: false });

  const out: string[] = [];
  const env = { HEADROOM_URL: url, HEADROOM_ADMIN_TOKEN: 'a-token-for-the-test' };
  const io = { env, out: (line: string) => out.push(line), err: (line: string) => out.push(line) };
  expect(await plan({}, io)).toBe(0);
  expect(out).toContain(
    '  2026-06-10T11:31:00Z the manual edit of chat expires for 1 Worker (Ben)',
  );
  expect(out).toContain(
    '  2026-06-10T10:20:00Z rest stops claiming for 1 Worker (Ann), if nothing else changes',
  );
});
