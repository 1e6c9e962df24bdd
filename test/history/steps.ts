// Random histories: rule sets, and what happens to one Worker, to the calls and to the loop, step
// by step. Steps lie two minutes apart or more, and every duration that rules name is a few seconds
// past that, each its own few, so that no two instants coincide by chance and the order is clear.

import fc from 'fast-check';
import type { Condition, Rule, Rules, Setting, When } from '../model/language.ts';
import type { CallFault } from './call-faults.ts';

export type Delivery = 'now' | 'lost' | 'twice' | 'late';

export interface EditStep {
  readonly kind: 'edit';
  readonly channel: string;
  readonly capacity?: number | undefined;
  readonly available?: boolean | undefined;
}

/** What happens to a Worker itself. */
export type WorkerEvent =
  | { readonly kind: 'activity'; readonly available: boolean }
  | {
      readonly kind: 'attributes';
      readonly attributes: {
        readonly team?: string | undefined;
        readonly level?: number | undefined;
        readonly headroom?: string | undefined;
      };
    }
  /** A Task is offered to the Worker and accepted, or rejected. */
  | { readonly kind: 'task'; readonly channel: string; readonly taken: boolean }
  /** The oldest Task in hand ends. */
  | { readonly kind: 'done' };

export type HistoryEvent =
  | EditStep
  | WorkerEvent
  | { readonly kind: 'quiet' }
  | { readonly kind: 'reload'; readonly rules: Rules }
  | { readonly kind: 'pause'; readonly paused: boolean }
  | { readonly kind: 'restart' }
  /** The process is down until this step; the machine's clock jumps ahead as well. */
  | { readonly kind: 'away' }
  /** The clock is set back, and somebody may edit a channel at once. */
  | { readonly kind: 'clock-back'; readonly seconds: number; readonly edit: EditStep | null }
  | { readonly kind: 'resync' };

export interface Step {
  /** Time since the step before, in units of two minutes. */
  readonly after: number;
  readonly what: HistoryEvent;
  readonly delivery: Delivery;
  /** What happens to the events of our own writes. */
  readonly echo: Delivery | 'ahead';
  readonly troubles: readonly CallFault[];
  /** Somebody changes a channel in the middle of the next call. */
  readonly meanwhile: {
    readonly when: 'before' | 'after';
    readonly edit: EditStep;
    readonly heard: boolean;
  } | null;
  /** The loop dies at this point of its work. */
  readonly dies: number | null;
  /** Which of several Workers it concerns; null: all. Absent: there is only one. */
  readonly who?: number | null;
}

export interface Plot {
  readonly rules: Rules;
  readonly capacity: number;
  readonly skewMs: number;
  readonly steps: readonly Step[];
  /** How many passes run side by side; absent: as many as allowed. */
  readonly atOnce?: number;
  /** Several Workers under one set of rules; absent: there is one, without attributes. */
  readonly crew?: readonly Member[];
}

export interface Member {
  readonly team: string;
  readonly level: number;
  readonly capacity: number;
}

const channel = fc.constantFrom('chat', 'chat', 'voice');
export const small = fc.integer({ min: 0, max: 5 });

const fact: fc.Arbitrary<Condition> = fc.oneof(
  fc.constant<Condition>({ fact: 'available' }),
  fc.constantFrom<Condition>({ fact: 'level', atLeast: 1 }, { fact: 'level', atLeast: 2 }),
  fc.constantFrom<Condition>(
    { fact: 'assigned', channel: 'voice', atLeast: 1 },
    { fact: 'assigned', channel: 'chat', atLeast: 2 },
  ),
  fc.record({
    fact: fc.constant('count' as const),
    type: fc.constantFrom('reservation.rejected', 'reservation.accepted'),
    windowS: fc.constantFrom(613, 1213),
    atLeast: fc.constantFrom(1, 2),
  }),
);

const condition: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 4, arbitrary: fact },
  { weight: 1, arbitrary: fact.map((not): Condition => ({ not })) },
  { weight: 1, arbitrary: fc.tuple(fact, fact).map((all): Condition => ({ all })) },
  { weight: 1, arbitrary: fc.tuple(fact, fact).map((any): Condition => ({ any })) },
);

const when: fc.Arbitrary<When> = fc.record({
  enter: condition,
  exit: fc.option(condition, { nil: null, freq: 3 }),
  forS: fc.constantFrom(0, 0, 123, 243),
  keepS: fc.constantFrom(0, 0, 121, 601),
});

const setting: fc.Arbitrary<Setting> = fc.oneof(
  { weight: 4, arbitrary: small.map((set): Setting => ({ set })) },
  { weight: 2, arbitrary: fc.constant<Setting>({ pause: true }) },
  { weight: 1, arbitrary: fc.constantFrom(-2, -1, 1, 2, 3).map((add): Setting => ({ add })) },
  { weight: 1, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 3 }), max: small }) },
  { weight: 1, arbitrary: small.map((min): Setting => ({ min })) },
  { weight: 1, arbitrary: small.map((max): Setting => ({ max })) },
);

const then = fc
  .tuple(
    fc.dictionary(fc.constantFrom('chat', 'voice'), setting, { minKeys: 1 }),
    fc.nat(9),
    setting,
  )
  .map(([named, other, any]) => (other === 0 ? { ...named, any } : { ...named }));

