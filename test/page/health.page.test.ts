// What the page says about headroom's own health; each part appears when it has something to say.

import { afterEach, describe, expect, it } from 'vitest';
import { open, useBrowser } from '../support/browser.ts';
import type { Rig, RigOptions } from '../support/rig.ts';
import { sharedRig } from '../support/shared-rig.ts';
import { waitFor } from '../support/wait.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce, stale_after: 3s, human_edit: { respect: 1s } }
guardrails: { max_change: { workers: 90%, per: 1m }, min_dwell: 1s }
rules:
  - name: three-chats
    who: everyone
    when: activity.available
    then: { chat: 3 }
  - name: overload
    who: everyone
    when: { enter: queue("Support").waiting >= 2, exit: queue("Support").waiting == 0 }
    then: { sms: 2 }
    limit: { workers: 50% }
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
        world.setActivity(friendlyName, 'Lunch');
      }
    },
  };
}

/** Only the event requests a pass, so exactly one fails. */
const ONE_RULE = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - { name: three-chats, who: everyone, when: activity.available, then: { chat: 3 } }
`;

describe('dead jobs', () => {
  const shared = sharedRig(optionsOf(ONE_RULE, 'Ana', 'Bea'));
  /** Leaves none to the next test, whatever happened in this one. */
  afterEach(async () => {
    const { service, emulator } = shared();
    emulator.world.faults.clear();
    await fetch(`${service.url}/api/v1/dead-jobs/discard`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ all: true, by: 'the test' }),
    });
  });

  /** A pass that fails for good because TaskRouter refuses its read; `heal` ends that. */
  async function failing(who: string) {
    const { service, emulator, quiet } = shared();
    await quiet();
    const refusal = {
      kind: 'server-error',
      status: 403,
      method: 'GET',
      path: '/Channels',
    } as const;
    const { id } = emulator.world.faults.add(refusal);
    emulator.world.setActivity(who, 'Available');
    const page = await open(`${service.url}/#/health`);
    const dead = page.getByRole('region', { name: 'Dead jobs' });
    await dead.getByText('1 job failed and will not be retried.').waitFor();
    return { dead, emulator, heal: () => emulator.world.faults.remove(id) };
  }

  it('are shown with their reason, and run when they are replayed', async () => {
    const { dead, emulator, heal } = await failing('Ana');
    const verdict = dead.page().getByRole('region', { name: 'In short' });
    await verdict.getByText('1 dead job').waitFor();
    await dead
      .getByRole('listitem')
      .filter({ hasText: /the pass for Ana: .*403.* after one attempt/ })
      .waitFor();
    heal();
    await dead.getByRole('button', { name: 'Replay the pass for Ana' }).press('Enter');
    await dead.getByText('1 job replayed.').waitFor();
    await dead.getByText('None.').waitFor();
    // The button is gone, and the next Tab goes on from here.
    expect(await dead.locator(':focus').innerText()).toBe('Dead jobs');
    await waitFor('its write', () => capacityOf(emulator, 'Ana') === 3);
    await verdict.getByText('All is well').waitFor();
  });

  it('disappear when they are discarded, after a question, without being run', async () => {
    const { dead, emulator } = await failing('Bea');
    const discard = dead.getByRole('button', { name: 'Discard all' });
    const asked: string[] = [];
    const answers = [false, true];
    dead.page().on('dialog', (dialog) => {
      asked.push(dialog.message());
      void (answers.shift() === true ? dialog.accept() : dialog.dismiss());
    });
    await discard.click();
    await dead.getByText('1 job failed and will not be retried.').waitFor();
    await discard.click();
    await dead.getByText('1 job discarded.').waitFor();
    await dead.getByText('None.').waitFor();
    expect(asked).toEqual(Array(2).fill('Discard 1 job? It will never run.'));
    expect(capacityOf(emulator, 'Bea')).toBe(1);
  });
});

function capacityOf({ world }: Rig['emulator'], who: string): number {
  return world.channel(who, 'chat').configuredCapacity;
}

const COUNTING = `version: 1
defaults: { timezone: UTC, mode: enforce }
rules:
  - name: protect
    who: everyone
    when: count("reservation.timeout", duration("4h")) >= 3
    then: { chat: pause }
`;

