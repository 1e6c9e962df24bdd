// What people do on the page beside looking at the floor: read and take along the journal, hold
// headroom, sign in, and see how the rules, the queues and the clock stand.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { open, useBrowser } from '../support/browser.ts';
import { type Rig, type RigOptions, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: Asia/Kolkata, mode: enforce }
schedules:
  always-later: { days: mon-sun, hours: "00:00-12:00" }
rules:
  - name: three-chats
    who: everyone
    when: activity.available
    then: { chat: 3 }
  - name: overload
    who: everyone
    when: { enter: queue("Support").waiting >= 2, exit: queue("Support").waiting == 0 }
    then: { chat: { add: 1 } }
  - name: mornings
    who: everyone
    during: always-later
    then: { email: 2 }
`;

let rig: Rig | null = null;
afterEach(async () => {
  await rig?.stop();
  rig = null;
});
// After it, so that its pages are closed before: they would miss the daemon.
useBrowser();

async function start(options: Partial<RigOptions> = {}): Promise<Rig> {
  rig = await startRig({
    rules: { 'rules.yaml': RULES },
    world: ({ world }) => {
      world.createActivity('Lunch', false);
      world.createQueue('Support');
      world.createWorker({ friendlyName: 'Ana', attributes: {} });
      world.setActivity('Ana', 'Available');
    },
    ...options,
    env: { HEADROOM_POLL: '1s', ...options.env },
  });
  return rig;
}

const change = 'chat 1 → 3: three-chats';

describe('the journal', () => {
  it('tells a change as it happens, and can be stopped to be read', async () => {
    const { service, emulator } = await start();
    const page = await open(`${service.url}/#/journal`);
    await page.getByRole('row').filter({ hasText: change }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    emulator.world.setActivity('Ana', 'Lunch');
    await page.getByRole('button', { name: /^Go on \([1-9]\d* new\)/ }).click();
    await page.getByRole('row').filter({ hasText: 'chat 3 → 1' }).waitFor();
  });

  it('leaves the page as CSV and as JSON, as it is filtered', async () => {
    const { service } = await start();
    const page = await open(`${service.url}/#/journal?q=three-chats`);
    await page.getByRole('row').filter({ hasText: change }).waitFor();
    const take = async (name: string) => {
      const downloading = page.waitForEvent('download');
      await page.getByRole('button', { name }).click();
      return await readFile(await (await downloading).path(), 'utf8');
    };
    const [head, first] = (await take('Export CSV')).split('\r\n');
    expect(head).toBe('at,worker,workerName,channel,reason,rule,actor,from,to,text');
    expect(first).toContain(',Ana,chat,rule.claimed,three-chats,headroom,');
    const { journal } = JSON.parse(await take('Export JSON')) as { journal: object[] };
    expect(journal.at(-1)).toMatchObject({ rule: 'three-chats', from: { capacity: 1 } });
  });
});

describe('holding', () => {
  it('pauses everything with a reason and an end, and the journal says who did', async () => {
    const { service } = await start();
    const page = await open(service.url);
    await page.getByRole('button', { name: 'Hold…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Hold' });
    await dialog.getByRole('button', { name: '1 hour' }).click();
    await dialog.getByLabel('Reason').fill('odd numbers');
    await dialog.getByLabel('Your name').fill('Dana');
    await dialog.getByRole('button', { name: 'Pause everything' }).click();
    await dialog.getByText('Paused.', { exact: true }).waitFor();
    const [paused] = (await service.status()).paused;
    expect(paused).toMatchObject({ rule: null, worker: null, by: 'Dana', reason: 'odd numbers' });
    expect(Date.parse(paused?.until ?? '') - Date.now()).toBeGreaterThan(50 * 60_000);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByText(/^Everything is paused until .* by Dana: odd numbers$/).waitFor();
    await page.getByRole('link', { name: 'Journal' }).click();
    await page
      .getByRole('row')
      .filter({ hasText: 'odd numbers' })
      .filter({ hasText: 'Dana' })
      .waitFor();
  });

  it('pauses one rule and resumes it', async () => {
    const { service, emulator } = await start();
    const page = await open(service.url);
    await page.getByRole('gridcell', { name: /^Ana, chat: 0 of 3/ }).waitFor();
    await page.getByRole('button', { name: 'Hold…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Hold' });
    await dialog.getByLabel('Which').selectOption('three-chats');
    await dialog.getByLabel('Reason').fill('too many');
    await dialog.getByLabel('Your name').fill('Dana');
    await dialog.getByRole('button', { name: 'Pause the rule three-chats' }).click();
    await waitFor('the claim ends', () => capacity(emulator) === 1);
    await dialog.getByRole('button', { name: 'Resume: The rule three-chats' }).click();
    await waitFor('it claims again', () => capacity(emulator) === 3);
  });

  it('releases one channel from its story', async () => {
    const { service, emulator } = await start();
    const page = await open(service.url);
    await page.getByRole('gridcell', { name: /^Ana, chat: 0 of 3/ }).click();
    await page.getByRole('button', { name: 'Hold chat…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Hold Ana’s chat' });
    await dialog.getByLabel('Release').check();
    await dialog.getByLabel('Reason').fill('back to before');
    await dialog.getByLabel('Your name').fill('Dana');
    await dialog.getByRole('button', { name: 'Release Ana’s chat' }).click();
    await waitFor('it is as it was', () => capacity(emulator) === 1);
  });

  it('shows what the daemon refuses as it says it', async () => {
    const { service } = await start();
    const page = await open(service.url, { expected: ['400 (Bad Request)'] });
    await page.getByRole('button', { name: 'Hold…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Hold' });
    await dialog.getByLabel('Until').fill('2020-01-01T00:00');
    await dialog.getByLabel('Reason').fill('too late');
    await dialog.getByLabel('Your name').fill('Dana');
    await dialog.getByRole('button', { name: 'Pause everything' }).click();
    await dialog
      .getByRole('alert')
      .filter({ hasText: /^until is .*: expected an instant/ })
      .waitFor();
  });
});

