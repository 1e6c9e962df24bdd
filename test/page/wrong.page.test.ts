// Mistakes that people make on the page, and floors that are not as one expects: each time a
// sentence says what to do, and nothing breaks.

import { describe, expect, it } from 'vitest';
import { open, useBrowser } from '../support/browser.ts';
import { sharedRig } from '../support/shared-rig.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - name: three-chats
    who: everyone
    when: activity.available
    then: { chat: 3 }
`;
const ONE_MORE = `version: 1
rules: [{ name: passing, who: { where: "worker.team == 'none'" }, then: { chat: 1 } }]
`;
/** As long as TaskRouter allows. */
const LONG = `Maximiliana Theodora ${'von und zu '.repeat(3)}Hohenfels`;

useBrowser();

describe('mistakes', () => {
  // None of these tests changes what another one reads.
  const shared = sharedRig({
    rules: { 'rules.yaml': RULES },
    world: ({ world }) => {
      for (const friendlyName of ['Ana', 'Zoe', 'فريد حداد', 'Sam 🌻', LONG]) {
        world.createWorker({ friendlyName, attributes: {} });
        world.setActivity(friendlyName, 'Available');
      }
    },
  });
  const address = (hash = '') => `${shared().service.url}/${hash}`;

  describe('an order', () => {
    async function dialog() {
      const page = await open(address(), { expected: ['400 (Bad Request)', '404 (Not Found)'] });
      await page.getByRole('button', { name: 'Actions…' }).click();
      const found = page.getByRole('dialog', { name: 'Actions' });
      await found.getByLabel('Your name').fill('Dana');
      return found;
    }

    it('whose end has passed is not sent', async () => {
      const hold = await dialog();
      await hold.getByLabel('Until').fill('2020-01-01T00:00');
      await hold.getByLabel('Reason').fill('too late');
      await hold.getByRole('button', { name: 'Pause everything' }).click();
      await hold
        .getByRole('alert')
        .filter({ hasText: 'That time has passed. Choose a later one, or leave the field empty.' })
        .waitFor();
      expect((await shared().service.status()).paused).toEqual([]);
    });

    it('without a reason, or with only spaces as one, is not sent', async () => {
      const hold = await dialog();
      await hold.getByRole('button', { name: 'Pause everything' }).click();
      const reason = hold.getByLabel('Reason');
      expect(await reason.evaluate((e: { validity: { valid: boolean } }) => e.validity.valid)).toBe(
        false,
      );
      await reason.fill('  ');
      await hold.getByRole('button', { name: 'Pause everything' }).click();
      expect(await reason.evaluate((e: { validity: { valid: boolean } }) => e.validity.valid)).toBe(
        false,
      );
      expect((await shared().service.status()).paused).toEqual([]);
    });

    it("for a rule that no longer exists is refused with the daemon's message", async () => {
      await shared().writeRules({ 'more.yaml': ONE_MORE });
      const hold = await dialog();
      await hold.getByLabel('Scope').selectOption('passing');
      await shared().writeRules({ 'more.yaml': 'version: 1\nrules: []\n' });
      await waitFor('it is gone', async () => (await shared().service.status()).rules.count === 1);
      await hold.getByLabel('Reason').fill('too many');
      await hold.getByRole('button', { name: 'Pause rule passing' }).click();
      await hold.getByRole('alert').filter({ hasText: 'passing' }).waitFor();
    });
  });

  describe('an address', () => {
    it('of a deleted Worker says so, and closing the story leads back to the floor', async () => {
      const page = await open(address(`#/floor?worker=WK${'0'.repeat(32)}&channel=chat`), {
        expected: ['404 (Not Found)'],
      });
      const story = page.getByRole('complementary');
      await story
        .getByRole('alert')
        .filter({ hasText: 'This Worker is not known. It may have been deleted.' })
        .waitFor();
      expect(await story.getByRole('button', { name: /^Pause or release/ }).count()).toBe(0);
      await story.getByRole('button', { name: 'Close details' }).click();
      await expect.poll(() => story.count()).toBe(0);
      await page.getByRole('gridcell', { name: /^Ana, chat/ }).waitFor();
    });

    it('of an unknown view shows the floor', async () => {
      const page = await open(address(`#/flor?show=nobody&group=what&%E0%A4%A=1`));
      await page.getByRole('gridcell', { name: /^Ana, chat/ }).waitFor();
      await page.getByRole('link', { name: 'Floor', exact: true, includeHidden: false }).waitFor();
      expect(await page.title()).toBe('Floor – headroom');
    });

    it('whose filters match nothing says so, and one click clears them', async () => {
      const page = await open(address(`#/floor?q=nobody-is-called-so&show=draining`));
      await page.getByText('No Workers match.').waitFor();
      await page.getByRole('button', { name: 'Clear filters' }).press('Enter');
      await page.getByRole('gridcell', { name: /^Ana, chat/ }).waitFor();
      // The button is gone, and the next Tab goes on from the view, not from the page's beginning.
      expect(await page.locator('main:focus').count()).toBe(1);
      await page.goto(address(`#/journal?q=nothing-was-so&kind=order`));
      await page.getByText('No entries match.').waitFor();
      await page.getByRole('button', { name: 'Clear filters' }).press('Enter');
      await page.getByRole('row').filter({ hasText: 'three-chats' }).first().waitFor();
      expect(await page.locator('main:focus').count()).toBe(1);
    });

    it("of one Worker's journal names the Worker, and one click shows all entries", async () => {
      const { sid } = shared().emulator.world.worker('Ana');
      const page = await open(address(`#/journal?worker=${sid}`));
      const zoe = page.getByRole('row').filter({ hasText: 'Zoe' });
      await page.getByRole('row').filter({ hasText: 'Ana' }).waitFor();
      expect(await zoe.count()).toBe(0);
      await page.getByRole('button', { name: 'Only Ana' }).click();
      await zoe.waitFor();
    });
  });

  describe('names', () => {
    it('that are very long widen nothing, in the grid, the story and the journal', async () => {
      const page = await open(address(), { viewport: { width: 390, height: 844 } });
      const cell = page.getByRole('gridcell', { name: new RegExp(`^${LONG}, chat`) });
      const { sid } = shared().emulator.world.worker(LONG);
      await cell.waitFor();
      await cell.click();
      await page.getByRole('heading', { name: 'Next changes' }).waitFor();
      for (const view of [`floor?worker=${sid}&channel=chat`, 'floor', 'journal', 'timeline']) {
        await page.goto(address(`#/${view}`));
        await page.getByRole('heading').first().waitFor({ state: 'attached' });
        const wider = `[...document.querySelectorAll('main, .story')]
          .map((e) => e.scrollWidth - e.clientWidth)`;
        const found = (await page.evaluate(wider)) as readonly number[];
        expect([view, Math.max(...found)]).toEqual([view, 0]);
      }
    });

    it('that run from right to left leave the rest of the sentence in order', async () => {
      const page = await open(address());
      await page.getByRole('gridcell', { name: /فريد حداد.?, chat/ }).click();
      // Isolated by invisible characters.
      await page.getByText(/^\u2068فريد حداد\u2069’s chat is open at capacity 3/).waitFor();
    });
  });
});

describe('a floor of many channels', () => {
  const shared = sharedRig({
    rules: { 'rules.yaml': RULES },
    world: ({ world }) => {
      // As many Task Channels as a large Workspace has; the rules name one.
      for (let n = 10; n < 60; n += 1) world.createTaskChannel(`channel${n}`);
      world.createWorker({ friendlyName: 'Ana', attributes: {} });
      world.setActivity('Ana', 'Available');
    },
  });

  it.each([1280, 390])('shows each at a readable width, on a screen %i wide', async (width) => {
    const { service } = shared();
    const page = await open(`${service.url}/#/floor?channels=all`, {
      viewport: { width, height: 800 },
    });
    const cell = page.getByRole('gridcell', { name: /^Ana, channel42/ });
    await cell.waitFor();
    expect((await cell.boundingBox())?.width).toBeGreaterThan(75);
    // The name stays visible while the channels scroll.
    await cell.scrollIntoViewIfNeeded();
    const name = await page.getByRole('rowheader', { name: /^Ana/ }).boundingBox();
    expect(name?.x).toBeLessThan(30);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  });
});
