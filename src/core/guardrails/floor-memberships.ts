// One Worker's standing for the guardrails that count Workers: whether rules can claim it, and to
// which `keep_open` it belongs, open or not.

import { matchesWhere } from '../condition/condition.ts';
import { isTargeted, type World } from '../decide.ts';
import { isUnknown, type Known } from '../facts.ts';
import { isHeld } from '../hold.ts';
import type { KeepOpen, RuleSet } from '../rules.ts';
import { channelIn, type WorkerState } from '../state.ts';
import { activityOf, factsOf } from '../worker-facts.ts';
import { isOpen } from './guardrails.ts';

export const CLAIMABLE = 'claimable';

/** The name of one `keep_open` in the ledger. */
export function floorName({ group, channel }: KeepOpen): string {
  return `${group}/${channel}`;
}

/**
 * A Worker's standing: `claimable`, and for each floor `=name` if it is in the group, or `+name` if
 * it is open there. What is not known now stays as in `before`.
 */
export function floorMembershipsOf(
  rules: RuleSet,
  state: WorkerState,
  world: World,
  at: number,
  before: readonly string[],
): readonly string[] {
  const { keepOpen, maxChange } = rules.guardrails;
  const worker = { rules, state };
  const memberships: string[] = [];
  if (maxChange !== null) {
    const may = isClaimable(rules, state, world, at);
    if (isUnknown(may) ? before.includes(CLAIMABLE) : may) memberships.push(CLAIMABLE);
  }
  for (const keep of keepOpen) {
    const name = floorName(keep);
    const isMember = isTargeted({ kind: 'group', name: keep.group }, worker, world, at);
    const was = before.includes(`+${name}`) || before.includes(`=${name}`);
    if (isUnknown(isMember) ? !was : !isMember) continue;
    const available = activityOf(state, world.directory).available === true;
    memberships.push(`${isOpen(state, keep.channel, available) ? '+' : '='}${name}`);
  }
  return memberships;
}

/** Whether rules can claim this Worker, or something of it still has to be restored. */
export function isClaimable(
  rules: RuleSet,
  state: WorkerState,
  world: World,
  at: number,
): Known<boolean> {
  // A Worker that is held has to be changed once more, even if no rule can claim it any more.
  if (Object.values(state.channels).some(isHeld)) return true;
  const { optOut } = rules.defaults;
  const facts = factsOf(state, world, at, { worker: false, channels: false });
  if (optOut !== null && matchesWhere(optOut, facts) === true) return false;
  const running = rules.rules.filter((rule) => world.modeOf(rule) !== 'disabled');
  const targeted = running.map(({ who }) => isTargeted(who, { rules, state }, world, at));
  return targeted.find((each) => each === true) ?? targeted.find(isUnknown) ?? false;
}

/** Whether the channel has to be read before a floor can count this Worker. */
export function mustSeeOpen(rules: RuleSet, state: WorkerState, world: World, at: number): boolean {
  return rules.guardrails.keepOpen.some(({ group, channel }) => {
    const unread = state.listedAt === null || channelIn(state, channel)?.stale === true;
    if (!unread || activityOf(state, world.directory).available !== true) return false;
    return isTargeted({ kind: 'group', name: group }, { rules, state }, world, at) === true;
  });
}
