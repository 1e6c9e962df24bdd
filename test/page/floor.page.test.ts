// The page's floor and its stories, as a supervisor sees them: a real browser, the whole daemon,
// the emulator. Elements are found by role and name, as a screen reader finds them.

import { describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { axeOf, open, useBrowser } from '../support/browser.ts';
import { sharedRig } from '../support/shared-rig.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
groups:
  support: { where: 'worker.team == "support"' }
rules:
  - name: three-chats
    who: support
    when: activity.available
    then: { chat: 3 }
    why: "Available: support holds three chats"
  - name: quiet-sms
    who: everyone
    when: activity.available
    then: { sms: pause }
`;

const withPeople =
  (...support: readonly string[]) =>
  ({ world }: Emulator) => {
    world.createActivity('Lunch', false);
    world.createQueue('Support');
    for (const friendlyName of support) {
      world.createWorker({ friendlyName, attributes: { team: 'support' } });
      world.setActivity(friendlyName, 'Available');
    }
    world.createWorker({ friendlyName: 'Ben', attributes: { team: 'sales' } });
  };

// Before the daemons, so that its pages are closed first: they would report a missing daemon.
useBrowser();

describe('changes', () => {
  // Each test changes a Worker of its own.
  const floor = sharedRig({ rules: { 'rules.yaml': RULES }, world: withPeople('Cleo', 'Dora') });
  it('appear without a reload', async () => {
    const { service, emulator } = floor();
    const page = await open(service.url);
    await page.getByRole('gridcell', { name: /^Cleo, chat: 0 of 3, open/ }).waitFor();
    emulator.world.setActivity('Cleo', 'Lunch');
    await page
      .getByRole('gridcell', { name: 'Cleo, chat: 0 of 1, open, at its baseline' })
      .waitFor();
    await page.getByRole('rowheader', { name: /Cleo Lunch/ }).waitFor();
  });

  it('by a person are marked as such', async () => {
    const { service, emulator } = floor();
    const page = await open(service.url);
    await page.getByRole('gridcell', { name: /^Dora, chat: 0 of 3, open/ }).waitFor();
    emulator.world.editChannel('Dora', 'chat', { capacity: 5 }, { actor: 'someone' });
    await page.getByRole('gridcell', { name: /^Dora, chat: 0 of 5, open, set by / }).waitFor();
    await page.getByRole('button', { name: '1 set by a person' }).waitFor();
  });

  it('counts what it shows: another channel only when all are shown', async () => {
    const { service, emulator } = floor();
    emulator.world.setActivity('Cleo', 'Available');
    const task = emulator.world.createTask({ channel: 'video', queue: 'Support' });
    emulator.world.accept(emulator.world.reserve(task.sid, 'Cleo').sid);
    const page = await open(`${service.url}/#/floor?channels=all`);
    await page.getByRole('gridcell', { name: /^Cleo, video: 1 of 1, full/ }).waitFor();
    await page.getByRole('button', { name: '1 full' }).waitFor();
    await page.getByRole('combobox', { name: 'Channels' }).selectOption({ label: 'in rules' });
    await page.getByRole('button', { name: '0 full' }).waitFor();
  });

  it('that leave a Worker above its capacity put it at the top', async () => {
    const { service, emulator } = floor();
    emulator.world.setActivity('Ben', 'Available');
    const task = emulator.world.createTask({ channel: 'chat', queue: 'Support' });
    emulator.world.accept(emulator.world.reserve(task.sid, 'Ben').sid);
    emulator.world.editChannel('Ben', 'chat', { capacity: 0 });
    const page = await open(service.url);
    await page.getByRole('gridcell', { name: /^Ben, chat: 1 of 0, draining/ }).waitFor();
    const first = page.getByRole('rowheader').first();
    await expect.poll(() => first.innerText()).toContain('Ben');
  });
});

