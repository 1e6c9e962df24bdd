// Who may do what on the page, what a hold does, that the journal names who did it, and that
// everything works without a mouse.

import type { Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { axeOf, open, useBrowser } from '../support/browser.ts';
import type { Rig } from '../support/rig.ts';
import { sharedRig } from '../support/shared-rig.ts';
import { waitFor } from '../support/wait.ts';
import { roleOf } from './people.ts';

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

describe('roles', () => {
  const locked = sharedRig({
    rules: { 'rules.yaml': RULES },
    env: { HEADROOM_ADMIN_TOKEN: 'doing', HEADROOM_HOST: '0.0.0.0' },
    tokens: [roleOf('vera', 'viewer'), roleOf('sue', 'supervisor')],
    world,
  });
  const address = () => locked().service.url.replace('0.0.0.0', '127.0.0.1');

  async function signIn(page: Page, said: string): Promise<void> {
    await page.getByLabel('Token').fill(said);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('gridcell', { name: /^Ana, chat/ }).waitFor();
  }

  async function at(said: string): Promise<Page> {
    const page = await open(address(), { expected: ['401 (Unauthorized)'] });
    await signIn(page, said);
    return page;
  }

  it('41: a viewer only looks, a supervisor also holds, an admin also reloads rules', async () => {
    const hold = (page: Page) => page.getByRole('button', { name: 'Actions…' });
    const viewer = await at('vera-token');
    await viewer.getByRole('gridcell', { name: /^Ana, chat/ }).click();
    await viewer.getByText('Set to 3 by three-chats.').waitFor();
    expect(await viewer.getByRole('button', { name: /^(Actions|Pause)/ }).count()).toBe(0);

    const supervisor = await at('sue-token');
    await hold(supervisor).click();
    const dialog = supervisor.getByRole('dialog', { name: 'Actions' });
    expect(await dialog.getByLabel('Reload rules').count()).toBe(0);
    await dialog.getByLabel('Reason').fill('a drill');
    await dialog.getByRole('button', { name: 'Pause everything' }).click();
    await viewer.getByText(/^headroom is paused by sue: a drill$/).waitFor();

    const admin = await at('doing');
    await hold(admin).click();
    await admin.getByRole('dialog', { name: 'Actions' }).getByLabel('Reload rules').check();
    await admin.getByRole('button', { name: 'Reload rules' }).click();
    await admin.getByText('Rules reloaded.').waitFor();
  });

  it('36: asks for a token once, shows what the role allows, and forgets on sign-out', async () => {
    const page = await open(address(), { expected: ['401 (Unauthorized)'] });
    await page.getByLabel('Token').fill('guessing');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: 'token is not valid' }).waitFor();
    await signIn(page, 'vera-token');
    await page.getByText('vera, viewer').waitFor();
    expect(await page.getByRole('button', { name: 'Actions…' }).count()).toBe(0);
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
  });

  it('an ended session asks for the token again and returns to the same view', async () => {
    const page = await at('sue-token');
    await page.getByRole('link', { name: 'Journal' }).click();
    await page.getByRole('button', { name: 'Actions…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Actions' });
    await dialog.getByLabel('Reason').fill('too late');
    await page.context().clearCookies();
    await dialog.getByRole('button', { name: 'Pause everything' }).click();
    await page.getByText('Your session has ended.').waitFor();
    await page.getByLabel('Token').fill('sue-token');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Journal' }).waitFor();
    await page.getByText('live', { exact: true }).waitFor();
  });

  it('a tab that asks for a token goes on once another has signed in', async () => {
    const page = await at('sue-token');
    const other = await page.context().newPage();
    await other.goto(address());
    await other.getByRole('gridcell', { name: /^Ana, chat/ }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    // Its stream ends at the next sign of life.
    await other.getByText('Your session has ended.').waitFor({ timeout: 60_000 });
    // As it is pasted, with what is around it.
    await signIn(page, ' sue-token ');
    await other.evaluate('dispatchEvent(new Event("focus"))');
    await other.getByRole('gridcell', { name: /^Ana, chat/ }).waitFor();
    await other.getByText('sue, supervisor').waitFor();
  });

  it('a sign-out that did not come about says so', async () => {
    const page = await open(address(), { expected: ['401 (Unauthorized)', 'ERR_FAILED'] });
    await signIn(page, 'sue-token');
    await page.route('**/api/v1/session', (route) => route.abort());
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page
      .getByRole('alert')
      .getByText('Could not sign out: headroom cannot be reached.')
      .waitFor();
    await page.getByText('sue, supervisor').waitFor();
  });

  it.each(['light', 'dark'] as const)('axe finds nothing on the sign-in, in %s', async (scheme) => {
    const page = await open(address(), { colorScheme: scheme, expected: ['401 (Unauthorized)'] });
    await page.getByLabel('Token').waitFor();
    expect(await axeOf(page)).toEqual([]);
  });
});