describe('missed events', () => {
  const shared = sharedRig(optionsOf(COUNTING, 'Ana'));

  it('make a count unknown, which is shown, if the history cannot be read either', async () => {
    const rig = shared();
    const { emulator } = rig;
    const note = /^reservation\.timeout before .* may have been missed, so its count is unknown/i;
    const before = await open(`${rig.service.url}/#/health`);
    await before.getByRole('heading', { name: 'Dead jobs' }).waitFor();
    await before.getByText(note).waitFor({ state: 'detached' });
    await before.context().close();

    await rig.stopDaemon();
    emulator.world.faults.add({ kind: 'server-error', path: '/Events' });
    await rig.restart();
    const page = await open(`${rig.service.url}/#/health`);
    await page.getByRole('region', { name: 'Notes' }).getByText(note).waitFor();
  });
});

describe('deliveries', () => {
  const shared = sharedRig({ ...optionsOf(ONE_RULE, 'Ana'), callbacks: false });

  it('of which every one is refused are no good health', async () => {
    const { service, deliver } = shared();
    const fields = { EventType: 'worker.activity.update' };
    expect(await deliver(fields, { signature: 'guessed' })).toBe(403);
    const page = await open(`${service.url}/#/health`);
    const verdict = page.getByRole('region', { name: 'In short' });
    await verdict.getByText('Every delivery is refused').waitFor();
    const told = page.getByRole('region', { name: 'Incoming' });
    await told.getByText('Deliveries refused: wrong signature').waitFor();
  });
});

describe('health', () => {
  const shared = sharedRig(optionsOf(RULES, 'Ana', 'Bea'));

  it('says which statistics are too old for the rules, until they are read again', async () => {
    const { service, emulator } = shared();
    const page = await open(`${service.url}/#/health`);
    const part = page.getByRole('region', { name: 'TaskQueue statistics' });
    await part.getByText(/^read \d+ s ago$/).waitFor();
    const { faults } = emulator.world;
    const { id } = faults.add({ kind: 'server-error', path: '/RealTimeStatistics' });
    await part.getByText(/^The statistics of the TaskQueue "Support" are older than 3 s/).waitFor();
    faults.remove(id);
    const old = part.getByText(/are older than 3 s/);
    await old.waitFor({ state: 'detached' });
  });

  it('names contested channels and links to their story', async () => {
    const { service, emulator } = shared();
    emulator.world.setActivity('Bea', 'Available');
    for (let n = 0; n < 6; n += 1) {
      await waitFor('the rule has it', () => capacityOf(emulator, 'Bea') === 3);
      emulator.world.editChannel('Bea', 'chat', { capacity: 5 });
    }
    await waitFor('the rule has it', () => capacityOf(emulator, 'Bea') === 3);
    emulator.world.editChannel('Bea', 'chat', { capacity: 5 });
    const page = await open(`${service.url}/#/health`);
    const part = page.getByRole('region', { name: 'Contested channels' });
    await part.getByRole('link', { name: 'Bea, chat' }).click();
    const story = page.getByRole('complementary', { name: 'Why: Bea, chat' });
    await story.getByText('Would be set to 3 by three-chats.').waitFor();
    await story.getByText(/^Not written: somebody else keeps changing it/).waitFor();
  });

  it('says what of the last hour is bad, with its entries one click away', async () => {
    const { service, emulator } = shared();
    const { faults } = emulator.world;
    const { id } = faults.add({
      kind: 'server-error',
      status: 400,
      method: 'POST',
      path: '/Channels',
    });
    emulator.world.setActivity('Ana', 'Available');
    const page = await open(`${service.url}/#/health`);
    const failed = 'Writes to 1 channel failed in the last hour';
    await page.getByRole('region', { name: 'In short' }).getByText(failed).waitFor();
    faults.remove(id);
    const recent = page.getByRole('region', { name: 'The last hour' });
    const fact = recent.locator('dl > div').filter({ hasText: 'Channels with failed writes' });
    await fact.getByRole('link', { name: '1' }).click();
    await page.getByRole('row').filter({ hasText: 'was not confirmed' }).first().waitFor();
  });

  it('shows queue depth, call budget, replicas, guardrails and limits', async () => {
    const { service } = shared();
    const page = await open(`${service.url}/#/health`);
    const fact = (name: string, value: RegExp) =>
      page.locator('dl > div').filter({ hasText: name }).getByText(value).waitFor();
    await fact('Events waiting', /^\d+$/);
    await fact('Passes waiting', /^\d+$/);
    await fact('Call rate limit', /^200 per second$/);
    await fact('max_change', /^\d+ of \d+ Workers changed in the window$/);
    await fact('limit: overload', /^0 of \d+ Workers, 0 candidates$/);
    await page.getByText('1 of 1 replica has this set in its rules folder.').waitFor();
  });
});
