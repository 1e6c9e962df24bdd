// A pass while no rule set is in force: nothing can be decided, but what people released is
// restored all the same, from what the record holds. Everything else stays, except what is too old
// or too much to be kept.

import type { Decision } from '../core/decide.ts';
import { prune } from '../core/evolve.ts';
import { isHeld } from '../core/hold.ts';
import { liveEdits, releaseChannels } from '../core/release.ts';
import type { ChannelState, WorkerState } from '../core/state.ts';
import type { PassUrgency } from '../ports.ts';
import type { ControlDeps } from './deps.ts';
import { handsOff } from './hands-off.ts';
import { unknownBaselineEntries } from './journal.ts';
import { flushOutbox, recoverOutbox, withOutboxEntries } from './journal-outbox.ts';
import { PASS_LIMITS, type Pass } from './pass.ts';
import { readChannels } from './read.ts';
import { Contended } from './records.ts';
import { write } from './write.ts';

/** Declared baselines are in the rules, so only kept ones are known. */
const NONE_DECLARED: ReadonlyMap<string, number> = new Map();

const NOTHING: Decision = {
  ...{ stopped: null, channels: [], verdicts: [], rules: {}, lookAt: null },
  needs: { worker: false, channels: false },
};

export async function passWithoutRules({
  worker,
  deps,
  urgency,
}: Pick<Pass, 'worker' | 'deps' | 'urgency'>): Promise<PassUrgency | null> {
  const found = await deps.records.load(worker);
  let loaded = found && (await recoverOutbox(found, deps));
  let reads = 0;
  for (let round = 0; round < PASS_LIMITS.rounds; round += 1) {
    if (loaded === null) return null;
    const { version } = loaded;
    const state = prune(loaded.state, null, deps.clock.now());
    const released = releasedChannels(state, deps);
    if (released.length === 0) {
      if (state === loaded.state || (await deps.records.save(worker, state, version))) return null;
      loaded = await deps.records.load(worker);
      continue;
    }
    if (reads < PASS_LIMITS.reads && released.some(([, channel]) => mustRead(channel))) {
      reads += 1;
      loaded = await readChannels(worker, state, deps);
      continue;
    }
    const at = deps.clock.now();
    const edits = released.map(([channel, held]) => ({ channel, edits: liveEdits(held, at) }));
    const result = releaseChannels(state, edits, NONE_DECLARED, at);
    const entries = unknownBaselineEntries(result.unknownBaseline, state, at);
    const after = withOutboxEntries(result.state, entries);
    if (!(await deps.records.save(worker, after, version))) {
      loaded = await deps.records.load(worker);
      continue;
    }
    const saved = await flushOutbox({ state: after, version: version + 1 }, deps);
    if (result.writes.length === 0) return null;
    const left = await write(saved, result.writes, { worker, deps, urgency, decision: NOTHING });
    if (left !== null) return left;
    // The next round sees the writes done, and lets go of the channels.
    loaded = await deps.records.load(worker);
  }
  throw new Contended(worker);
}

function releasedChannels(state: WorkerState, deps: ControlDeps) {
  return Object.entries(state.channels).filter(
    ([channel, held]) => isHeld(held) && handsOff(state.sid, channel, deps) === 'released',
  );
}

function mustRead({ observed, stale, intent }: ChannelState): boolean {
  return observed === null || stale || intent !== null;
}
