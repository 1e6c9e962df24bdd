// Why one Worker's channels are as they are at one instant: the daemon's own decision, shown with
// every claim, every rule that does not claim, the fold in its order, and what comes next.

import { type ChannelDecision, type Decision, decide } from '../core/decide.ts';
import { foldStart } from '../core/desired-setting.ts';
import { type Claim, foldAvailable, foldCapacity, withinBounds } from '../core/fold.ts';
import { isHeld } from '../core/hold.ts';
import { iso } from '../core/instants.ts';
import { claimOn, type RuleVerdict } from '../core/judge.ts';
import { REASONS, type Reason } from '../core/reasons.ts';
import { assignedOn, channelIn, newChannel } from '../core/state.ts';
import type {
  ChannelExplained,
  ExplainInput,
  Explanation,
  FoldStep,
  ReasonText,
  Setting,
} from './explain.types.ts';
import { nextOf } from './explain-next.ts';
import { explainClaim, explainDisabled, explainRule } from './explain-rules.ts';
import { wallClockText } from './wall-clock.ts';

/** `channel`: only that Worker Channel. */
export function explain(input: ExplainInput, channel?: string): Explanation {
  const { rules, state, world, at } = input;
  const decision = decide(rules, state, world, at);
  const shown = decision.channels.filter(
    (each) => channel === undefined || each.channel === channel,
  );
  const silent = decision.verdicts.filter(({ claims }) => !claims);
  return {
    at: iso(at),
    wall: wallClockText(at, rules),
    worker: { sid: state.sid, friendlyName: state.name?.value || null },
    stopped: decision.stopped === null ? null : withSentence(decision.stopped),
    channels: shown.map((each) => explainChannel(each, decision, input)),
    silent: [
      ...silent.map((verdict) => explainRule(verdict, input)),
      ...rules.rules
        .filter((rule) => world.modeOf(rule) === 'disabled')
        .map((rule) => explainDisabled(rule)),
    ],
    next: nextOf(input, decision, channel),
  };
}

export function withSentence(reason: Reason): ReasonText {
  return { reason, sentence: REASONS[reason] };
}

function explainChannel(
  each: ChannelDecision,
  decision: Decision,
  input: ExplainInput,
): ChannelExplained {
  const { state } = input;
  const { channel, desired } = each;
  const observed = channelIn(state, channel)?.observed ?? null;
  const claiming = decision.verdicts.filter((verdict) => claimOn(verdict, channel) !== null);
  const claims = claiming.map((verdict) => explainClaim(verdict, channel, input));
  const capacity = bounded(each, input);
  return {
    channel,
    observed:
      observed === null
        ? null
        : {
            capacity: observed.capacity,
            available: observed.available,
            assigned: assignedOn(state, channel),
          },
    claims,
    fold: foldSteps(each, claiming, input),
    result: { capacity, available: desired.available.value },
    told: withSentence(reasonOf(each, input)),
    shadow: each.shadow && {
      capacity: each.shadow.capacity.value,
      available: each.shadow.available.value,
    },
  };
}

/** The wished capacity within the bounds, starting from the current one. */
function bounded(
  { channel, desired }: ChannelDecision,
  { state, rules }: ExplainInput,
): number | null {
  const observed = channelIn(state, channel)?.observed?.capacity ?? desired.capacity.value ?? 0;
  return withinBounds(desired.capacity, observed, rules.guardrails.bounds.get(channel));
}

function reasonOf({ channel, desired, edits }: ChannelDecision, { state }: ExplainInput): Reason {
  const held = channelIn(state, channel) ?? newChannel();
  if (edits.capacity !== null || edits.available !== null) return 'person.edit';
  if (desired.claimsCapacity || desired.claimsAvailable) return 'rule.claimed';
  if (held.capacity.baseline === 'unknown') return 'baseline.unknown';
  return isHeld(held) ? 'baseline.restored' : 'channel.unclaimed';
}

const NOTHING = { set: null, add: null, min: null, max: null, pause: false } as const;

/**
 * Each step keeps one more kind of claim; what limits an `add` belongs to the step of the `add`.
 */
const STEPS: readonly (readonly [FoldStep['step'], (claim: Claim) => Claim])[] = [
  ['set', (c) => ({ ...c, ...NOTHING, set: c.set })],
  ['add', (c) => ({ ...c, ...(c.add === null ? NOTHING : {}), set: c.set, pause: false })],
  ['min', (c) => ({ ...c, max: c.add === null ? null : c.max, pause: false })],
  ['max', (c) => ({ ...c, pause: false })],
  ['pause', (c) => c],
];

function foldSteps(
  each: ChannelDecision,
  claiming: readonly RuleVerdict[],
  input: ExplainInput,
): readonly FoldStep[] {
  const { state, rules, world } = input;
  const { channel, desired, edits } = each;
  const held = channelIn(state, channel) ?? newChannel();
  const declared = rules.defaults.baseline.get(channel) ?? null;
  const open = declared === null ? null : true;
  const start = {
    capacity: foldStart(held.capacity, desired.claimsCapacity, declared, held.observed?.capacity),
    available: foldStart(held.available, desired.claimsAvailable, open, held.observed?.available),
  };
  const steps: FoldStep[] = [{ step: 'baseline', ...start, by: [baselineKind(held, declared)] }];
  const from = {
    capacity: { value: edits.capacity?.value ?? start.capacity, edited: edits.capacity !== null },
    available: {
      value: edits.available?.value ?? start.available,
      edited: edits.available !== null,
    },
  };
  if (from.capacity.edited || from.available.edited) {
    steps.push({ step: 'edit', ...settingOf(from.capacity, from.available), by: ['a person'] });
  }
  const enforced = claiming
    .filter(({ rule }) => world.modeOf(rule) === 'enforce')
    .flatMap((verdict) => claimOn(verdict, channel) ?? []);
  for (const [step, keep] of STEPS) {
    const claims = enforced.map(keep);
    const names = enforced.filter((c) => appliesIn(c, step)).map(({ rule }) => rule);
    if (names.length === 0) continue;
    const capacity = foldCapacity(from.capacity, claims, held.observed?.capacity ?? null);
    const available = foldAvailable(from.available, claims);
    steps.push({ step, ...settingOf(capacity, available), by: names });
  }
  const written = bounded(each, input);
  if (written !== desired.capacity.value) {
    steps.push({ step: 'bounds', capacity: written, available: desired.available.value, by: [] });
  }
  return steps;
}

function settingOf(
  capacity: { readonly value: number | null },
  available: { readonly value: boolean | null },
): Setting {
  return { capacity: capacity.value, available: available.value };
}

/** Whether this claim takes part in the step. */
function appliesIn(claim: Claim, step: FoldStep['step']): boolean {
  if (step === 'pause') return claim.pause;
  if (step === 'set' || step === 'add') return claim[step] !== null;
  return (step === 'min' || step === 'max') && claim[step] !== null && claim.add === null;
}

function baselineKind(held: ReturnType<typeof newChannel>, declared: number | null): string {
  if (declared !== null) return 'declared';
  const { baseline } = held.capacity;
  if (baseline === 'unknown') return 'unknown';
  return baseline === null ? 'current value' : 'value before headroom';
}
