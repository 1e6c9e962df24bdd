// Takes a picture of every view of the page in every state that matters, for people to look at; see
// `shots.mjs`, which names the folder. Nothing is compared; a view that does not appear fails.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, it } from 'vitest';
import { open, useBrowser } from '../support/browser.ts';
import { startRig } from '../support/rig.ts';
import { roleOf } from './people.ts';
import { emptyFloor, failingFloor, healthyFloor, NOW, type ShownFloor } from './shown-floor.ts';

const OUT = process.env.SHOTS ?? '';
const PART = process.env.SHOTS_PART ?? '';
const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } } as const;
const LOOKS = Object.entries(SIZES).flatMap(([size, viewport]) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ size, viewport, colorScheme })),
);
/** The prefixes of a picture's name. */
const STATES = /^(well|ill|empty|signin|viewer)/;
type Look = (typeof LOOKS)[number];

interface Shot {
  readonly name: string;
  /** What follows the page's address. */
  readonly hash: string;
  /** Resolves when the view is there. */
  ready(page: Page): Promise<unknown>;
  /** Also take its lower end. */
  readonly long?: true;
}

const heading = (name: string) => (page: Page) =>
  page.getByRole('heading', { name, exact: true }).waitFor({ state: 'attached' });

function shotsOf({ rig, of }: ShownFloor): readonly Shot[] {
  const person = (page: Page) =>
    page.getByRole('gridcell', { name: new RegExp(`^${of}, chat`) }).waitFor({ state: 'attached' });
  const worker = of === '' ? '' : rig.emulator.world.worker(of).sid;
  const known: readonly Shot[] =
    of === ''
      ? [
          {
            name: 'floor',
            hash: '#/floor',
            ready: (page) => page.getByText(/no Workers/i).waitFor(),
          },
        ]
      : [
          { name: 'floor', hash: '#/floor', ready: person },
          { name: 'group', hash: '#/floor?group=activity', ready: person },
          {
            name: 'nobody',
            hash: '#/floor?q=zzz',
            ready: (p) => p.getByText(/^No Workers match/).waitFor(),
          },
          {
            name: 'why',
            hash: `#/floor?worker=${worker}&channel=chat`,
            ready: heading('Next changes'),
          },
        ];
  return [
    ...known,
    { name: 'signals', hash: '#/signals', ready: heading('Support'), long: true },
    { name: 'timeline', hash: '#/timeline', ready: heading('The last 24 hours'), long: true },
    { name: 'journal', hash: '#/journal', ready: heading('Journal') },
    {
      name: 'searched',
      hash: '#/journal?q=7+waiting&from=2026-06-10',
      ready: searched,
      long: true,
    },
    { name: 'health', hash: '#/health', ready: heading('Dead jobs'), long: true },
    { name: 'hold', hash: '#/floor?hold', ready: holding },
  ];
}

async function searched(page: Page): Promise<void> {
  await page.getByText(/^(There are no older|No entries)/).waitFor();
  await page.getByRole('button', { name: 'Export CSV' }).click();
  await page.getByText(/^Exported/).waitFor();
}

async function holding(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Actions…' }).click();
  await page.getByRole('dialog', { name: 'Actions' }).waitFor();
}

async function take(page: Page, name: string): Promise<void> {
  // Everything requested is drawn, and no request is left.
  await page.waitForLoadState('load');
  await page
    .getByText(/^Loading/)
    .first()
    .waitFor({ state: 'detached' });
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(OUT, `${name}.png`) });
}

async function takeAll(floor: ShownFloor, state: string, look: Look): Promise<void> {
  const { size, viewport, colorScheme } = look;
  const name = (shot: string) => `${state}-${shot}-${size}-${colorScheme}`;
  const shots = shotsOf(floor).filter((shot) => name(shot.name).includes(PART));
  const page = await begin(floor, { viewport, colorScheme });
  for (const { name: shot, hash, ready, long } of shots) {
    await page.goto(`${floor.rig.service.url}/${hash}`);
    await ready(page);
    await take(page, name(shot));
    if (long !== true) continue;
    await page.evaluate('document.querySelector("main").scrollTo(0, 1e6)');
    await take(page, name(`${shot}-end`));
  }
  await page.context().close();
}

/** A page that runs on the floor's clock. */
async function begin({ rig, of }: ShownFloor, options: Pick<Look, 'viewport' | 'colorScheme'>) {
  const page = await open('about:blank', { ...options, timezoneId: 'Europe/London' });
  if (of !== '') await page.clock.install({ time: NOW });
  await page.goto(rig.service.url);
  return page;
}

useBrowser();
mkdirSync(OUT, { recursive: true });

describe.each([
  ['well', healthyFloor],
  ['ill', failingFloor],
  ['empty', emptyFloor],
] as const)('%s', (state, start) => {
  it.runIf(PART === '' || PART.startsWith(state) || !STATES.test(PART))(
    'every view',
    async () => {
      const floor = await start();
      try {
        for (const look of LOOKS) await takeAll(floor, state, look);
      } finally {
        await floor.stop();
      }
    },
    300_000,
  );
});

it.runIf(PART === '' || /^(signin|viewer)/.test(PART) || !STATES.test(PART))(
  'roles',
  async () => {
    const rig = await startRig({
      rules: {
        'rules.yaml': 'version: 1\nrules: [{ name: one, who: everyone, then: { chat: 1 } }]\n',
      },
      env: { HEADROOM_ADMIN_TOKEN: 'doing', HEADROOM_HOST: '0.0.0.0' },
      tokens: [roleOf('vera', 'viewer')],
      world: ({ world }) => void world.createWorker({ friendlyName: 'Ana Ruiz', attributes: {} }),
    });
    const url = rig.service.url.replace('0.0.0.0', '127.0.0.1');
    for (const { size, ...look } of LOOKS) {
      const page = await open(url, { ...look, expected: ['401 (Unauthorized)'] });
      await page.getByLabel('Token').waitFor();
      await take(page, `signin-${size}-${look.colorScheme}`);
      await page.getByLabel('Token').fill('vera-tokenn');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
      await take(page, `signin-wrong-${size}-${look.colorScheme}`);
      await page.getByLabel('Token').fill('vera-token');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('gridcell', { name: /^Ana Ruiz, chat/ }).click();
      await heading('Next changes')(page);
      await take(page, `viewer-${size}-${look.colorScheme}`);
      await page.context().close();
    }
    await rig.stop();
  },
  120_000,
);
