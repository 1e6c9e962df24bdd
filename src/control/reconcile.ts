// One pass over one Worker: read what is missing, decide, take or restore baselines, plan, and
// write only the differences. The whole pass is in this file; the details are pure, in the core.

import { decide } from '../core/decide.ts';
import { prune } from '../core/evolve.ts';
import { trackHandsOff } from '../core/hands-off-channels.ts';
import { isHeld } from '../core/hold.ts';
import type { WorkerSid } from '../core/ids.ts';
import { earliest } from '../core/instants.ts';
import type { Plan } from '../core/plan.ts';
import type { WorkerState } from '../core/state.ts';
import { Failure, type PassUrgency, RetryLater } from '../ports.ts';
import { CONTROL_LIMITS, type ControlDeps } from './deps.ts';
import { forget, forgetIfGone } from './forget.ts';
import { applyDecision, enforcedRules } from './hands-off.ts';
import { passNotes, shadowNotes } from './journal.ts';
import { flushOutbox, recoverOutbox, withOutboxEntries } from './journal-outbox.ts';
import { type NextLook, PASS_LIMITS, type Pass } from './pass.ts';
import { passWithoutRules } from './pass-without-rules.ts';
import { isListingDue, mustReadAgain, readChannels, readWorker } from './read.ts';
import { Contended, type LoadedRecord } from './records.ts';
import { write } from './write.ts';

/** Answers the urgency of what the pass left because the rate is short; null: nothing is left. */
export async function reconcile(
  worker: WorkerSid,
  deps: ControlDeps,
  urgency: PassUrgency = 'now',
): Promise<PassUrgency | null> {
  const due: NextLook = { at: null };
  try {
    const reading = urgency === 'resync' ? { ...deps, readsFor: urgency } : deps;
    return await runPass({ worker, deps: reading, urgency, due });
  } catch (error) {
    if (error instanceof Contended)
      throw new RetryLater(error.message, { afterMs: null, retryable: true });
    if (!(error instanceof Failure)) throw error;
    await handleFailure({ worker, deps, due }, error);
    return null;
  }
}

async function runPass(
  request: Pick<Pass, 'worker' | 'deps' | 'urgency' | 'due'>,
): Promise<PassUrgency | null> {
  const { worker, deps } = request;
  const rules = deps.rules();
  if (rules === null) return await passWithoutRules(request);
  const found = await deps.records.load(worker);
  let loaded = found && (await recoverOutbox(found, deps));
  const done = { worker: false, reads: 0 };
  for (let round = 0; round < PASS_LIMITS.rounds; round += 1) {
    if (loaded === null) {
      loaded = await readWorker(worker, deps);
      done.worker = true;
    }
    const at = deps.clock.now();
    const decision = decide(rules, loaded.state, deps.world(), at);
    if (decision.stopped === 'worker.gone') {
      await forget(worker, deps);
      return null;
    }
    const unsure = mustReadAgain(loaded.state, at);
    request.due.at = earliest(decision.lookAt, unsure ? null : loaded.state.unsureUntil);
    const pass: Pass = { ...request, loaded, decision, rules, at };
    if ((decision.needs.worker || unsure) && !done.worker) {
      done.worker = true;
      loaded = await readWorker(worker, deps);
    } else if (mustReadChannels(pass, done.reads)) {
      done.reads += 1;
      loaded = await readChannels(worker, loaded.state, deps);
    } else {
      const left = await settleAndWrite(pass);
      if (left !== 'changed') return left;
      loaded = await deps.records.load(worker);
      done.reads = 0;
    }
  }
  throw new Contended(worker);
}

/** A rule reads, claims or holds a channel that was not read since it may have changed. */
function mustReadChannels({ loaded, decision, at, deps }: Pass, reads: number): boolean {
  const { state } = loaded;
  if (reads > 0) return reads < PASS_LIMITS.reads && decision.needs.channels && isStale(state);
  const unresolved = Object.values(state.channels).some((c) => c.intent !== null);
  const held = Object.values(state.channels).some(isHeld);
  if (decision.needs.channels || unresolved) return true;
  const isDue = isListingDue(state, at, deps);
  if (isDue && (held || decision.needs.channelsInUse)) return true;
  if ((isDue || isStale(state)) && deps.groups?.mustKnowLoad(state)) return true;
  return (deps.members?.mustKnowLoad(state) || deps.guard?.mustSeeOpen(state)) ?? false;
}

function isStale({ channels }: WorkerState): boolean {
  return Object.values(channels).some(({ stale }) => stale);
}

