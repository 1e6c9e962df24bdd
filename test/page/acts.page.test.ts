// Who may do what on the page, that the journal says who did it, and that no mouse is needed for it.

import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { axeOf, open, useBrowser } from '../support/browser.ts';
import { type Rig, type RigOptions, startRig } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - name: three-chats
    who: everyone
    when: activity.available
    then: { chat: 3 }
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
      world.createWorker({ friendlyName: 'Ana', attributes: {} });
      world.setActivity('Ana', 'Available');
    },
    ...options,
  });
  return rig;
}

describe('roles', () => {
  const token = (name: string, role: 'viewer' | 'supervisor') => {
    const sha256 = createHash('sha256').update(`${name}-token`).digest('hex');
    return { name, role, sha256 };
  };

  async function signIn(page: Page, said: string): Promise<void> {
    await page.getByLabel('Token').fill(said);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('gridcell', { name: /^Ana, chat/ }).waitFor();
  }

  it('41: a viewer looks, a supervisor holds, an admin reloads rules as well', async () => {
    const { service } = await start({
      env: { HEADROOM_ADMIN_TOKEN: 'doing', HEADROOM_HOST: '0.0.0.0' },
      tokens: [token('vera', 'viewer'), token('sue', 'supervisor')],
    });
    const url = service.url.replace('0.0.0.0', '127.0.0.1');
    const at = async (said: string) => {
      const page = await open(url, { expected: ['401 (Unauthorized)'] });
      await signIn(page, said);
      return page;
    };
    const hold = (page: Page) => page.getByRole('button', { name: 'Hold…' });
    const viewer = await at('vera-token');
    await viewer.getByRole('gridcell', { name: /^Ana, chat/ }).click();
    await viewer.getByText('three-chats decides: 3, open.').waitFor();
    expect(await viewer.getByRole('button', { name: /^Hold/ }).count()).toBe(0);

    const supervisor = await at('sue-token');
    await hold(supervisor).click();
    const dialog = supervisor.getByRole('dialog', { name: 'Hold' });
    expect(await dialog.getByLabel('Reload rules').count()).toBe(0);
    await dialog.getByLabel('Reason').fill('a drill');
    await dialog.getByRole('button', { name: 'Pause everything' }).click();
    await viewer.getByText(/^Everything is paused by sue: a drill$/).waitFor();

    const admin = await at('doing');
    await hold(admin).click();
    await admin.getByRole('dialog', { name: 'Hold' }).getByLabel('Reload rules').check();
    await admin.getByRole('button', { name: 'Reload rules' }).click();
    await admin.getByText('The rules were reloaded.').waitFor();
  });

  it.each(['light', 'dark'] as const)('axe finds nothing at the sign-in, in %s', async (scheme) => {
    const { service } = await start({
      env: { HEADROOM_ADMIN_TOKEN: 'doing', HEADROOM_HOST: '0.0.0.0' },
    });
    const url = service.url.replace('0.0.0.0', '127.0.0.1');
    const page = await open(url, { colorScheme: scheme, expected: ['401 (Unauthorized)'] });
    await page.getByLabel('Token').waitFor();
    expect(await axeOf(page)).toEqual([]);
  });
});

describe('acts', () => {
  it('a rule paused with a reason and an end is journalled with who did it', async () => {
    const { service } = await start();
    const page = await open(service.url);
    await page.getByRole('button', { name: 'Hold…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Hold' });
    await dialog.getByLabel('Which').selectOption('three-chats');
    await dialog.getByRole('button', { name: '15 min' }).click();
    await dialog.getByLabel('Reason').fill('too many');
    await dialog.getByLabel('Your name').fill('Dana');
    await dialog.getByRole('button', { name: 'Pause the rule three-chats' }).click();
    await dialog.getByText('Paused.', { exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.goto(`${service.url}/#/journal?kind=order`);
    const entry = page.getByRole('row').filter({ hasText: 'too many' }).filter({ hasText: 'Dana' });
    await entry.filter({ hasText: 'three-chats' }).waitFor();
    // What the pause did is a change, which this kind does not show.
    expect(await page.getByRole('row').filter({ hasText: 'chat 3 → 1' }).count()).toBe(0);
    await page.getByLabel('Show').selectOption({ label: 'changes' });
    await page.getByRole('row').filter({ hasText: 'chat 3 → 1' }).waitFor();
    expect(await entry.count()).toBe(0);
  });

  it('a resync reads everything anew', async () => {
    const { service } = await start();
    const before = (await service.status()).workers.lastResync;
    const page = await open(service.url);
    await page.getByRole('button', { name: 'Hold…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Hold' });
    await dialog.getByLabel('Resync').check();
    await dialog.getByLabel('Your name').fill('Dana');
    await dialog.getByRole('button', { name: 'Resync' }).click();
    await dialog.getByText('The resync has begun; Health shows when it is done.').waitFor();
    await waitFor('it', async () => (await service.status()).workers.lastResync !== before);
  });

  it('need no mouse, and nothing moves for those who want that', async () => {
    const { service } = await start();
    const page = await open(service.url, { reducedMotion: 'reduce' });
    await page.getByRole('gridcell', { name: /^Ana, chat/ }).waitFor();
    await tabTo(page, 'Hold…');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Hold' }).waitFor();
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
    await tabTo(page, 'Reason');
    await page.keyboard.type('by hand');
    await tabTo(page, 'Your name');
    await page.keyboard.type('Dana');
    await page.keyboard.press('Enter');
    await page.getByText('Paused.', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Everything is paused by Dana: by hand').waitFor();
    await expect.poll(() => focused(page)).toBe('Hold…');
  });
});

/** Presses Tab until what has the focus is called so. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let n = 0; n < 60; n += 1) {
    await page.keyboard.press('Tab');
    if ((await focused(page)) === name) return;
  }
  throw new Error(`Tab never came to ${name}`);
}

async function focused(page: Page): Promise<string> {
  const element = page.locator('*:focus').last();
  if ((await element.count()) === 0) return '';
  return await element.evaluate(
    (e: { labels?: readonly { textContent: string }[]; textContent: string }) =>
      e.labels?.[0]?.textContent ?? e.textContent,
  );
}
