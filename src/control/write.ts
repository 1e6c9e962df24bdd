// Carries out a plan, one Worker Channel at a time: the intent is durable before the request is
// sent, and the answer, or what is known of the failure, is folded in before the next write.

import { discardIntent, resolveIntent } from '../core/observe.ts';
import { type PlannedWrite, urgencyOf } from '../core/plan.ts';
import { type Intent, type WorkerState, withChannel } from '../core/state.ts';
import { isInAvailableActivity } from '../core/worker-facts.ts';
import { type ChannelReading, Failure, type PassUrgency } from '../ports.ts';
import { CONTROL_LIMITS, type ControlDeps, observeOptions } from './deps.ts';
import { maySend } from './hands-off.ts';
import { failedEntry, writtenEntry } from './journal.ts';
import { editEntries } from './journal-edits.ts';
import { flushOutbox, withOutboxEntries } from './journal-outbox.ts';
import type { Pass } from './pass.ts';
import type { LoadedRecord } from './records.ts';

export async function write(
  loaded: LoadedRecord,
  writes: readonly PlannedWrite[],
  pass: Pick<Pass, 'worker' | 'decision' | 'deps' | 'urgency'>,
): Promise<PassUrgency | null> {
  const { worker, deps, urgency } = pass;
  const decidedBy = deps.rules();
  const away = !isInAvailableActivity(loaded.state, deps.world().directory);
  let known = loaded;
  let worst: Failure | null = null;
  let left: PassUrgency | null = null;
  for (const each of writes) {
    left = deferredUrgency(each, urgency, deps);
    if (left !== null) break;
    const intended: { loaded: LoadedRecord | null } = { loaded: null };
    // Called when its turn in the rate has come: until then anything may have changed.
    const beforeSend = async () => {
      const may = deps.rules() === decidedBy && (await maySend(each, pass));
      intended.loaded = may ? await saveIntent(known, each, deps) : null;
      return intended.loaded !== null;
    };
    try {
      const options = { urgency: urgencyOf(each), away, beforeSend };
      const reading = await deps.gateway.setChannel(worker, each.channel, each.to, options);
      if (reading === null || intended.loaded === null) continue;
      const named = { ...reading, uniqueName: each.channel };
      known = await recordSuccess(intended.loaded, each, named, pass);
    } catch (error) {
      if (!(error instanceof Failure) || intended.loaded === null) throw error;
      const failure = await recordFailure(each, error, intended.loaded.state, deps);
      // A failure that concerns one channel does not keep the Worker's others from being written.
      if (!concernsOnlyChannel(error)) throw failure;
      // One that can heal causes a retry of the pass; for the others a retry makes no difference.
      if (worst === null || worst.kind === 'invalid') worst = failure;
    }
  }
  if (worst !== null) throw worst;
  return left;
}

/**
 * If the rate is short, less work goes before restoring, and that before more work: what can wait
 * is left to another pass behind the more urgent ones, and delays none of them.
 */
function deferredUrgency(
  write: PlannedWrite,
  pass: PassUrgency,
  { callsWaiting }: ControlDeps,
): 'restore' | 'raise' | null {
  const urgency = urgencyOf(write);
  if (urgency === 'hard' || urgency === 'lower') return null;
  if (pass === urgency || pass === 'raise' || pass === 'resync') return null;
  return (callsWaiting?.() ?? 0) > CONTROL_LIMITS.shortOfCalls ? urgency : null;
}

/**
 * Whether the answer concerns this write alone. After no answer, a 429 or a refused key, others
 * would fail as well; so they would after a 5xx that concerns all, but each is tried only once.
 */
function concernsOnlyChannel({ kind }: Failure): boolean {
  return kind === 'invalid' || kind === 'gone' || kind === 'unavailable';
}

/** null: what the plan started from has changed; the event that changed it requests a pass. */
async function saveIntent(
  known: LoadedRecord,
  { channel, from, to }: PlannedWrite,
  deps: ControlDeps,
): Promise<LoadedRecord | null> {
  const at = deps.clock.now();
  let good = false;
  const next = (before: WorkerState) => {
    const now = before.channels[channel];
    good = isStill(now?.observed ?? null, from) && now?.intent === null && !now.stale;
    if (!good) return before;
    const intent: Intent = {
      at,
      capacity: part(from.capacity, to.capacity),
      available: part(from.available, to.available),
      echoed: [],
    };
    return withChannel(before, channel, { intent });
  };
  const loaded = await deps.records.change(known.state.sid, at, next, known);
  return good ? loaded : null;
}

function isStill(
  observed: { capacity: number; available: boolean } | null,
  from: PlannedWrite['from'],
): boolean {
  if (observed === null) return false;
  return (
    (from.capacity ?? observed.capacity) === observed.capacity &&
    (from.available ?? observed.available) === observed.available
  );
}

function part<T>(from: T | undefined, to: T | undefined): { from: T; to: T } | null {
  return from === undefined || to === undefined ? null : { from, to };
}

async function recordSuccess(
  known: LoadedRecord,
  each: PlannedWrite,
  reading: ChannelReading,
  pass: Pick<Pass, 'decision' | 'deps'>,
): Promise<LoadedRecord> {
  const { deps } = pass;
  const worker = known.state.sid;
  const next = (before: WorkerState) => {
    const { state, edits } = resolveIntent(before, reading, observeOptions(worker, deps));
    const after = withChannel(state, each.channel, { refused: null });
    return withOutboxEntries(after, [
      writtenEntry(after, each, pass),
      ...editEntries(after, edits, deps),
    ]);
  };
  return await flushOutbox(await deps.records.change(worker, deps.clock.now(), next, known), deps);
}

/** If the write may have been made all the same, its intent stays, and the next pass reads. */
async function recordFailure(
  each: PlannedWrite,
  failure: Failure,
  state: WorkerState,
  deps: ControlDeps,
): Promise<Failure> {
  const unanswered = failure.kind === 'unavailable' || failure.kind === 'network';
  const known = state.channels[each.channel]?.refused === failure.kind;
  const entries = known ? [] : [failedEntry(state, each, failure, deps)];
  const loaded = await deps.records.change(state.sid, deps.clock.now(), (before) => {
    const after = unanswered ? before : discardIntent(before, each.channel);
    const gone = failure.kind === 'gone' ? { ...after, listedAt: null } : after;
    return withOutboxEntries(withChannel(gone, each.channel, { refused: failure.kind }), entries);
  });
  await flushOutbox(loaded, deps);
  // The channel may be gone, not the Worker: the next pass lists the channels and finds out.
  if (failure.kind === 'gone') {
    return new Failure('unavailable', failure.message, { cause: failure, status: failure.status });
  }
  return failure;
}
