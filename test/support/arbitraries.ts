// Random events, records and rule sets for the laws of the core. Small alphabets, so that events
// share Reservations and rules share channels.

import fc from 'fast-check';
import type { RoutingEvent } from '../../src/core/event.types.ts';
import { evolveCounted } from '../../src/core/evolve.ts';
import type { Rule, RuleSet } from '../../src/core/rules.ts';
import type { RuleState, WorkerState } from '../../src/core/state.ts';
import {
  AVAILABLE,
  BREAK,
  type ChannelSpec,
  channelEvent,
  HOUR,
  MINUTE,
  reservationEvent,
  SECOND,
  T0,
  worker,
  workerEvent,
} from './builders.ts';
import { condition, rule, ruleSet, type SettingSpec, schedule } from './rules.ts';

const CHANNELS = ['chat', 'voice', 'constructor'];
const channelName = fc.constantFrom(...CHANNELS);
const capacity = fc.integer({ min: 0, max: 6 });
const recently = fc.integer({ min: -10, max: 10 }).map((s) => T0 + s * SECOND);
const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });

const part = fc.record({
  attributes: orNull(fc.constantFrom('{"n":1}', '{"n":2}', 'no JSON')),
  activity: orNull(fc.constantFrom(AVAILABLE, BREAK)),
  name: orNull(fc.constantFrom('Ann', 'Bo')),
});

/** Not yet numbered: an event's number is its place in the list. */
const unnumbered: fc.Arbitrary<(n: number) => RoutingEvent> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('worker.created', 'worker.activity.update', 'worker.attributes.update'),
      recently,
      part,
    )
    .map(
      ([type, at, spec]) =>
        (n: number) =>
          workerEvent(type, at, { ...spec, n }),
    ),
  recently.map((at) => (n: number) => workerEvent('worker.deleted', at, { n })),
  fc
    .tuple(
      fc.constantFrom('worker.capacity.update', 'worker.channel.availability.update'),
      recently,
      part,
      channelName,
    )
    .map(
      ([type, at, spec, channel]) =>
        (n: number) =>
          channelEvent(type, at, { ...spec, channel, n }),
    ),
  fc
    .tuple(
      fc.constantFrom(
        'reservation.created',
        'reservation.accepted',
        'reservation.wrapup',
        'reservation.timeout',
        'reservation.completed',
      ),
      recently,
      part,
      fc.integer({ min: 1, max: 4 }),
    )
    .map(
      ([type, at, spec, reservation]) =>
        (n: number) =>
          reservationEvent(type, at, { ...spec, reservation, channel: `c${reservation}`, n }),
    ),
);

export const events: fc.Arbitrary<RoutingEvent[]> = fc
  .array(unnumbered, { maxLength: 12 })
  .map((each) => each.map((make, n) => make(n)));

function field<T>(value: fc.Arbitrary<T>) {
  const edit = fc.record({
    value,
    at: recently,
    until: recently,
    winner: fc.constantFrom('', 'r0=3'),
  });
  return fc.record({
    baseline: fc.oneof(fc.constant(null), fc.constant('unknown' as const), fc.record({ value })),
    claimed: fc.boolean(),
    edit: orNull(edit),
    seenFree: fc.boolean(),
  });
}

const change = <T>(of: fc.Arbitrary<T>) => orNull(fc.record({ from: of, to: of }));

