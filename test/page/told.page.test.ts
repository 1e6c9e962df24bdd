// What the page says stays true: a sentence that stopped being so is gone, or says that it may be old.

import { afterEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { open, useBrowser } from '../support/browser.ts';
import { sharedRig } from '../support/shared-rig.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - name: three-chats
    who: everyone
    when: activity.available
    then: { chat: 3 }
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
    await story.getByText('three-chats decides: 3, open.').waitFor();
    await send('pause', { reason: 'a drill' });
    await story.getByText('headroom keeps its hands off: paused by Dana, “a drill”.').waitFor();
    await send('resume', {});
    await story.getByText('three-chats decides: 3, open.').waitFor();
  });

  it('an order’s outcome goes when another is entered, and a resume leaves the focus in the dialog', async () => {
    await send('pause', { reason: 'a drill' });
    const page = await open(shared().service.url);
    await page.getByRole('button', { name: 'Hold…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Hold' });
    await dialog.getByRole('button', { name: 'Resume: Everything' }).press('Enter');
    const resumed = dialog.getByText('Resumed.', { exact: true });
    await resumed.waitFor();
    await dialog.getByRole('button', { name: 'Resume: Everything' }).waitFor({ state: 'detached' });
    expect(await dialog.locator(':focus').innerText()).toBe('Hold');
    await dialog.getByLabel('Reason').fill('another');
    await dialog.getByLabel('Your name').fill('Dana');
    expect(await resumed.count()).toBe(0);
    await dialog.getByRole('button', { name: 'Pause everything' }).click();
    const paused = dialog.getByText('Paused.', { exact: true });
    await paused.waitFor();
    await dialog.getByLabel('Release').check();
    expect(await paused.count()).toBe(0);
  });

  it('a name cannot turn the sentence around it', async () => {
    await send('pause', { by: 'a\u202eevil', reason: 'a\u2067drill' });
    const page = await open(shared().service.url);
    await page.getByText(/^Everything is paused by aevil: adrill$/).waitFor();
  });
});