/** `changed`: somebody else changed the record meanwhile, so the pass starts over. */
async function settleAndWrite(pass: Pass): Promise<PassUrgency | 'changed' | null> {
  const { worker, rules, at, deps, due } = pass;
  if (deps.observing()) return (await observeOnly(pass)) ? null : 'changed';
  const { planned: wanted, releaseWrites, ...first } = applyDecision(pass);
  const guarded = await guard(first.held.state, wanted, deps);
  const taken = { ...first.held, state: guarded.state };
  const planned = { ...guarded.planned, writes: [...releaseWrites, ...guarded.planned.writes] };
  const notes = passNotes(pass, taken, planned);
  const state = withOutboxEntries(prune(notes.state, rules, at), notes.entries);
  const saved = await saveIfChanged(pass, state);
  if (saved === null) return 'changed';
  const [now] = await Promise.all([flushOutbox(saved, deps), scheduleWake(pass, planned)]);
  await deps.members?.afterPass(state);
  const left = await write(now, planned.writes, pass);
  if (left !== null) {
    const again = deps.clock.now() + CONTROL_LIMITS.deferredPassMs;
    await deps.store.setWake(worker, earliest(due.at, again));
  }
  return left;
}

const NO_WRITES: Plan = { writes: [], refusals: [], lookAt: null };

/** What the guardrails that count Workers permit; a release is not subject to them. */
async function guard(state: WorkerState, planned: Plan, deps: ControlDeps) {
  return (await deps.guard?.permit(state, planned)) ?? { state, planned };
}

/**
 * Under observe nothing is held or written; what would be written is reported when it changes.
 * False: somebody else changed the record meanwhile.
 */
async function observeOnly(pass: Pass): Promise<boolean> {
  const { loaded, decision, rules, at, deps } = pass;
  const notes = shadowNotes(loaded.state, pass);
  const tracked = trackHandsOff(notes.state, decision.channels, enforcedRules(decision, deps));
  // The Worker's standing is reported anyway, or the counts would be empty when rules are enforced.
  const counted = await guard(tracked, NO_WRITES, deps);
  const pruned = prune({ ...counted.state, rules: decision.rules }, rules, at);
  const state = withOutboxEntries(pruned, notes.entries);
  const saved = await saveIfChanged(pass, state);
  if (saved === null) return false;
  await flushOutbox(saved, deps);
  await scheduleWake(pass, null);
  await deps.members?.afterPass(state);
  return true;
}

/** null: somebody else changed it meanwhile. */
async function saveIfChanged(
  { worker, loaded, deps }: Pass,
  state: WorkerState,
): Promise<LoadedRecord | null> {
  if (JSON.stringify(state) === JSON.stringify(loaded.state)) return loaded;
  const saved = await deps.records.save(worker, state, loaded.version);
  return saved ? { state, version: loaded.version + 1 } : null;
}

async function scheduleWake(pass: Pass, planned: Plan | null): Promise<void> {
  const { worker, loaded, decision, deps, due } = pass;
  // It was read and could not be trusted: an event came each time, or clocks differ.
  const unread = decision.needs.channels ? deps.clock.now() + CONTROL_LIMITS.unreadMs : null;
  due.at = earliest(decision.lookAt, planned?.lookAt, unread, loaded.state.unsureUntil);
  await deps.store.setWake(worker, due.at);
}

/**
 * Each kind of failure has its own delay; none of them loses sight of the Worker, or puts off what
 * was due sooner.
 */
async function handleFailure(
  { worker, deps, due }: Pick<Pass, 'worker' | 'deps' | 'due'>,
  failure: Failure,
): Promise<void> {
  const again = (afterMs: number) =>
    deps.store.setWake(worker, earliest(due.at, deps.clock.now() + afterMs));
  switch (failure.kind) {
    case 'throttled':
    case 'unavailable':
    case 'network': {
      await again(deps.limits.unreachableMs);
      // Bounded, whatever TaskRouter asks: until the retry, this Worker's events have no effect.
      const { retryAfterMs } = failure;
      const afterMs =
        retryAfterMs === null ? null : Math.min(retryAfterMs, deps.limits.longestWaitMs);
      throw new RetryLater(failure.message, { afterMs, retryable: true, cause: failure });
    }
    case 'refused':
    case 'invalid':
      await again(deps.limits.refusedMs);
      throw new RetryLater(failure.message, { afterMs: null, retryable: false, cause: failure });
    case 'gone': {
      const other = await forgetIfGone(worker, deps);
      if (other !== null) await handleFailure({ worker, deps, due }, other);
      return;
    }
  }
}
