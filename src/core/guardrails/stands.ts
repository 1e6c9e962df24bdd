// Where one Worker stands for the guardrails that count Workers: whether rules can claim it, and in
// which `keep_open` it is, open or not.

import { matchesWhere } from '../condition/condition.ts';
import { isMeant, type World } from '../decide.ts';
import { isUnknown, type Known } from '../facts.ts';
import { isHeld } from '../hold.ts';
import type { KeepOpen, RuleSet } from '../rules.ts';
import { channelIn, type WorkerState } from '../state.ts';
import { activityOf, factsOf } from '../view.ts';
import { isOpen } from './guardrails.ts';

export const CLAIMABLE = 'claimable';

/** The name of one `keep_open` in the books. */
export function floorName({ group, channel }: KeepOpen): string {
  return `${group}/${channel}`;
}

/**
 * Where a Worker stands: `claimable`, and for each floor `=name` in its group or `+name` open
 * there. What is not known now stays as it was: `before`.
 */
export function standsOf(
  rules: RuleSet,
  state: WorkerState,
  world: World,
  at: number,
  before: readonly string[],
): readonly string[] {
  const { keepOpen, maxChange } = rules.guardrails;
  const worker = { rules, state };
  const stands: string[] = [];
  if (maxChange !== null) {
    const may = isClaimable(rules, state, world, at);
    if (isUnknown(may) ? before.includes(CLAIMABLE) : may) stands.push(CLAIMABLE);
  }
  for (const keep of keepOpen) {
    const name = floorName(keep);
    const meant = isMeant({ kind: 'group', name: keep.group }, worker, world, at);
    const was = before.includes(`+${name}`) || before.includes(`=${name}`);
    if (isUnknown(meant) ? !was : !meant) continue;
    const available = activityOf(state, world.directory).available === true;
    stands.push(`${isOpen(state, keep.channel, available) ? '+' : '='}${name}`);
  }
  return stands;
}

/** Whether rules can claim this Worker, or anything of it is still to be given back. */
export function isClaimable(
  rules: RuleSet,
  state: WorkerState,
  world: World,
  at: number,
): Known<boolean> {
  // One that was claimed has to be changed once more, also where nobody may be claimed any more.
  if (Object.values(state.channels).some(isHeld)) return true;
  const { optOut } = rules.defaults;
  const facts = factsOf(state, world, at, { worker: false, channels: false });
  if (optOut !== null && matchesWhere(optOut, facts) === true) return false;
  const running = rules.rules.filter((rule) => world.modeOf(rule) !== 'disabled');
  const meant = running.map(({ who }) => isMeant(who, { rules, state }, world, at));
  return meant.find((each) => each === true) ?? meant.find(isUnknown) ?? false;
}

/** Whether a floor cannot count this Worker before its channel was read. */
export function mustSeeOpen(rules: RuleSet, state: WorkerState, world: World, at: number): boolean {
  return rules.guardrails.keepOpen.some(({ group, channel }) => {
    const unread = state.listedAt === null || channelIn(state, channel)?.stale === true;
    if (!unread || activityOf(state, world.directory).available !== true) return false;
    return isMeant({ kind: 'group', name: group }, { rules, state }, world, at) === true;
  });
}
