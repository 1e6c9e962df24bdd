// One rule of a rules file.

import type { During, Limit, Mode, Rule } from '../core/rules.ts';
import { why } from './conditions.ts';
import { checkFeedbackLoop } from './feedback-loop.ts';
import { LIMITS } from './limits.ts';
import { type Mapping, object } from './mapping.ts';
import { boolean, byKind, choice, integer, list, map, named, type Shape, text } from './shape.ts';
import type { SourceValue } from './source-value.ts';
import { ramp, thenShape, usesRamp } from './then.ts';
import { date } from './times.ts';
import { amount, durationMs, isWorkerPath, name, parseWorkerPath } from './values.ts';
import { release, when } from './when.ts';
import { who } from './who.ts';

/** A rule before the whole set is known: its zone and defaults may be in another file. */
export interface RuleDraft extends Omit<Rule, 'until' | 'ifStale'> {
  /** Last day, included. */
  readonly until: string | null;
  readonly ifStale: 'hold' | 'release' | null;
}

export const mode: Shape<Mode> = choice(['enforce', 'observe', 'disabled']);
export const ifStale = choice(['hold', 'release']);

const DURING = 'a schedule, a list of them, {calendar: …}, or worker.shift';
const scheduleName = name('a schedule');
const calendarName = name('a calendar');

const duringFields = {
  calendar: {
    shape: calendarName,
    doc: 'On the days and events of this calendar.',
    required: true,
  },
} as const;

export const during: Shape<During> = named('during', DURING, () =>
  byKind<During>(DURING, {
    text: text<During>({
      expected: DURING,
      schema: { minLength: 1 },
      parse(value, spot) {
        if (isWorkerPath(value)) {
          const path = parseWorkerPath(value, spot);
          return path === undefined ? undefined : { kind: 'attribute', path };
        }
        const schedule = scheduleName.read(spot);
        if (schedule === undefined) return undefined;
        spot.use('schedule', schedule);
        return { kind: 'schedule', name: schedule };
      },
    }),
    map: object<typeof duringFields, During>({
      what: 'a during',
      fields: duringFields,
      build: ({ values: { calendar }, spots }) => {
        if (calendar === undefined) return undefined;
        spots.calendar?.use('calendar', calendar);
        return { kind: 'calendar', name: calendar };
      },
    }),
    list: map(list(during, 'a list of schedules'), (of, spot) => {
      if (spot.items().length > 0) return { kind: 'any', of };
      spot.report('during.empty', `"${spot.label}" is an empty list, expected a schedule`);
      return undefined;
    }),
  }),
);

export const stepFields = {
  workers: { shape: amount, doc: 'How many Workers are added per step.', required: true },
  every: { shape: durationMs, doc: 'The time between two steps.', required: true },
} as const;

export const limitFields = {
  workers: {
    shape: amount,
    doc: 'The most Workers at a time: a number or a percentage.',
    required: true,
  },
  pick: {
    shape: choice(['least_loaded', 'random_stable', 'longest_idle']),
    doc: 'Which of them; `least_loaded` when left out.',
  },
  step: {
    shape: object({
      what: 'a step',
      fields: stepFields,
      build: ({ values: { workers, every } }) =>
        workers === undefined || every === undefined ? undefined : { workers, everyMs: every },
    }),
    doc: 'A few at a time instead of all at once.',
  },
} as const;

const limit = object<typeof limitFields, Limit>({
  what: 'a limit',
  fields: limitFields,
  build: ({ values: { workers, pick = 'least_loaded', step = null } }) =>
    workers === undefined ? undefined : { workers, pick, step },
});

