// Random histories of several Workers, with rules that concern them together: `keep_open`,
// `max_change` and `limit`. All else is drawn as for one Worker.

import fc from 'fast-check';
import type { Amount, Floor, Limit, Rule, Rules } from '../model/language.ts';
import { type Member, type Plot, ruleSet, skewMs, small, stepsWith } from './steps.ts';

const amounts = (counts: readonly number[], percents: readonly number[]): fc.Arbitrary<Amount> =>
  fc.oneof(
    fc.constantFrom(...counts).map((count) => ({ count })),
    fc.constantFrom(...percents).map((percent) => ({ percent })),
  );

const floor: fc.Arbitrary<Floor> = fc.record({
  team: fc.constantFrom('a', 'a', 'a', 'b'),
  channel: fc.constantFrom('chat', 'chat', 'voice'),
  atLeast: amounts([1, 2, 3], [25, 50, 75]),
});
const floors = fc.uniqueArray(floor, {
  selector: ({ team, channel }) => `${team}/${channel}`,
  minLength: 1,
  maxLength: 2,
});
const maxChange = fc.record({
  workers: amounts([1, 1, 2], [20, 40, 60]),
  perS: fc.constantFrom(307, 607),
});
const limit: fc.Arbitrary<Limit> = fc.record({
  workers: amounts([1, 2, 3], [34, 50, 75]),
  pick: fc.constantFrom('least_loaded', 'longest_idle', 'random_stable'),
  step: fc.option(fc.record({ workers: amounts([1], [30]), everyS: fc.constantFrom(61, 181) }), {
    nil: null,
    freq: 2,
  }),
});

/** Which of the three a rule set has; now and then none, so that they come and go. */
const KINDS = ['f', 'f', 'b', 'l', 'fb', 'fb', 'fl', 'bl', 'fbl', ''] as const;

const rules: fc.Arbitrary<Rules> = fc
  .record({
    ...{ ruleSet, floors, maxChange, kinds: fc.constantFrom(...KINDS) },
    limits: fc.array(fc.option(limit, { nil: null, freq: 2 }), { minLength: 4, maxLength: 4 }),
    /** The channel that the first rule closes, so that there is something to hold back. */
    closes: fc.constantFrom('chat', 'chat', 'voice', null),
  })
  .map(({ ruleSet: set, closes, limits, kinds, ...has }) => ({
    ...set,
    rules: set.rules.map((rule, i): Rule => {
      const then = i === 0 && closes !== null ? { ...rule.then, [closes]: { pause: true } } : null;
      const taken = kinds.includes('l') ? (limits[i] ?? null) : null;
      // biome-ignore lint/suspicious/noThenProperty: the rule language's own word
      return { ...rule, then: then ?? rule.then, ...(taken && { limit: taken }) };
    }),
    ...(kinds.includes('f') && { keepOpen: has.floors }),
    ...(kinds.includes('b') && { maxChange: has.maxChange }),
  }));

const member: fc.Arbitrary<Member> = fc.record({
  team: fc.constantFrom('a', 'a', 'a', 'b'),
  level: fc.constantFrom(0, 1, 2),
  capacity: small,
});

const step = fc
  .tuple(stepsWith(rules), fc.option(fc.nat(4), { nil: null, freq: 3 }))
  .map(([each, who]) => ({ ...each, who }));

export const multiWorkerPlots: fc.Arbitrary<Plot> = fc.record({
  rules,
  capacity: small,
  skewMs,
  atOnce: fc.constantFrom(1, 2, 10),
  crew: fc.array(member, { minLength: 3, maxLength: 5 }),
  steps: fc.array(step, { minLength: 1, maxLength: 10 }),
});
