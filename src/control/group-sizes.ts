// How many of all Workers on record are in the group of each `keep_open` that is a share. The
// ledger knows only Workers that reported, and those are few while it, or the rules, are new.

import { isTargeted, type World } from '../core/decide.ts';
import { floorName } from '../core/guardrails/floor-memberships.ts';
import { closes } from '../core/guardrails/guardrails.ts';
import type { GroupSizes, GuardrailLedger } from '../core/guardrails/ledger-shards.ts';
import type { WriteRequest } from '../core/guardrails/ledger-transaction.ts';
import { isWithin } from '../core/instants.ts';
import type { RuleSet } from '../core/rules.ts';
import type { Records } from './records.ts';

export interface GroupSizeDeps {
  readonly records: Pick<Records, 'all'>;
  /** Whether all Workers were ever listed into this store, as it says now. */
  listed(): Promise<boolean>;
}

/** Workers are counted again when something is to be closed, but at most this often. */
const COUNT_MS = 5 * 60_000;

/** Whether a write is to close what only a count of the whole group can permit. */
export function isCountDue(
  rules: RuleSet,
  { roster: groupSizes }: GuardrailLedger,
  requests: readonly Pick<WriteRequest, 'writes'>[],
  at: number,
): boolean {
  const shares = percentageFloors(rules).map(({ channel }) => channel);
  const closing = requests.flatMap(({ writes }) => writes.filter(closes));
  if (!closing.some(({ channel }) => shares.includes(channel))) return false;
  if (groupSizes?.rules !== rules.id || groupSizes.members === null) return true;
  return !isWithin(groupSizes.at, at, COUNT_MS);
}

/** Until all Workers were listed, those on record are only some of them. */
export function unknownGroupSizes({ id }: RuleSet, at: number): GroupSizes {
  return { rules: id, at, members: null };
}

export async function countGroupSizes(
  rules: RuleSet,
  world: World,
  at: number,
  { records, listed }: GroupSizeDeps,
): Promise<GroupSizes> {
  if (!(await listed())) return unknownGroupSizes(rules, at);
  const shares = percentageFloors(rules);
  const members: Record<string, number> = {};
  for await (const state of records.all()) {
    if (state.gone !== null) continue;
    for (const keep of shares) {
      const isMember = isTargeted({ kind: 'group', name: keep.group }, { rules, state }, world, at);
      // Unknown: it may be in the group.
      if (isMember === false) continue;
      members[floorName(keep)] = (members[floorName(keep)] ?? 0) + 1;
    }
  }
  return { rules: rules.id, at, members };
}

function percentageFloors({ guardrails }: RuleSet) {
  return guardrails.keepOpen.filter(({ atLeast }) => 'share' in atLeast);
}