export const ruleFields = {
  name: { shape: name('a rule'), doc: 'Its name, unique in the whole set.', required: true },
  who: {
    shape: who,
    doc: 'A group, `{ where: … }`, `{ not: … }`, a list of these, or `everyone`.',
    required: true,
  },
  during: {
    shape: during,
    doc: 'A schedule, a list as OR, `{ calendar: … }`, or `worker.shift`: the schedule that the attribute names.',
  },
  when: { shape: when, doc: 'A condition, or a mapping of `enter`, `exit`, `for` and `keep`.' },
  release: { shape: release, doc: 'Once claimed, only this ends the claim.' },
  ramp: { shape: ramp, doc: 'A number that depends on the time since an instant.' },
  // biome-ignore lint/suspicious/noThenProperty: the language's own word; nothing awaits it.
  then: {
    shape: thenShape,
    doc: 'What to set, by channel: a capacity, `pause`, or `{ add, min, max }`; `any` is every other channel.',
    required: true,
  },
  limit: { shape: limit, doc: 'The rule claims only some of the Workers at a time.' },
  hard: { shape: boolean(), doc: 'If true, the rule also applies over a person’s edit.' },
  mode: { shape: mode, doc: '`enforce`, `observe` or `disabled`, for this rule.' },
  until: { shape: date, doc: 'The last day on which the rule is in force.' },
  why: {
    shape: why,
    doc: 'The reason in your own words; `{queue.Support.waiting}` and the like are filled in.',
  },
  priority: {
    shape: integer({ expected: 'a whole number', least: -LIMITS.priority, most: LIMITS.priority }),
    doc: 'Between two rules that set the same channel, the higher wins; 0 when left out.',
  },
  if_stale: {
    shape: ifStale,
    doc: '`hold` or `release` while a fact of its condition is unknown.',
  },
} as const;

const ruleObject = object<typeof ruleFields, RuleDraft>({
  what: 'a rule',
  fields: ruleFields,
  hints: {
    if: 'when',
    condition: 'when',
    schedule: 'during',
    at: 'during',
    group: 'who',
    workers: 'who',
    where: 'who',
    action: 'then',
    actions: 'then',
    set: 'then',
    enabled: 'mode',
    disabled: 'mode',
    reason: 'why',
    description: 'why',
  },
  build,
});

function build(read: Mapping<typeof ruleFields>): RuleDraft | undefined {
  const { values, spots, spot } = read;
  if (values.name !== undefined) spots.name?.define('rule', values.name);
  checkTogether(read);
  const { who: whom, then: what } = values;
  if (values.name === undefined || whom === undefined || what === undefined) return undefined;
  const perWorker = values.when?.perWorker === true || values.release?.or?.perWorker === true;
  return {
    name: values.name,
    at: spot.place,
    who: whom,
    during: values.during ?? null,
    when: values.when === undefined ? null : { ...values.when, perWorker },
    release: values.release ?? null,
    ramp: values.ramp ?? null,
    // biome-ignore lint/suspicious/noThenProperty: the language's own word; nothing awaits it.
    then: what,
    limit: values.limit ?? null,
    hard: values.hard ?? false,
    mode: values.mode ?? null,
    sample: spot.context.sample,
    until: values.until ?? null,
    priority: values.priority ?? 0,
    ifStale: values.if_stale ?? null,
    why: values.why ?? null,
  };
}

/** Checks that involve several fields of the rule. */
function checkTogether({ values, spots }: Mapping<typeof ruleFields>): void {
  if (spots.release !== undefined) checkRelease(spots.release, spots.when);
  if (values.then !== undefined && spots.then !== undefined) {
    const ramped = usesRamp(values.then);
    if (ramped && spots.ramp === undefined) {
      const message = '"then" uses ramp but the rule has no "ramp", expected one';
      spots.then.report('then.no_ramp', message);
    }
    if (!ramped && spots.ramp !== undefined) {
      const message =
        '"then" does not use the ramp, expected ramp as a number such as { max: ramp }';
      spots.ramp.report('ramp.unused', message);
    }
  }
  if (values.when === undefined || values.then === undefined || spots.when === undefined) return;
  const enter = spots.when.entries().find((entry) => entry.name === 'enter')?.value;
  const released = spots.release !== undefined;
  checkFeedbackLoop({ when: values.when, what: values.then, released, spot: enter ?? spots.when });
}

function checkRelease(releaseSpot: SourceValue, whenSpot: SourceValue | undefined): void {
  if (whenSpot === undefined) {
    const message = 'the rule has a "release" but no "when", expected both';
    releaseSpot.report('release.without_when', message);
    return;
  }
  for (const { name: field, at } of whenSpot.entries()) {
    if (field !== 'exit' && field !== 'keep') continue;
    at.report(
      'release.beside',
      `"${field}" is never used: only the rule's "release" ends its claim`,
    );
  }
}

/** Inside a rule, labels begin with its own fields. */
export const rule: Shape<RuleDraft> = {
  expected: ruleObject.expected,
  schema: (defs) => defs.reference('rule', () => ruleObject.schema(defs)),
  read(spot) {
    const own = spot.kind === 'map' ? spot.child(spot.node, '', spot.offset) : spot;
    return ruleObject.read(own);
  },
};