describe('views', () => {
  // None of these tests changes anything.
  const floor = sharedRig({ rules: { 'rules.yaml': RULES }, world: withPeople('Ana') });

  describe('the floor', () => {
    it('shows the state of each Worker Channel and who set it', async () => {
      const { service } = floor();
      const page = await open(service.url);
      await page
        .getByRole('gridcell', { name: 'Ana, chat: 0 of 3, open, set by three-chats' })
        .waitFor();
      await page
        .getByRole('gridcell', { name: 'Ana, sms: 0 of 1, paused, set by quiet-sms' })
        .waitFor();
      await page.getByRole('gridcell', { name: 'Ben, sms: not read: no rule uses it' }).waitFor();
    });

    it('finds people by search text and by clicking a figure', async () => {
      const { service } = floor();
      const page = await open(service.url);
      const names = page.getByRole('rowheader');
      await page.getByRole('gridcell', { name: /^Ben, chat/ }).waitFor();
      expect(await names.count()).toBe(2);
      await page.getByRole('searchbox').fill('three-chats');
      await expect.poll(() => names.allInnerTexts()).toEqual([expect.stringContaining('Ana')]);
      await page.getByRole('searchbox').fill('');
      await page.getByRole('button', { name: '1 paused' }).click();
      await expect.poll(() => names.allInnerTexts()).toEqual([expect.stringContaining('Ana')]);
    });

    it('groups people under headings', async () => {
      const { service } = floor();
      const page = await open(service.url);
      await page.getByLabel('Group by').selectOption({ label: 'Activity' });
      await page.getByRole('rowheader', { name: 'Available 1' }).waitFor();
      await page.getByRole('rowheader', { name: 'Offline 1' }).waitFor();
      await page.getByLabel('Group by').selectOption({ label: 'group' });
      await page.getByRole('rowheader', { name: 'support 1' }).waitFor();
      await page.getByRole('rowheader', { name: 'In no group 1' }).waitFor();
    });
  });

  describe('why', () => {
    it('tells the story of a cell in sentences, and its address opens it again', async () => {
      const { service } = floor();
      const page = await open(service.url);
      await page.getByRole('gridcell', { name: /^Ana, chat/ }).click();
      const story = page.getByRole('complementary', { name: 'Why: Ana, chat' });
      await story.getByText('Ana’s chat is open at capacity 3, with 0 assigned.').waitFor();
      await story.getByText('Set to 3 by three-chats.').waitFor();
      await story
        .getByText('three-chats: capacity 3. Available: support holds three chats.')
        .waitFor();
      await story.getByText('activity.available is true.').waitFor();
      const again = await open(page.url());
      await again.getByRole('complementary', { name: 'Why: Ana, chat' }).waitFor();
      await again.getByText('Set to 3 by three-chats.').waitFor();
    });

    it('works without a mouse: arrows, Enter, Escape', async () => {
      const { service } = floor();
      const page = await open(service.url);
      await page.getByRole('gridcell', { name: /^Ana, chat/ }).waitFor();
      const grid = page.getByRole('grid');
      await grid.focus();
      await grid.press('Control+Home');
      await grid.press('ArrowRight');
      const marked = await grid.getAttribute('aria-activedescendant');
      expect(await page.locator(`[id="${marked}"]`).innerText()).toMatch(/, chat: /);
      await grid.press('Enter');
      const title = page.getByRole('heading', { name: /^Why: \w+, chat/ });
      await title.waitFor();
      await expect
        .poll(() => title.evaluate((e) => e === e.ownerDocument.activeElement))
        .toBe(true);
      await page.keyboard.press('Escape');
      await expect.poll(() => title.count()).toBe(0);
      await expect.poll(() => grid.evaluate((e) => e === e.ownerDocument.activeElement)).toBe(true);
    });
  });

  describe('accessibility', () => {
    it.each(['light', 'dark'] as const)('axe finds nothing, in %s', async (colorScheme) => {
      const { service } = floor();
      const page = await open(service.url, { colorScheme });
      await page.getByRole('gridcell', { name: /^Ana, chat/ }).click();
      await page.getByText('Set to 3 by three-chats.').waitFor();
      expect(await axeOf(page)).toEqual([]);
      const views = { Signals: 'Writes', Timeline: 'The last 24 hours' } as const;
      for (const [view, part] of Object.entries({
        ...views,
        Journal: 'Journal',
        Health: 'Rules',
      })) {
        await page.getByRole('link', { name: view, exact: true }).click();
        await page.getByRole('heading', { name: part, exact: true }).waitFor();
        expect([view, await axeOf(page)]).toEqual([view, []]);
      }
      await page.getByRole('button', { name: 'Actions…' }).click();
      await page.getByRole('dialog', { name: 'Actions' }).waitFor();
      expect(await axeOf(page)).toEqual([]);
    });

    it('fits a phone: nothing is wider than the screen, and a story fills it', async () => {
      const { service } = floor();
      const page = await open(service.url, { viewport: { width: 360, height: 740 } });
      await page.getByRole('gridcell', { name: /^Ana, chat/ }).click();
      const story = page.getByRole('complementary', { name: 'Why: Ana, chat' });
      await story.getByText('Set to 3 by three-chats.').waitFor();
      expect(await story.boundingBox()).toMatchObject({ x: 0, width: 360 });
      for (const view of ['floor', 'signals', 'timeline', 'journal', 'health']) {
        await page.goto(`${service.url}/#/${view}`);
        await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
        const hidden =
          'document.querySelector("main").scrollWidth - document.querySelector("main").clientWidth';
        expect([view, await page.evaluate(hidden)]).toEqual([view, 0]);
      }
    });
  });
});
