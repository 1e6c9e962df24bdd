// Hysteresis: turns what a rule's conditions say now into whether the rule claims, by named states
// with their instants. The states are stored, so `for`, `keep` and `release` survive a restart.

import type { Verdict } from './condition/condition.ts';
import { unreachable } from './exhaustive.ts';
import { effectiveStart } from './instants.ts';
import type { Reason } from './reasons.ts';
import type { Release, Rule, When } from './rules.ts';
import type { RuleState } from './state.ts';

/** The verdicts of one rule's conditions now; `exit` and `or` are null if absent or not needed. */
export interface Judged {
  readonly enter: Verdict;
  readonly exit: Verdict | null;
  readonly or: Verdict | null;
}

export interface Settled {
  /** undefined: idle. */
  readonly state: RuleState | undefined;
  readonly claims: boolean;
  readonly reason: Reason;
  /** When time alone will change this, epoch ms. */
  readonly lookAt: number | null;
}

export interface Terms {
  readonly when: When;
  readonly release: Release | null;
  readonly ifStale: 'hold' | 'release';
}

/** `catchingUp`: missed events are still being read, so unknown facts end no claim. */
export function termsOf({ release, ifStale }: Rule, when: When, catchingUp: () => boolean): Terms {
  // Called only if it matters, because every judgement passes through here.
  const waits = ifStale === 'release' && catchingUp();
  return { when, release, ifStale: waits ? 'hold' : ifStale };
}

/**
 * Applies one judgement at `at` (epoch ms) to the rule's state. Each state depends on one verdict;
 * only if that is unknown does `ifStale` decide whether a claim stays or ends.
 */
export function settle(
  terms: Terms,
  before: RuleState | undefined,
  judged: Judged,
  at: number,
): Settled {
  const after = once(terms, before, judged, at);
  const { release } = terms;
  if (release === null || after.state?.phase !== 'claiming' || before?.phase === 'claiming') {
    return after;
  }
  // The release may already hold when a claim begins: the next look would end it, so this one does.
  const latched = fromLatched({ ...terms, release }, after.state, judged, at);
  return latched.claims ? after : latched;
}

function once(terms: Terms, before: RuleState | undefined, judged: Judged, at: number): Settled {
  const entering = enteringOf(judged);
  const state = begun(restarted(terms, before), at);
  if (state === undefined) return fromIdle(terms, entering, at);
  switch (state.phase) {
    case 'pending':
      return fromPending(terms, state, entering, at);
    case 'claiming':
      return terms.release === null
        ? fromClaiming(terms, state, judged, at)
        : fromLatched({ ...terms, release: terms.release }, state, judged, at);
    case 'keeping':
      return fromKeeping(terms, state, entering, at);
    case 'spent':
      return entering === 'fails' ? idle('rule.fails') : still(state, false, 'rule.released', null);
    default:
      return unreachable(state);
  }
}

/** If both hold, the rule does not enter; without a written exit, exit is simply not-enter. */
function enteringOf({ enter, exit }: Judged): Verdict {
  if (exit === null) return enter;
  if (enter === 'fails' || exit === 'holds') return 'fails';
  return enter === 'holds' && exit === 'fails' ? 'holds' : 'unknown';
}

function exitingOf({ enter, exit }: Judged): Verdict {
  if (exit !== null) return exit;
  if (enter === 'unknown') return 'unknown';
  return enter === 'holds' ? 'fails' : 'holds';
}

/** A changed `when` keeps a claim, to be judged by the new exit; a pending hold time restarts. */
function restarted(terms: Terms, before: RuleState | undefined): RuleState | undefined {
  if (before === undefined || before.when === terms.when.id) return before;
  return before.phase === 'pending' ? undefined : { ...before, when: terms.when.id };
}

