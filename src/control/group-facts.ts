// Counts the Workers of the groups that rules read, and their load, from the records.

import { isTargeted, type World } from '../core/decide.ts';
import { isUnknown } from '../core/facts.ts';
import { addToTotals, EMPTY_TOTALS, factsOfTotals, type GroupTotals } from '../core/group.ts';
import type { RuleSet } from '../core/rules.ts';
import type { Directory } from '../core/worker-facts.ts';
import type { GroupRecord } from './facts.ts';
import type { Records } from './records.ts';

/** One walk over all records, whatever the number of groups. */
export async function countGroups(
  groups: ReadonlySet<string>,
  records: Pick<Records, 'all'>,
  scope: { readonly rules: RuleSet; readonly world: World; readonly directory: Directory },
  at: number,
): Promise<Readonly<Record<string, GroupRecord>>> {
  const { rules, world, directory } = scope;
  const totals = new Map<string, GroupTotals>();
  const unknown = new Map<string, string>();
  for await (const state of records.all()) {
    // A Worker of which nothing is known is counted in no group.
    if (!state.attributes?.value || state.gone !== null) continue;
    for (const name of groups) {
      const isMember = isTargeted({ kind: 'group', name }, { rules, state }, world, at);
      if (isUnknown(isMember)) unknown.set(name, isMember.unknown);
      else if (isMember) {
        totals.set(name, addToTotals(totals.get(name) ?? EMPTY_TOTALS, state, directory));
      }
    }
  }
  return Object.fromEntries(
    [...groups].map((name) => {
      const why = unknown.get(name);
      const facts = factsOfTotals(totals.get(name) ?? EMPTY_TOTALS);
      return [name, { at, facts: why === undefined ? facts : { unknown: why } }];
    }),
  );
}
