// The journal beyond what the page keeps by itself: a search goes on by itself and says how far it
// has come, a period can be chosen, and an export has all that matches.

import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { axeOf, open, useBrowser } from '../support/browser.ts';
import { sharedRig } from '../support/shared-rig.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - { name: three-chats, who: everyone, when: activity.available, then: { chat: 3 } }
`;
const CHANGE = 'chat 1 → 3 by three-chats';
/** More than the page reads by itself. */
const ORDERS = 105;

useBrowser();

const shared = sharedRig({
  rules: { 'rules.yaml': RULES },
  world: ({ world }) => {
    world.createWorker({ friendlyName: 'Ana', attributes: {} });
    world.setActivity('Ana', 'Available');
  },
});
const address = (query = '') => `${shared().service.url}/#/journal${query}`;
const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });

/** One change of Ana, and much else since. */
beforeAll(async () => {
  await shared().quiet();
  for (let n = 0; n < ORDERS; n += 1) {
    await order('pause', { reason: `no. ${n}.` });
    await order('resume', {});
  }
});

async function order(what: 'pause' | 'resume', body: object): Promise<void> {
  const answer = await fetch(`${shared().service.url}/api/v1/${what}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'Dana', ...body }),
  });
  expect(answer.status).toBe(200);
}

async function exported(page: Page, name: string): Promise<string> {
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name }).click();
  return await readFile(await (await downloading).path(), 'utf8');
}

describe('a search', () => {
  it.each(['q=three-chats', 'kind=change'])(
    'finds what is far back by itself: %s',
    async (query) => {
      const page = await open(address(`?${query}`));
      await row(page, CHANGE).waitFor();
      await page.getByText('There are no older entries that match.').waitFor();
      expect(await page.getByRole('button', { name: 'Search further back' }).count()).toBe(0);
    },
  );

  it('that finds nothing says so once it has come to the end', async () => {
    const page = await open(address());
    await row(page, `no. ${ORDERS - 1}.`)
      .first()
      .waitFor();
    await page.getByRole('searchbox').fill('nobody-was-so');
    await page.getByText('No entries match.', { exact: true }).waitFor();
  });
});

describe('a period', () => {
  /** The instants of the change and of the first order after it. */
  async function between() {
    const read = async (query: string) => {
      const answer = await fetch(`${shared().service.url}/api/v1/journal?limit=500&${query}`);
      return ((await answer.json()) as { journal: { at: number; text: string }[] }).journal;
    };
    const [change] = await read('rule=three-chats');
    const first = (await read('reason=pause.begun')).at(-1);
    if (change === undefined || first === undefined) throw new Error('they are in the journal');
    return { change: change.at, first: first.at };
  }

  it('in the address shows what happened within it, and nothing else', async () => {
    const { change, first } = await between();
    const iso = (at: number) => new Date(at).toISOString();
    const page = await open(address(`?from=${iso(change)}&to=${iso(first)}`));
    await row(page, CHANGE).waitFor();
    await page.getByText('There are no older entries that match.').waitFor();
    expect(await row(page, 'no. 0.').count()).toBe(0);
    const since = await open(address(`?from=${iso(first)}&kind=order`));
    await row(since, 'no. 0.').waitFor();
    expect(await row(since, CHANGE).count()).toBe(0);
  });

  it("is chosen in the viewer's own time, and kept in the address", async () => {
    const page = await open(address(), { timezoneId: 'America/New_York' });
    await row(page, 'no. 104.').first().waitFor();
    await page.getByLabel('To', { exact: true }).fill('2026-01-10T14:30');
    await page.getByText('No entries match.', { exact: true }).waitFor();
    expect(new URL(page.url().replace('#/', '')).searchParams.get('to')).toBe(
      '2026-01-10T19:30:00.000Z',
    );
    const again = await open(page.url(), { timezoneId: 'America/New_York' });
    await again.getByText('No entries match.', { exact: true }).waitFor();
    expect(await again.getByLabel('To', { exact: true }).inputValue()).toBe('2026-01-10T14:30');
    expect(await axeOf(again)).toEqual([]);
    await again.getByRole('button', { name: 'Clear filters' }).click();
    await row(again, 'no. 104.').first().waitFor();
    expect(await again.getByLabel('To', { exact: true }).inputValue()).toBe('');
  });

  it('that ends before it begins is said to be wrong', async () => {
    const page = await open(address('?from=2026-01-02T10:00Z&to=2026-01-01T10:00Z'));
    await page.getByText('“From” is not before “To”.').waitFor();
  });
});

describe('an export', () => {
  it('has all that matches, not only what the page has read', async () => {
    const page = await open(address());
    await row(page, `no. ${ORDERS - 1}.`)
      .first()
      .waitFor();
    expect(await row(page, CHANGE).count()).toBe(0);
    const all = await exported(page, 'Export CSV');
    expect([all.includes(CHANGE), all.includes('no. 0.')]).toEqual([true, true]);
    await page.getByLabel('Show').selectOption({ label: 'pauses and releases' });
    const { journal } = JSON.parse(await exported(page, 'Export JSON')) as { journal: object[] };
    expect(journal.length).toBe(2 * ORDERS);
    await page.getByText(`Exported ${2 * ORDERS} entries since `).waitFor();
  });
});

describe('a journal without end', () => {
  /** Each request has 500 more, each a minute older than the one after it, once `gate` is open. */
  async function endless(query = '', gate: () => Promise<void> = async () => undefined) {
    const page = await open('about:blank');
    let last = 10_000_000;
    const now = Date.now();
    await page.route('**/api/v1/journal?limit=500*', async (route) => {
      await gate();
      const journal = Array.from({ length: 500 }, () => {
        last -= 1;
        const at = now - (10_000_000 - last) * 60_000;
        return { ...EMPTY, id: `${last}`, at, text: `entry ${last}` };
      });
      await route.fulfill({ json: { journal, next: `${last}` } });
    });
    await page.goto(address(query));
    return page;
  }
  const EMPTY = {
    ...{ worker: null, workerName: null, channel: null, rule: null, from: null, to: null },
    ...{ reason: 'pause.begun', actor: 'Dana' },
  };
  const never = () => new Promise<void>(() => undefined);

  it('is searched in steps that say how far back they have come', async () => {
    const page = await endless('?q=nobody-was-so');
    const back = page.getByRole('button', { name: 'Search further back' });
    await page
      .getByText(/^Searched back to \w+,? \d+ \w+, \d\d:\d\d \(5,000 entries\)\.$/)
      .waitFor();
    await page.getByText('No entries match so far.').waitFor();
    await back.press('Enter');
    await page.getByText(/^Searched back to .* \(10,000 entries\)\.$/).waitFor();
    // Found many, it stops at once.
    await page.getByRole('searchbox').fill('entry');
    await page.getByText(/^Searched back to .* \(500 entries\)\.$/).waitFor();
  });

  it('is no longer searched once that is stopped', async () => {
    const page = await endless('?q=nobody-was-so', never);
    await page.getByText('Searching…').waitFor();
    await page.getByRole('button', { name: 'Stop search' }).press('Enter');
    await page.getByRole('button', { name: 'Search further back' }).waitFor();
    expect(await page.getByText('Searching…').count()).toBe(0);
  });

  it('is exported up to a bound, which is said', async () => {
    const page = await endless();
    const lines = (await exported(page, 'Export CSV')).split('\r\n');
    // The header, and the end of the last line.
    expect(lines.length).toBe(50_000 + 2);
    await page.getByText(/^Exported 50,000 entries since .*, the most at once\./).waitFor();
  });

  it('is not exported once that is cancelled', async () => {
    const page = await endless('', never);
    await page.getByRole('button', { name: 'Export JSON' }).press('Enter');
    await page.getByText('Searching…').waitFor();
    await page.getByRole('button', { name: 'Cancel export' }).press('Enter');
    await page.getByText('Export cancelled.').waitFor();
    await page.getByRole('button', { name: 'Export CSV' }).waitFor();
  });
});
