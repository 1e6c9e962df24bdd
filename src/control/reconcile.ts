// One pass over one Worker: read what is missing, decide, take or give back, plan, and write only
// the differences. The whole pass is on this page; every detail is a pure function of the core.

import { decide } from '../core/decide.ts';
import { prune } from '../core/evolve.ts';
import { isHeld } from '../core/hold.ts';
import type { WorkerSid } from '../core/ids.ts';
import { earliest } from '../core/instants.ts';
import type { Plan } from '../core/plan.ts';
import { standBy } from '../core/stand-by.ts';
import type { WorkerState } from '../core/state.ts';
import { Failure, type PassUrgency, RetryLater } from '../ports.ts';
import { CONTROL_LIMITS, type ControlDeps } from './deps.ts';
import { forget, forgetIfGone } from './forget.ts';
import { enforcedIn, settled } from './hands.ts';
import { shadowed, told } from './journal.ts';
import type { Due, Pass } from './pass.ts';
import { isListingDue, readChannels, readWorker } from './read.ts';
import { Contended, type Loaded } from './records.ts';
import { tell, tellLate, withUntold } from './untold.ts';
import { write } from './write.ts';

/** Reads and conflicts with other consumers before a pass gives up and comes again. */
const ROUNDS = 12;

/**
 * An event that comes while the channels are read leaves them to be read again, so often at most.
 */
const READS = 3;

/** Answers how urgent that is which the pass left over because the rate is short; null: nothing. */
export async function reconcile(
  worker: WorkerSid,
  deps: ControlDeps,
  urgency: PassUrgency = 'now',
): Promise<PassUrgency | null> {
  const due: Due = { at: null };
  try {
    const reading = urgency === 'resync' ? { ...deps, readsFor: urgency } : deps;
    return await look({ worker, deps: reading, urgency, due });
  } catch (error) {
    if (error instanceof Contended)
      throw new RetryLater(error.message, { afterMs: null, canHeal: true });
    if (!(error instanceof Failure)) throw error;
    await patience({ worker, deps, due }, error);
    return null;
  }
}

async function look(
  asked: Pick<Pass, 'worker' | 'deps' | 'urgency' | 'due'>,
): Promise<PassUrgency | null> {
  const { worker, deps } = asked;
  const rules = deps.rules();
  if (rules === null) return null;
  const found = await deps.records.load(worker);
  let loaded = found && (await tellLate(found, deps));
  const done = { worker: false, reads: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
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
    asked.due.at = decision.lookAt;
    const pass: Pass = { ...asked, loaded, decision, rules, at };
    if (decision.needs.worker && !done.worker) {
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

/** A rule looked at, claims or holds a channel that was not read since it may have changed. */
function mustReadChannels({ loaded, decision, at, deps }: Pass, reads: number): boolean {
  const { state } = loaded;
  if (reads > 0) return reads < READS && decision.needs.channels && isStale(state);
  const unresolved = Object.values(state.channels).some((c) => c.intent !== null);
  const held = Object.values(state.channels).some(isHeld);
  if (decision.needs.channels || unresolved) return true;
  const isDue = isListingDue(state, at, deps);
  if (isDue && (held || decision.needs.looked)) return true;
  if ((isDue || isStale(state)) && deps.groups?.mustKnowLoad(state)) return true;
  return (deps.members?.mustKnowLoad(state) || deps.guard?.mustSeeOpen(state)) ?? false;
}

function isStale({ channels }: WorkerState): boolean {
  return Object.values(channels).some(({ stale }) => stale);
}

/** `changed`: someone else changed the record meanwhile, so everything is looked at again. */
async function settleAndWrite(pass: Pass): Promise<PassUrgency | 'changed' | null> {
  const { worker, rules, at, deps, due } = pass;
  if (deps.observing()) return (await onlyTell(pass)) ? null : 'changed';
  const { planned: asked, givenBack, ...first } = settled(pass);
  const guarded = await guard(first.taken.state, asked, deps);
  const taken = { ...first.taken, state: guarded.state };
  const planned = { ...guarded.planned, writes: [...givenBack, ...guarded.planned.writes] };
  const notes = told(pass, taken, planned);
  const state = withUntold(prune(notes.state, rules, at), notes.entries);
  const saved = await saveIfChanged(pass, state);
  if (saved === null) return 'changed';
  const [now] = await Promise.all([tell(saved, deps), wake(pass, planned)]);
  await deps.members?.noticed(state);
  const left = await write(now, planned.writes, pass);
  if (left !== null) {
    const again = deps.clock.now() + CONTROL_LIMITS.stoodBackMs;
    await deps.store.setWake(worker, earliest(due.at, again));
  }
  return left;
}

const NO_WRITES: Plan = { writes: [], refusals: [], lookAt: null };

/** What the guardrails that count Workers let through; giving back is none of theirs. */
async function guard(state: WorkerState, planned: Plan, deps: ControlDeps) {
  return (await deps.guard?.attend(state, planned)) ?? { state, planned };
}

/**
 * Under observe nothing is held and nothing written; what would be is told when it changes. False
 * when someone else changed the record meanwhile.
 */
async function onlyTell(pass: Pass): Promise<boolean> {
  const { loaded, decision, rules, at, deps } = pass;
  const notes = shadowed(loaded.state, pass);
  const stood = standBy(notes.state, decision.channels, enforcedIn(decision, deps));
  // Where the Worker stands is told all the same, or the count would begin at nobody one day.
  const counted = await guard(stood, NO_WRITES, deps);
  const pruned = prune({ ...counted.state, rules: decision.rules }, rules, at);
  const state = withUntold(pruned, notes.entries);
  const saved = await saveIfChanged(pass, state);
  if (saved === null) return false;
  await tell(saved, deps);
  await wake(pass, null);
  await deps.members?.noticed(state);
  return true;
}

/** null: someone else changed it meanwhile. */
async function saveIfChanged(
  { worker, loaded, deps }: Pass,
  state: WorkerState,
): Promise<Loaded | null> {
  if (JSON.stringify(state) === JSON.stringify(loaded.state)) return loaded;
  const saved = await deps.records.save(worker, state, loaded.version);
  return saved ? { state, version: loaded.version + 1 } : null;
}

async function wake({ worker, decision, deps, due }: Pass, planned: Plan | null): Promise<void> {
  // It was read, and could not be believed: an event came each time, or clocks are apart.
  const unread = decision.needs.channels ? deps.clock.now() + CONTROL_LIMITS.unreadMs : null;
  due.at = earliest(decision.lookAt, planned?.lookAt, unread);
  await deps.store.setWake(worker, due.at);
}

/**
 * Each kind of failure has its own patience; none of them loses the Worker from sight, nor what was
 * due for it sooner.
 */
async function patience(
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
      // However long TaskRouter asks: until the job comes back no event is heeded for this Worker.
      const asked = failure.retryAfterMs;
      const afterMs = asked === null ? null : Math.min(asked, deps.limits.longestWaitMs);
      throw new RetryLater(failure.message, { afterMs, canHeal: true, cause: failure });
    }
    case 'refused':
    case 'invalid':
      await again(deps.limits.refusedMs);
      throw new RetryLater(failure.message, { afterMs: null, canHeal: false, cause: failure });
    case 'gone': {
      const other = await forgetIfGone(worker, deps);
      if (other !== null) await patience({ worker, deps, due }, other);
      return;
    }
  }
}
