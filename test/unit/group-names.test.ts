// The groups that views show are cached between looks, and never longer than they are true.

import { expect, it } from 'vitest';
import { groupNames } from '../../src/control/group-names.ts';
import { T0, worker, world } from '../support/builders.ts';
import { condition, ruleSet } from '../support/rules.ts';

const where = (text: string) => condition(text, 'where');

function rulesOf(team: string) {
  return ruleSet([], {
    groups: {
      team: { kind: 'where', name: 'team', where: where(`worker.team == "${team}"`) },
      ann: { kind: 'where', name: 'ann', where: where('worker.friendly_name == "Ann"') },
    },
  });
}

it('follow attributes, name and rules, whatever was shown before', () => {
  const rules = rulesOf('support');
  const shown = (spec: Parameters<typeof worker>[0] = {}, by = rules) =>
    groupNames({ rules: by, state: worker(spec) }, world(), T0);
  expect(shown()).toEqual(['team', 'ann']);
  expect(shown()).toEqual(['team', 'ann']);
  expect(shown({ attributes: { team: 'sales' } })).toEqual(['ann']);
  expect(shown({ name: { at: T0, sid: 'read', value: 'Bo' } })).toEqual(['team']);
  expect(shown({ attributes: null })).toEqual([]);
  expect(shown({}, rulesOf('sales'))).toEqual(['ann']);
});