const channelSpec: fc.Arbitrary<ChannelSpec> = fc.record({
  capacityNow: capacity,
  availableNow: fc.boolean(),
  assigned: fc.integer({ min: 0, max: 2 }),
  unread: fc.boolean(),
  stale: fc.boolean(),
  capacity: field(capacity),
  available: field(fc.boolean()),
  intent: orNull(
    fc.record({
      at: recently,
      capacity: change(capacity),
      available: change(fc.boolean()),
      echoed: fc.constant([]),
    }),
  ),
  writes: fc.array(
    fc.record({
      field: fc.constantFrom('capacity', 'available'),
      to: capacity,
      beganAt: recently,
      answeredAt: recently,
      echo: fc.constant(null),
      landed: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  lastWriteAt: orNull(recently),
  winner: fc.constantFrom('', 'r0=3'),
  foreign: fc.array(recently, { maxLength: 8 }).map((all) => all.sort((a, b) => a - b)),
});

const ruleState: fc.Arbitrary<RuleState> = fc.oneof(
  fc.record({
    when: fc.constantFrom('', 'old'),
    phase: fc.constantFrom('pending', 'claiming', 'spent'),
    since: recently,
  }),
  fc.record({
    when: fc.constant(''),
    phase: fc.constant('keeping' as const),
    since: recently,
    exitedAt: recently,
  }),
);

export const states: fc.Arbitrary<WorkerState> = fc
  .record({
    channels: fc.dictionary(channelName, channelSpec),
    attributes: fc.constantFrom(null, {}, { team: 'support', hired_on: '2026-06-01', n: 1 }),
    rules: fc.dictionary(fc.constantFrom('r0', 'r1', 'r2'), ruleState),
    listedAt: orNull(recently),
    knownSince: fc.constantFrom(T0 - HOUR, T0 - 48 * HOUR),
    heard: events,
  })
  // Folded in, not listed: a record keeps events in its own order, each only once.
  .map(({ heard, ...spec }) => heard.reduce(evolveCounted, worker(spec)));

const limit = fc.integer({ min: -3, max: 6 });
const settings: fc.Arbitrary<SettingSpec> = fc.oneof(
  capacity,
  fc.constantFrom<SettingSpec>('pause', 'ramp'),
  fc.record({ add: limit, max: orNull(limit), min: orNull(limit) }),
  fc.record({ min: limit }),
  fc.record({ max: limit }),
);

/** Conditions that do not read what a rule may change. */
const CONDITIONS = [
  'true',
  'queue("Support").waiting >= 20',
  'queue("Nobody").waiting >= 20',
  'count("reservation.timeout", duration("15m")) >= 1',
  'worker.n == 1',
  'activity.available',
  'now - activity.since > duration("70m")',
];
/** Conditions that do. */
const LOOPING = ['channel("chat").capacity >= 3', 'channels.exists(c, channels[c].load > 0.5)'];

const length = fc.constantFrom(0, MINUTE, 5 * MINUTE);
const oneRule = (texts: readonly string[]) => {
  const text = fc.constantFrom(...texts);
  return fc.record({
    // biome-ignore lint/suspicious/noThenProperty: the rule language's own word
    then: fc.dictionary(fc.constantFrom(...CHANNELS, 'any'), settings, { minKeys: 1 }),
    who: fc.constantFrom('worker.team == "support"', 'worker.n > 0', undefined),
    during: orNull(
      fc.constantFrom<Rule['during'] & object>(
        { kind: 'schedule', name: 'day' },
        { kind: 'schedule', name: 'night' },
        { kind: 'attribute', path: ['shift'] },
      ),
    ),
    when: fc.option(
      fc.record({
        enter: text,
        exit: fc.option(text, { nil: undefined }),
        forMs: length,
        keepMs: length,
      }),
      { nil: undefined },
    ),
    release: fc.option(fc.record({ after: fc.constantFrom(MINUTE, HOUR), or: text }), {
      nil: undefined,
    }),
    ramp: fc.option(
      fc.record({
        since: fc.constantFrom('worker.hired_on', 'activity.available_since'),
        steps: fc.constantFrom({ '0m': 1, '90m': 2 }, { '0d': 1, '20d': 'end' as const }),
      }),
      { nil: undefined },
    ),
    hard: fc.boolean(),
    priority: fc.integer({ min: 0, max: 2 }),
    ifStale: fc.constantFrom('hold', 'release'),
    until: orNull(recently),
  });
};

interface RuleSets {
  readonly texts?: readonly string[];
  readonly optOut?: boolean;
  /** A release may end a claim at the instant at which it began. */
  readonly releases?: boolean;
}

export function ruleSets({ texts = CONDITIONS, optOut = false, releases = false }: RuleSets = {}) {
  return fc
    .record({
      rules: fc.array(oneRule(texts), { maxLength: 3 }),
      declared: fc.dictionary(channelName, capacity),
      bounds: fc.dictionary(channelName, fc.constantFrom<[number, number]>([0, 3], [1, 2])),
      minDwellMs: fc.constantFrom(0, MINUTE),
      out: fc.boolean(),
    })
    .map(
      ({ rules, bounds, out, ...spec }): RuleSet =>
        ruleSet(
          rules.map(({ then, who, when, release, ramp, ...over }, n) => {
            const { exit, ...condition } = when ?? { enter: 'true' };
            return rule(`r${n}`, then, {
              ...over,
              ...(who && { who }),
              ...(when && { when: { ...condition, ...(exit && { exit }) } }),
              ...(releases && release && { release }),
              ...(ramp && { ramp }),
            });
          }),
          {
            ...spec,
            bounds: new Map(Object.entries(bounds)),
            optOut: optOut && out ? condition('worker.n == 1', 'where') : null,
            schedules: {
              day: schedule('mon-fri', '08:30-17:30'),
              night: schedule('mon-sun', '22:00-06:00'),
            },
          },
        ),
    );
}

export const anyRuleSet = ruleSets({
  texts: [...CONDITIONS, ...LOOPING],
  optOut: true,
  releases: true,
});
export const instants = fc.integer({ min: -48, max: 48 }).map((h) => T0 + h * HOUR);
