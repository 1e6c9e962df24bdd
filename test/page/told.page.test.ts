// What the page says stays true: a sentence that stopped being so is gone, or says that it may be old.

import { afterEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { open, useBrowser } from '../support/browser.ts';
import { sharedRig } from '../support/shared-rig.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
schedules:
  never: { dates: ["2020-01-01"], hours: "08:00-09:00" }
rules:
  - name: three-chats
    who: everyone
    when: activity.available
    then: { chat: 3 }
  - { name: two-mails, who: everyone, during: never, then: { email: 2 } }
  - { name: one-call, who: everyone, during: never, then: { voice: 1 } }
`;

useBrowser();

function world({ world }: Emulator): void {
  world.createWorker({ friendlyName: 'Ana', attributes: {} });
  world.setActivity('Ana', 'Available');
}

describe('pauses', () => {
  const shared = sharedRig({ rules: { 'rules.yaml': RULES }, world });
  const send = (order: 'pause' | 'resume', body: object) =>
    fetch(`${shared().service.url}/api/v1/${order}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ by: 'Dana', ...body }),
    });
  afterEach(async () => void (await send('resume', {})));

  it('a story that is open tells of a pause, and of its end', async () => {
    const page = await open(shared().service.url);
    await page.getByRole('gridcell', { name: /^Ana, chat: 0 of 3/ }).click();
    const story = page.getByRole('complementary');
    await story.getByText('Set to 3 by three-chats.').waitFor();
    await send('pause', { reason: 'a drill' });
    await story.getByText('headroom is paused here, by Dana: “a drill”.').waitFor();
    await send('resume', {});
    await story.getByText('Set to 3 by three-chats.').waitFor();
  });

  it('an order’s outcome goes when another is entered, and a resume leaves the focus in the dialog', async () => {
    await send('pause', { reason: 'a drill' });
    const page = await open(shared().service.url);
    await page.getByRole('button', { name: 'Actions…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Actions' });
    await dialog.getByRole('button', { name: 'Resume: Everything' }).press('Enter');
    const resumed = dialog.getByText('Resumed.', { exact: true });
    await resumed.waitFor();
    await dialog.getByRole('button', { name: 'Resume: Everything' }).waitFor({ state: 'detached' });
    expect(await dialog.locator(':focus').innerText()).toBe('Actions');
    await dialog.getByLabel('Reason').fill('another');
    await dialog.getByLabel('Your name').fill('Dana');
    expect(await resumed.count()).toBe(0);
    await dialog.getByRole('button', { name: 'Pause everything' }).click();
    const paused = dialog.getByText('Paused.', { exact: true });
    await paused.waitFor();
    await dialog.getByLabel('Release').check();
    expect(await paused.count()).toBe(0);
  });

  it('many and long ones leave room for the floor, also on a phone', async () => {
    for (const rule of ['three-chats', 'two-mails', 'one-call']) {
      await send('pause', { rule, reason: 'a word '.repeat(70) });
    }
    await send('pause', { reason: 'more words '.repeat(45) });
    const page = await open(shared().service.url, { viewport: { width: 390, height: 844 } });
    const notices = page.getByRole('status', { name: 'Notices' });
    await notices.getByText(/^headroom is paused by Dana: more words .*…$/).waitFor();
    await notices.getByText('3 rules are paused: three-chats, two-mails and 1 other.').waitFor();
    expect((await page.getByRole('main').boundingBox())?.height).toBeGreaterThan(450);
    for (const rule of ['three-chats', 'two-mails', 'one-call']) await send('resume', { rule });
  });

  it('a name cannot turn the sentence around it', async () => {
    await send('pause', { by: 'a\u202eevil', reason: 'a\u2067drill' });
    const page = await open(shared().service.url);
    await page.getByText(/^headroom is paused by aevil: adrill$/).waitFor();
  });
});

describe('what is long ago', () => {
  const shared = sharedRig({ rules: { 'rules.yaml': RULES }, world });
  const change = 'chat 1 → 3 by three-chats';

  async function longAgo() {
    const { service, quiet } = shared();
    await quiet();
    // As many entries as the page reads by itself, and all of them newer.
    for (let n = 0; n < 105; n += 1) {
      for (const order of ['pause', 'resume']) {
        await fetch(`${service.url}/api/v1/${order}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ by: 'Dana', ...(order === 'pause' && { reason: `no. ${n}` }) }),
        });
      }
    }
    return service.url;
  }

  it('the journal of one Worker has their newest entries, however much happened since', async () => {
    const url = await longAgo();
    const { sid } = shared().emulator.world.worker('Ana');
    const page = await open(`${url}/#/journal?worker=${sid}`);
    await page.getByRole('row').filter({ hasText: change }).waitFor();
    // Of the journal of all it is an older entry, which comes on request, also where it is stopped.
    await page.getByRole('button', { name: /^Only Ana/ }).click();
    await page.getByRole('row').filter({ hasText: 'no. 104' }).first().waitFor();
    expect(await page.getByRole('row').filter({ hasText: change }).count()).toBe(0);
    await page.getByRole('button', { name: 'Stop updates' }).click();
    await page.getByRole('button', { name: 'Load older entries' }).click();
    await page.getByRole('row').filter({ hasText: change }).waitFor();
  });

  it('is said to be missing where it could not be read', async () => {
    const page = await open('about:blank', { expected: ['ERR_FAILED'] });
    await page.route('**/api/v1/journal?limit=500*', (route) => route.abort());
    const { url } = shared().service;
    const missing = page.getByText(
      /Older entries could not be read: headroom cannot be reached\.$/,
    );
    await page.goto(`${url}/#/timeline`);
    await missing.waitFor();
    await page.goto(`${url}/#/signals`);
    await missing.waitFor();
  });
});

describe('a floor that is not read yet', () => {
  const empty = sharedRig({ rules: { 'rules.yaml': RULES } });

  it('says so until it is, and then that nobody is there', async () => {
    const page = await open('about:blank', { expected: ['404'] });
    let read = false;
    // Without a stream the page reads everything every few seconds.
    await page.route('**/api/v1/stream', (route) => route.fulfill({ status: 404 }));
    await page.route('**/api/v1/status', async (route) => {
      const answer = await route.fetch();
      const status = (await answer.json()) as { workers: object };
      const workers = { ...status.workers, ...(!read && { lastResync: null }) };
      await route.fulfill({ response: answer, json: { ...status, workers } });
    });
    await page.goto(empty().service.url);
    const reading = page.getByText('Reading Workers from TaskRouter');
    await reading.waitFor();
    await page.getByText('No Workers yet.').waitFor();
    read = true;
    await page.getByText('This Workspace has no Workers.').waitFor();
    expect(await reading.count()).toBe(0);
  });
});
