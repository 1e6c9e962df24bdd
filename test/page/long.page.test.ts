// A page that stays open, as on a wall: the daemon goes and comes back, and nobody is there to reload.

import { afterEach, expect, it } from 'vitest';
import { open, useBrowser } from '../support/browser.ts';
import { freePort } from '../support/redis.ts';
import { type Rig, startRig } from '../support/rig.ts';

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

it('a page left open says that the daemon is away, and shows the floor of the next one by itself', async () => {
  rig = await startRig({
    rules: { 'rules.yaml': RULES },
    // The next daemon has to be where the page looks for it.
    env: { HEADROOM_PORT: `${await freePort()}` },
    world: ({ world }) => {
      world.createActivity('Lunch', false);
      world.createWorker({ friendlyName: 'Ana', attributes: {} });
      world.createWorker({ friendlyName: 'Ben', attributes: {} });
      world.setActivity('Ana', 'Available');
    },
  });
  const { world } = rig.emulator;
  const page = await open(rig.service.url, { expected: ['ERR_', '503'] });
  await page.getByRole('gridcell', { name: /^Ana, chat: 0 of 3/ }).waitFor();
  await rig.stopDaemon();
  await page.getByText('headroom cannot be reached: what you see may be old.').waitFor();
  await page.getByRole('gridcell', { name: /^Ana, chat: 0 of 3/ }).waitFor();
  world.setActivity('Ana', 'Lunch');
  world.setActivity('Ben', 'Available');
  await rig.restart();
  await page.getByText('live', { exact: true }).waitFor();
  await page.getByRole('gridcell', { name: /^Ana, chat: 0 of 1/ }).waitFor();
  await page.getByRole('gridcell', { name: /^Ben, chat: 0 of 3/ }).waitFor();
  expect(await page.getByText('headroom cannot be reached').count()).toBe(0);
  // And it hears again, not only reads.
  world.setActivity('Ben', 'Lunch');
  await page.getByRole('gridcell', { name: /^Ben, chat: 0 of 1/ }).waitFor();
});