function begun(state: RuleState | undefined, at: number): RuleState | undefined {
  if (state === undefined) return state;
  const since = effectiveStart(state.since, at);
  if (state.phase !== 'keeping') return since === state.since ? state : { ...state, since };
  const exitedAt = effectiveStart(state.exitedAt, at);
  const same = since === state.since && exitedAt === state.exitedAt;
  return same ? state : { ...state, since, exitedAt };
}

function fromIdle(terms: Terms, entering: Verdict, at: number): Settled {
  if (entering === 'unknown') return idle('facts.unknown');
  if (entering === 'fails') return idle('rule.fails');
  if (terms.when.forMs === 0) return begin(terms, at);
  const state: RuleState = { when: terms.when.id, phase: 'pending', since: at };
  return still(state, false, 'rule.pending', at + terms.when.forMs);
}

function fromPending(
  terms: Terms,
  state: RuleState & { phase: 'pending' | 'claiming' | 'spent' },
  entering: Verdict,
  at: number,
): Settled {
  if (entering === 'fails') return idle('rule.fails');
  const due = state.since + terms.when.forMs;
  if (entering === 'unknown') return still(state, false, 'facts.unknown', null);
  return at >= due ? begin(terms, at) : still(state, false, 'rule.pending', due);
}

function begin(terms: Terms, at: number): Settled {
  const state: RuleState = { when: terms.when.id, phase: 'claiming', since: at };
  const after = terms.release?.afterMs ?? null;
  return still(state, true, 'rule.entered', after === null ? null : at + after);
}

function fromClaiming(
  terms: Terms,
  state: RuleState & { phase: 'pending' | 'claiming' | 'spent' },
  judged: Judged,
  at: number,
): Settled {
  const exiting = exitingOf(judged);
  if (exiting === 'unknown') {
    return terms.ifStale === 'release'
      ? idle('facts.unknown')
      : still(state, true, 'facts.unknown', null);
  }
  if (exiting === 'fails') return still(state, true, 'rule.entered', null);
  if (terms.when.keepMs === 0) return idle('rule.fails');
  const kept: RuleState = {
    when: state.when,
    phase: 'keeping',
    since: state.since,
    exitedAt: at,
  };
  return still(kept, true, 'rule.kept', at + terms.when.keepMs);
}

/** The keep time is only a timer: entering again cancels it, an unknown verdict does not. */
function fromKeeping(
  terms: Terms,
  state: RuleState & { phase: 'keeping' },
  entering: Verdict,
  at: number,
): Settled {
  if (entering === 'holds') {
    const again: RuleState = { when: state.when, phase: 'claiming', since: state.since };
    return still(again, true, 'rule.entered', null);
  }
  if (entering === 'unknown' && terms.ifStale === 'release') return idle('facts.unknown');
  const due = state.exitedAt + terms.when.keepMs;
  return at >= due ? idle('rule.fails') : still(state, true, 'rule.kept', due);
}

/** With a release, only that ends the claim, and the condition must fail once before the next. */
function fromLatched(
  terms: Terms & { readonly release: Release },
  state: RuleState & { phase: 'pending' | 'claiming' | 'spent' },
  judged: Judged,
  at: number,
): Settled {
  const spent: RuleState = { when: terms.when.id, phase: 'spent', since: at };
  const { afterMs } = terms.release;
  const due = afterMs === null ? null : state.since + afterMs;
  if ((due !== null && at >= due) || judged.or === 'holds') {
    if (enteringOf(judged) === 'fails') return idle('rule.fails');
    return still(spent, false, 'rule.released', null);
  }
  if (judged.or === 'unknown' && terms.ifStale === 'release') {
    return still(spent, false, 'facts.unknown', null);
  }
  return still(state, true, 'rule.latched', due);
}

function idle(reason: Reason): Settled {
  return { state: undefined, claims: false, reason, lookAt: null };
}

function still(state: RuleState, claims: boolean, reason: Reason, lookAt: number | null): Settled {
  return { state, claims, reason, lookAt };
}