function capacity({ world }: Rig['emulator']): number {
  return world.channel('Ana', 'chat').configuredCapacity;
}

describe('signing in', () => {
  it('36: asks for a token once, shows what the role may do, and forgets at the end', async () => {
    const sha256 = createHash('sha256').update('looking').digest('hex');
    const { service } = await start({
      env: { HEADROOM_ADMIN_TOKEN: 'doing', HEADROOM_HOST: '0.0.0.0' },
      tokens: [{ name: 'ann', role: 'viewer', sha256 }],
    });
    const url = service.url.replace('0.0.0.0', '127.0.0.1');
    const page = await open(url, { expected: ['401 (Unauthorized)'] });
    await page.getByLabel('Token').fill('guessing');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: 'no valid token' }).waitFor();
    await page.getByLabel('Token').fill('looking');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('gridcell', { name: /^Ana, chat/ }).waitFor();
    await page.getByText('ann, viewer').waitFor();
    expect(await page.getByRole('button', { name: 'Hold…' }).count()).toBe(0);
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
  });
});

describe('signals, timeline and health', () => {
  it('draws each TaskQueue that rules name, with its lines and when they held', async () => {
    const { service, emulator } = await start();
    for (let i = 0; i < 3; i += 1) {
      emulator.world.createTask({ channel: 'chat', queue: 'Support' });
    }
    const page = await open(`${service.url}/#/signals`);
    const queue = page.getByRole('region', { name: 'TaskQueue Support' });
    await queue.getByRole('img', { name: /^Support, Tasks waiting: \d+ at \d\d:\d\d/ }).waitFor();
    await queue.getByText(/overload (held|did not hold)/).waitFor();
    await page.getByRole('row', { name: /^overload 1/ }).waitFor();
  });

  it('tells what time alone will do, in the zone of the rules as well', async () => {
    const { service } = await start();
    const page = await open(`${service.url}/#/timeline`, { timezoneId: 'America/New_York' });
    await page
      .getByText(/yours \(America\/New_York\); those of the rules \(Asia\/Kolkata\)/)
      .waitFor();
    const begins = page.getByRole('row').filter({ hasText: 'mornings begins' });
    await begins.getByRole('cell', { name: /^00:00/ }).waitFor();
    await begins.getByRole('cell', { name: /^1[34]:30/ }).waitFor();
  });

  it('tells when a keep time, a lease and a pause end, and what hangs on a condition', async () => {
    const held = `version: 1
defaults: { timezone: UTC, mode: enforce, human_edit: { respect: 3h } }
rules:
  - name: busy
    who: everyone
    when: { enter: channel("chat").assigned >= 1, exit: channel("chat").assigned == 0, keep: 50m }
    then: { sms: 2 }
  - name: three-chats
    who: everyone
    when: activity.available
    then: { chat: 3, sms: 1 }
  - name: films
    who: everyone
    then: { video: 1 }
`;
    const { service, emulator, quiet } = await start({ rules: { 'rules.yaml': held } });
    const { world } = emulator;
    const task = world.createTask({ channel: 'chat', queue: 'Support' });
    const reservation = world.reserve(task.sid, 'Ana');
    world.accept(reservation.sid);
    await quiet();
    world.complete(reservation.sid);
    world.editChannel('Ana', 'chat', { capacity: 5 });
    await quiet();
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const paused = await fetch(`${service.url}/api/v1/pause`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ by: 'Dana', reason: 'a drill', rule: 'films', until }),
    });
    expect(paused.status).toBe(200);
    const page = await open(`${service.url}/#/timeline`);
    const row = (text: string) => page.getByRole('row').filter({ hasText: text }).waitFor();
    await row('busy claims no longer, if nothing else changes Ana');
    await row("a person's edit of chat is respected no longer");
    await row('the pause of films ends');
  });

  it('says where rules failed to load, and that the last good ones stay', async () => {
    const { service, writeRules } = await start();
    const page = await open(`${service.url}/#/health`);
    await page.getByText(/is in force, from the folder: 3 rules/).waitFor();
    await writeRules({ 'broken.yaml': 'version: 1\nrules:\n  - name: x\n    who: nobody-here\n' });
    await page.getByText(/The last good set stays/).waitFor();
    await page
      .getByRole('listitem')
      .filter({ hasText: /broken\.yaml:\d+:\d+/ })
      .first()
      .waitFor();
  });
});