describe('orders', () => {
  const shared = sharedRig({ rules: { 'rules.yaml': RULES }, world });
  /** Resumes whatever a test paused, so that the next test starts from the same state. */
  afterEach(async () => {
    const { service, emulator } = shared();
    for (const { rule, worker, channel } of (await service.status()).paused) {
      const resumed = await fetch(`${service.url}/api/v1/resume`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ rule, worker, channel, by: 'the test' }),
      });
      expect(resumed.status).toBe(200);
    }
    await waitFor('the rule has it again', () => capacity(emulator) === 3);
  });

  async function holdAt(hash = '') {
    const page = await open(`${shared().service.url}/${hash}`);
    await page.getByRole('button', { name: 'Actions…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Actions' });
    return { page, dialog, ...shared() };
  }

  it('a rule paused with a reason and an end is journalled with its author', async () => {
    const { page, dialog } = await holdAt('#/journal?kind=change');
    const rows = page.getByRole('row', { includeHidden: true });
    const lowered = rows.filter({ hasText: 'chat 3 → 1' });
    await rows.filter({ hasText: 'chat 1 → 3' }).first().waitFor();
    const before = await lowered.count();
    await dialog.getByLabel('Scope').selectOption('three-chats');
    await dialog.getByRole('button', { name: '15 min' }).click();
    await dialog.getByLabel('Reason').fill('too many');
    await dialog.getByLabel('Your name').fill('Dana');
    await dialog.getByRole('button', { name: 'Pause rule three-chats' }).click();
    await dialog.getByText('Paused.', { exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => lowered.count()).toBe(before + 1);
    const entry = rows.filter({ hasText: 'too many' }).filter({ hasText: 'Dana' });
    expect(await entry.count()).toBe(0);
    await page.getByLabel('Show').selectOption({ label: 'pauses and releases' });
    await entry.filter({ hasText: 'three-chats' }).waitFor();
    // The effect of the pause is a change, which this kind does not show.
    expect(await lowered.count()).toBe(0);
  });

  it('a resync reads everything again', async () => {
    const { dialog, service } = await holdAt();
    const before = (await service.status()).workers.lastResync;
    await dialog.getByLabel('Resync').check();
    await dialog.getByLabel('Your name').fill('Dana');
    await dialog.getByRole('button', { name: 'Resync' }).click();
    await dialog.getByText('Resync started. Health shows when it is done.').waitFor();
    await waitFor('it', async () => (await service.status()).workers.lastResync !== before);
  });

  it('everything can be paused with a reason and an end, journalled with its author', async () => {
    const { page, dialog, service } = await holdAt();
    await dialog.getByRole('button', { name: '1 hour' }).click();
    await dialog.getByLabel('Reason').fill('odd numbers');
    await dialog.getByLabel('Your name').fill('Dana');
    await dialog.getByRole('button', { name: 'Pause everything' }).click();
    await dialog.getByText('Paused.', { exact: true }).waitFor();
    const [paused] = (await service.status()).paused;
    expect(paused).toMatchObject({ rule: null, worker: null, by: 'Dana', reason: 'odd numbers' });
    expect(Date.parse(paused?.until ?? '') - Date.now()).toBeGreaterThan(50 * 60_000);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByText(/^headroom is paused until .* by Dana: odd numbers$/).waitFor();
    await page.getByRole('link', { name: 'Journal' }).click();
    await page
      .getByRole('row')
      .filter({ hasText: 'odd numbers' })
      .filter({ hasText: 'Dana' })
      .waitFor();
  });

  it('one rule can be paused and resumed, and each is confirmed', async () => {
    const { dialog, emulator } = await holdAt();
    await dialog.getByLabel('Scope').selectOption('three-chats');
    await dialog.getByLabel('Reason').fill('a moment');
    await dialog.getByLabel('Your name').fill('Dana');
    await dialog.getByRole('button', { name: 'Pause rule three-chats' }).click();
    await waitFor('the claim ends', () => capacity(emulator) === 1);
    await dialog.getByRole('button', { name: 'Resume: Rule three-chats' }).click();
    await waitFor('it claims again', () => capacity(emulator) === 3);
    await dialog.getByText('Resumed.', { exact: true }).waitFor();
  });

  it('one channel can be released from its story', async () => {
    const { service, emulator } = shared();
    const page = await open(service.url);
    await page.getByRole('gridcell', { name: /^Ana, chat: 0 of 3/ }).click();
    await page.getByRole('button', { name: 'Pause or release chat…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause or release Ana’s chat' });
    await dialog.getByLabel('Release').check();
    await dialog.getByLabel('Reason').fill('restored');
    await dialog.getByLabel('Your name').fill('Dana');
    await dialog.getByRole('button', { name: 'Release Ana’s chat' }).click();
    await waitFor('it is as it was', () => capacity(emulator) === 1);
  });

  it('need no mouse, and nothing is animated under reduced motion', async () => {
    const page = await open(shared().service.url, { reducedMotion: 'reduce' });
    await page.getByRole('gridcell', { name: /^Ana, chat/ }).waitFor();
    await tabTo(page, 'Actions…');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Actions' }).waitFor();
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
    await tabTo(page, 'Reason');
    await page.keyboard.type('by hand');
    await tabTo(page, 'Your name');
    await page.keyboard.type('Dana');
    await page.keyboard.press('Enter');
    await page.getByText('Paused.', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('headroom is paused by Dana: by hand').waitFor();
    await expect.poll(() => focused(page)).toBe('Actions…');
  });
});

function capacity({ world }: Rig['emulator']): number {
  return world.channel('Ana', 'chat').configuredCapacity;
}

/** Presses Tab until the focused element has this name. */
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
