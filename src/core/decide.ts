// One decision: judges all rules for one Worker at one instant and folds their claims into what
// each Worker Channel should be, and by which rule. Reads no clock and writes nothing.

import { matchesWhere } from './condition/condition.ts';
import {
  activeEdits,
  type DesiredSetting,
  desiredSetting,
  type Edits,
  NO_EDITS,
} from './desired-setting.ts';
import type { Known } from './facts.ts';
import type { Claim } from './fold.ts';
import { isHeld } from './hold.ts';
import { earliest } from './instants.ts';
import { claimOn, type JudgeContext, type RuleVerdict, whoIncludes } from './judge.ts';
import { judgeAll, type RuleSelection } from './judge-all.ts';
import type { Reason } from './reasons.ts';
import type { RuleSet, Who } from './rules.ts';
import { channelIn, newChannel, type RuleState, type WorkerState } from './state.ts';
import {
  attributesOf,
  countableSince,
  type ExternalFacts,
  factsOf,
  type RequiredReads,
} from './worker-facts.ts';

export interface World extends ExternalFacts, RuleSelection {
  queueTarget: JudgeContext['queueTarget'];
  blocked: JudgeContext['blocked'];
  /** As in `JudgeContext`. */
  shared?: NonNullable<JudgeContext['shared']>;
  /** As in `JudgeContext`; absent: false. */
  catchingUp?(): boolean;
}

export interface ChannelDecision {
  readonly channel: string;
  readonly claims: readonly Claim[];
  /** People's edits that are still respected. */
  readonly edits: Edits;
  /** By the rules that are enforced. */
  readonly desired: DesiredSetting;
  /** With the observing rules as well; null when none of them claims this channel. */
  readonly shadow: DesiredSetting | null;
}

export interface Decision {
  /** Why nothing is decided for this Worker at all, or null. */
  readonly stopped: Reason | null;
  /** By unique name, ascending. */
  readonly channels: readonly ChannelDecision[];
  /** One for each rule that is not switched off, in the order of the set. */
  readonly verdicts: readonly RuleVerdict[];
  /** The states to store; idle rules have no entry. */
  readonly rules: Readonly<Record<string, RuleState>>;
  readonly lookAt: number | null;
  readonly needs: RequiredReads;
}

/** The inputs of one decision. */
interface DecisionInput {
  readonly rules: RuleSet;
  readonly state: WorkerState;
  readonly world: World;
  readonly at: number;
  readonly needs: RequiredReads;
}

export function decide(rules: RuleSet, state: WorkerState, world: World, at: number): Decision {
  const needs: RequiredReads = { worker: false, channels: false };
  const stop = (stopped: Reason): Decision => ({
    stopped,
    channels: [],
    verdicts: [],
    rules: {},
    lookAt: null,
    needs,
  });
  if (state.gone !== null) return stop('worker.gone');
  const attributes = attributesOf(state);
  if (attributes === null) {
    needs.worker = true;
    return { ...stop('worker.unknown'), rules: state.rules };
  }
  const facts = factsOf(state, world, at, needs);
  const input: DecisionInput = { rules, state, world, at, needs };
  const { optOut } = rules.defaults;
  if (optOut !== null && matchesWhere(optOut, facts) === true) {
    const channels = fold(input, []);
    return { ...stop('worker.opted_out'), channels, lookAt: earliest(...leases(channels)) };
  }
  const context = { ...contextOf(rules, state, world, at), attributes, facts };
  const { judged, verdicts } = judgeAll(context, world);
  const channels = fold(input, judged);
  return {
    stopped: null,
    channels,
    verdicts,
    rules: statesOf(judged),
    lookAt: earliest(...judged.map((v) => v.lookAt), ...leases(channels)),
    needs,
  };
}

/** What `judge` needs, except the attributes and the facts. */
export function contextOf(rules: RuleSet, state: WorkerState, world: World, at: number) {
  const { queueTarget, blocked, shared } = world;
  return {
    rules,
    state,
    queueTarget,
    blocked,
    countableSince: (type: string) => countableSince(state, world, type, at),
    ...(shared === undefined ? {} : { shared }),
    catchingUp: () => world.catchingUp?.() ?? false,
    at,
  };
}

/**
 * Whether `who` includes this Worker now; unknown while its attributes or a queue's expression are.
 */
export function isTargeted(
  who: Who,
  worker: { readonly rules: RuleSet; readonly state: WorkerState },
  world: World,
  at: number,
): Known<boolean> {
  const { rules, state } = worker;
  const attributes = state.attributes?.value;
  if (!attributes) return { unknown: "the Worker's attributes are not known" };
  const facts = factsOf(state, world, at, { worker: false, channels: false });
  return whoIncludes(who, { ...contextOf(rules, state, world, at), attributes, facts });
}

function statesOf(verdicts: readonly RuleVerdict[]): Record<string, RuleState> {
  return Object.fromEntries(
    verdicts.flatMap(({ rule, state }) => (state === undefined ? [] : [[rule.name, state]])),
  );
}

function leases(channels: readonly ChannelDecision[]): readonly (number | undefined)[] {
  return channels.flatMap(({ edits }) => [
    edits.capacity?.until ?? undefined,
    edits.available?.until ?? undefined,
  ]);
}

interface ClaimWithMode {
  readonly claim: Claim;
  readonly enforced: boolean;
}

function fold(input: DecisionInput, verdicts: readonly RuleVerdict[]): ChannelDecision[] {
  const { state, world, needs } = input;
  const claiming = verdicts.filter((v) => v.claims);
  return channelNames(input, claiming).map((name) => {
    const claims = claiming.flatMap((verdict): ClaimWithMode[] => {
      const claim = claimOn(verdict, name);
      return claim === null ? [] : [{ claim, enforced: world.modeOf(verdict.rule) === 'enforce' }];
    });
    const before = channelIn(state, name);
    const held = before !== undefined && isHeld(before);
    if ((claims.length > 0 || held) && (!before?.observed || before.stale)) needs.channels = true;
    return decideChannel(input, name, claims);
  });
}

/** The channels that are claimed or on record; sorted, so that the order is stable. */
function channelNames(
  { state, needs }: DecisionInput,
  claiming: readonly RuleVerdict[],
): readonly string[] {
  const names = new Set(Object.keys(state.channels));
  for (const { rule } of claiming) {
    // Also if it claims only a channel that this Worker lacks: it may get one later.
    needs.channelsInUse = true;
    if (state.listedAt === null) needs.channels = true;
    for (const name of rule.then.channels.keys()) {
      // A name missing from the listing is a Worker Channel that this Worker lacks.
      if (state.listedAt === null) names.add(name);
    }
  }
  return [...names].sort();
}

function decideChannel(
  { state, rules, at }: DecisionInput,
  channel: string,
  claims: readonly ClaimWithMode[],
): ChannelDecision {
  const before = channelIn(state, channel) ?? newChannel();
  const declared = rules.defaults.baseline.get(channel) ?? null;
  const all = claims.map((c) => c.claim);
  const enforced = claims.filter((c) => c.enforced).map((c) => c.claim);
  const bounds = rules.guardrails.bounds.get(channel);
  const bare = desiredSetting(before, enforced, declared, NO_EDITS);
  const edits = activeEdits(before, { bare, claims: enforced }, bounds, at);
  return {
    channel,
    claims: all,
    edits,
    desired: desiredSetting(before, enforced, declared, edits),
    shadow: enforced.length < all.length ? desiredSetting(before, all, declared, edits) : null,
  };
}
