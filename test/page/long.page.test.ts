// A page that stays open, as on a wall display: the daemon goes and comes back, and nobody reloads.

import { afterEach, expect, it } from 'vitest';
import { open, useBrowser } from '../support/browser.ts';
import { type ConnectionProxy, startConnectionProxy } from '../support/connection-proxy.ts';
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
let wire: ConnectionProxy | null = null;
afterEach(async () => {
  wire?.close();
  wire = null;
  await rig?.stop();
  rig = null;
});
// After it, so that its pages are closed first: they would report a missing daemon.
useBrowser();

it('an open page says that the daemon is gone, then shows the next one by itself', async () => {
  rig = await startRig({
    rules: { 'rules.yaml': RULES },
    // The next daemon must listen where the page looks for it.
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
  await page.getByText('headroom cannot be reached. This page may be out of date.').waitFor();
  await page.getByRole('gridcell', { name: /^Ana, chat: 0 of 3/ }).waitFor();
  await page.getByRole('link', { name: 'Health' }).click();
  const verdict = page.getByRole('region', { name: 'In short' });
  await verdict.getByText('Current status unknown. Last known: all was well').waitFor();
  world.setActivity('Ana', 'Lunch');
  world.setActivity('Ben', 'Available');
  await rig.restart();
  await verdict.getByText('All is well').waitFor();
  await page.getByText('live', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Floor' }).click();
  await page.getByRole('gridcell', { name: /^Ana, chat: 0 of 1/ }).waitFor();
  await page.getByRole('gridcell', { name: /^Ben, chat: 0 of 3/ }).waitFor();
  expect(await page.getByText('headroom cannot be reached').count()).toBe(0);
  // And it receives changes again, not only the first read.
  world.setActivity('Ben', 'Lunch');
  await page.getByRole('gridcell', { name: /^Ben, chat: 0 of 1/ }).waitFor();
});

it('a silently dead connection is detected, shown with its time, and replaced', async () => {
  rig = await startRig({
    rules: { 'rules.yaml': RULES },
    world: ({ world }) => {
      world.createActivity('Lunch', false);
      world.createWorker({ friendlyName: 'Ana', attributes: {} });
      world.setActivity('Ana', 'Available');
    },
  });
  wire = await startConnectionProxy(Number(new URL(rig.service.url).port));
  const page = await open('about:blank', { expected: ['ERR_'] });
  await page.clock.install();
  await page.goto(wire.url);
  const state = page.getByRole('status').filter({ hasText: /^(live|no data since \d\d:\d\d)$/ });
  await page.getByRole('gridcell', { name: /^Ana, chat: 0 of 3/ }).waitFor();
  await expect.poll(() => state.innerText()).toBe('live');
  wire.die();
  rig.emulator.world.setActivity('Ana', 'Lunch');
  await rig.quiet();
  await page.clock.fastForward('01:00');
  await expect.poll(() => state.innerText()).toMatch(/^no data since/);
  await page
    .getByText(/^No data from headroom since \d\d:\d\d\. This page may be out of date\.$/)
    .waitFor();
  await page.getByRole('gridcell', { name: /^Ana, chat: 0 of 3/ }).waitFor();
  wire.heal();
  await page.getByRole('gridcell', { name: /^Ana, chat: 0 of 1/ }).waitFor();
  await expect.poll(() => state.innerText()).toBe('live');
});
