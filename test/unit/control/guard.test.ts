// What one replica reports about a Worker that another one saw a moment ago.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Guard } from '../../../src/control/guard.ts';
import { PROPAGATION_MS } from '../../../src/control/shared-document.ts';
import { compileRules } from '../../../src/language/compile.ts';
import { T0, worker, world } from '../../support/builders.ts';
import { MemoryStore } from '../../support/memory/store.ts';

const RULES = `version: 1
defaults: { timezone: UTC, mode: enforce }
groups: { team: { where: 'worker.team == "support"' } }
guardrails: { keep_open: [{ group: team, channel: chat, at_least: 1 }] }
rules: [{ name: close, who: team, then: { chat: pause } }]
`;
const { ruleSet } = compileRules([{ name: 'rules.yaml', text: RULES }]);
const NOTHING = { writes: [], refusals: [], lookAt: null };
const channels = (availableNow: boolean) =>
  worker({ channels: { chat: { availableNow } } }).channels;

describe('17: two replicas', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('count a Worker as closed that the second saw closed after the first saw open', async () => {
    const store = new MemoryStore();
    const external = world();
    const replica = () =>
      new Guard({
        ...{ store, queues: { addPass: async () => undefined }, clock: { now: () => T0 } },
        ...{ rules: () => ruleSet, world: () => external },
      });
    const [first, second] = [replica(), replica()];
    let state = worker({ channels: { chat: { availableNow: false } } });
    ({ state } = await second.permit(state, NOTHING));
    ({ state } = await first.permit({ ...state, channels: channels(true) }, NOTHING));
    ({ state } = await second.permit({ ...state, channels: channels(false) }, NOTHING));
    vi.advanceTimersByTime(PROPAGATION_MS);
    await first.ensureFresh();
    expect(first.view()?.keepOpen).toMatchObject([{ open: 0 }]);
  });
});