const rule = fc.record({
  who: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.record({ team: fc.constant('a'), not: fc.boolean() }) },
  ),
  during: fc.option(
    fc.constantFrom({ from: 610, to: 640 }, { from: 620, to: 700 }, { from: 1380, to: 630 }),
    { nil: null, freq: 3 },
  ),
  when: fc.option(when, { nil: null, freq: 3 }),
  release: fc.option(
    fc.record({
      afterS: fc.constantFrom(null, 365, 1205),
      or: fc.option(
        fc.constantFrom<Condition>(
          { fact: 'count', type: 'reservation.accepted', windowS: 1213, atLeast: 1 },
          { fact: 'level', atLeast: 2 },
        ),
        { nil: null },
      ),
    }),
    { nil: null, freq: 2 },
  ),
  then,
  hard: fc.nat(4).map((n) => n === 0),
  priority: fc.constantFrom(0, 0, 1, 2),
  mode: fc.constantFrom('enforce', 'enforce', 'enforce', 'enforce', 'observe', 'disabled'),
  ifStale: fc.constantFrom('hold', 'hold', 'release'),
}) as fc.Arbitrary<Omit<Rule, 'name'>>;

export const ruleSet: fc.Arbitrary<Rules> = fc.record({
  rules: fc
    .array(rule, { minLength: 1, maxLength: 4 })
    .map((rules) => rules.map((each, n): Rule => tidied({ ...each, name: `r${n}` }))),
  respectS: fc.constantFrom(611, 1211, 7211),
  dwellS: fc.constantFrom(0, 127, 607),
  bounds: fc.dictionary(fc.constantFrom('chat', 'voice'), fc.constantFrom([0, 3], [1, 4]), {
    maxKeys: 1,
  }) as fc.Arbitrary<Rules['bounds']>,
  baseline: fc.option(fc.dictionary(fc.constantFrom('chat', 'voice'), small), {
    nil: {},
    freq: 2,
  }),
  optOut: fc.boolean(),
});

/** A release needs a condition to latch and something that ends it. */
function tidied(given: Rule): Rule {
  const { release, when } = given;
  const void_ = release === null || (release.afterS === null && release.or === null);
  return when === null || void_ ? { ...given, release: null } : given;
}

const edit: fc.Arbitrary<EditStep> = fc
  .record({
    channel,
    capacity: fc.option(small, { nil: undefined, freq: 3 }),
    available: fc.option(fc.boolean(), { nil: undefined, freq: 2 }),
  })
  .map((each) => ({ kind: 'edit', ...each }));

const happenings = (rules: fc.Arbitrary<Rules>): fc.Arbitrary<HistoryEvent> =>
  fc.oneof(
    { weight: 5, arbitrary: edit },
    { weight: 1, arbitrary: fc.constant<HistoryEvent>({ kind: 'quiet' }) },
    {
      weight: 3,
      arbitrary: fc.boolean().map((available): HistoryEvent => ({ kind: 'activity', available })),
    },
    {
      weight: 3,
      arbitrary: fc
        .record({
          team: fc.constantFrom('a', 'a', 'b', undefined),
          level: fc.constantFrom(0, 1, 2, undefined),
          headroom: fc.constantFrom('off', 'on', undefined, undefined),
        })
        .map((attributes): HistoryEvent => ({ kind: 'attributes', attributes })),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('task' as const),
        channel,
        taken: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.constant<HistoryEvent>({ kind: 'done' }) },
    { weight: 1, arbitrary: rules.map((rules): HistoryEvent => ({ kind: 'reload', rules })) },
    {
      weight: 1,
      arbitrary: fc.boolean().map((paused): HistoryEvent => ({ kind: 'pause', paused })),
    },
    { weight: 1, arbitrary: fc.constant<HistoryEvent>({ kind: 'restart' }) },
    { weight: 1, arbitrary: fc.constant<HistoryEvent>({ kind: 'away' }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('clock-back' as const),
        seconds: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(120, 3_600)),
        edit: fc.option(edit, { nil: null }),
      }),
    },
    { weight: 1, arbitrary: fc.constant<HistoryEvent>({ kind: 'resync' }) },
  );

const delivery = fc.constantFrom<Delivery>('now', 'now', 'now', 'lost', 'twice', 'late');

const troubles = fc.oneof(
  { weight: 3, arbitrary: fc.constant<CallFault[]>([]) },
  {
    weight: 2,
    arbitrary: fc.array(
      fc.constantFrom<CallFault>(
        ...(['fine', 'fine', 'lost-before', 'lost-after', 'late'] as const),
        ...(['unavailable-before', 'unavailable-after', 'throttled'] as const),
      ),
      { maxLength: 4 },
    ),
  },
);

export const stepsWith = (rules: fc.Arbitrary<Rules>): fc.Arbitrary<Step> =>
  fc.record({
    after: fc.constantFrom(1, 1, 1, 2, 3, 5),
    what: happenings(rules),
    delivery,
    echo: fc.constantFrom<Delivery | 'ahead'>(
      'now',
      'now',
      'ahead',
      'ahead',
      'lost',
      'twice',
      'late',
    ),
    troubles,
    meanwhile: fc.option(
      fc.record({ when: fc.constantFrom('before', 'after'), edit, heard: fc.boolean() }),
      { nil: null, freq: 2 },
    ),
    dies: fc.option(fc.integer({ min: 1, max: 60 }), { nil: null, freq: 2 }),
  });

export const skewMs = fc.constantFrom(0, 0, 1_500, -1_500);

export const plots: fc.Arbitrary<Plot> = fc.record({
  rules: ruleSet,
  capacity: small,
  skewMs,
  steps: fc.array(stepsWith(ruleSet), { minLength: 1, maxLength: 14 }),
});
