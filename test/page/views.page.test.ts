// What people do on the page besides watching the floor: read and export the journal, and check the
// rules, the queues and the clock.

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { open, useBrowser } from '../support/browser.ts';
import type { RigOptions } from '../support/rig.ts';
import { sharedRig } from '../support/shared-rig.ts';

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

useBrowser();

function optionsOf(rules: string, ...names: readonly string[]): RigOptions {
  return {
    rules: { 'rules.yaml': rules },
    env: { HEADROOM_POLL: '1s' },
    world: ({ world }) => {
      world.createActivity('Lunch', false);
      world.createQueue('Support');
      for (const friendlyName of names) {
        world.createWorker({ friendlyName, attributes: {} });
        world.setActivity(friendlyName, 'Available');
      }
    },
  };
}

const change = 'chat 1 → 3 by three-chats';

describe('the journal', () => {
  const shared = sharedRig(optionsOf(RULES, 'Ana', 'Bea'));

  it('shows a change as it happens, and can be stopped for reading', async () => {
    const { service, emulator } = shared();
    const page = await open(`${service.url}/#/journal`);
    await page.getByRole('row').filter({ hasText: 'Bea' }).filter({ hasText: change }).waitFor();
    await page.getByRole('button', { name: 'Stop updates' }).click();
    emulator.world.setActivity('Bea', 'Lunch');
    await page.getByRole('button', { name: /^Continue \([1-9]\d* new\)/ }).click();
    await page
      .getByRole('row')
      .filter({ hasText: 'Bea' })
      .filter({ hasText: 'chat 3 → 1' })
      .waitFor();
  });

  it('is exported as CSV and as JSON, as filtered', async () => {
    const { service, emulator } = shared();
    const { sid } = emulator.world.worker('Ana');
    const page = await open(`${service.url}/#/journal?q=three-chats&worker=${sid}`);
    await page.getByRole('row').filter({ hasText: change }).waitFor();
    const take = async (name: string) => {
      const downloading = page.waitForEvent('download');
      await page.getByRole('button', { name }).click();
      return await readFile(await (await downloading).path(), 'utf8');
    };
    const [head, first] = (await take('Export CSV')).split('\r\n');
    expect(head).toBe('\ufeffat,worker,workerName,channel,reason,rule,actor,from,to,text');
    expect(first).toContain(',Ana,chat,rule.claimed,three-chats,headroom,');
    await page.getByText(/^Exported 1 entry since \d\d:\d\d/).waitFor();
    const { journal } = JSON.parse(await take('Export JSON')) as { journal: object[] };
    expect(journal.at(-1)).toMatchObject({ rule: 'three-chats', from: { capacity: 1 } });
  });
});

const HELD = `version: 1
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

describe('what only needs time', () => {
  const shared = sharedRig(optionsOf(HELD, 'Ana'));

  it('shows when a keep time, an edit and a pause end, and what is conditional', async () => {
    const { service, emulator, quiet } = shared();
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
    await row('busy stops claiming, if nothing else changes Ana');
    await row('the manual edit of chat expires');
    await row('the pause of films ends');
  });
});

describe('signals, timeline and health', () => {
  const shared = sharedRig(optionsOf(RULES, 'Ana'));

  it('draws each TaskQueue that rules name, with its lines and when rules held', async () => {
    const { service, emulator } = shared();
    for (let i = 0; i < 3; i += 1) {
      emulator.world.createTask({ channel: 'chat', queue: 'Support' });
    }
    const page = await open(`${service.url}/#/signals`);
    const queue = page.getByRole('region', { name: 'TaskQueue Support' });
    await queue.getByRole('img', { name: /^Support, Tasks waiting: \d+ at \d\d:\d\d/ }).waitFor();
    await queue.getByText(/overload (claimed|did not claim)/).waitFor();
    await page.getByRole('row', { name: /^overload 1/ }).waitFor();
  });

  it("shows what only needs time, in the viewer's zone and in that of the rules", async () => {
    const { service } = shared();
    const page = await open(`${service.url}/#/timeline`, { timezoneId: 'America/New_York' });
    await page
      .getByText(/your time zone \(America\/New_York\); the second column .* \(Asia\/Kolkata\)/)
      .waitFor();
    const begins = page.getByRole('row').filter({ hasText: 'mornings begins' });
    await begins.getByRole('cell', { name: /^00:00/ }).waitFor();
    await begins.getByRole('cell', { name: /^1[34]:30/ }).waitFor();
  });

  it('says where rules failed to load, and that the last good set stays', async () => {
    const { service, writeRules } = shared();
    const page = await open(`${service.url}/#/health`);
    await page.getByText(/is in force \(from the folder\): 3 rules/).waitFor();
    await writeRules({ 'broken.yaml': 'version: 1\nrules:\n  - name: x\n    who: nobody-here\n' });
    await page
      .getByText(/could not be loaded: \d+ problems?\. The last good set stays in force/)
      .waitFor();
    await page
      .getByRole('listitem')
      .filter({ hasText: /broken\.yaml:\d+:\d+/ })
      .first()
      .waitFor();
  });
});
