// The Workers of a rule test and the world around them: their Activity, Worker Channels and
// attributes, TaskQueues and groups, as written in the file.

import type { TargetExpression } from '../../core/expression.ts';
import { target } from '../../language/conditions.ts';
import { type Keyed, keyed, object } from '../../language/mapping.ts';
import { boolean, byKind, list, map, type Shape } from '../../language/shape.ts';
import type { Entry, SourceValue } from '../../language/source-value.ts';
import { durationMs } from '../../language/values.ts';
import {
  attributes,
  type ChannelSpec,
  channelSpec,
  label,
  offset,
  type Placed,
  placed,
} from './values.ts';

export interface ActivityDraft {
  readonly name: string | null;
  readonly available: boolean | null;
  /** How long the Worker has been in it, ms. */
  readonly forMs: number | null;
}

const activityFields = {
  name: { shape: label, doc: 'Its name.' },
  available: { shape: boolean(), doc: 'Whether Tasks may come; by default only in Available.' },
  for: { shape: durationMs, doc: 'How long the Worker has been in it; a day when left out.' },
} as const;

export const activity: Shape<ActivityDraft> = byKind<ActivityDraft>(
  'the name of an Activity, or {name, available, for}',
  {
    text: map(label, (name) => ({ name, available: null, forMs: null })),
    map: object<typeof activityFields, ActivityDraft>({
      what: 'an activity',
      fields: activityFields,
      hints: { since: 'for' },
      build: ({ values }) => ({
        name: values.name ?? null,
        available: values.available ?? null,
        forMs: values.for ?? null,
      }),
    }),
  },
);

export interface WorkerDraft {
  readonly spot: SourceValue;
  readonly sid: Placed<string> | null;
  readonly friendlyName: string | null;
  readonly activity: ActivityDraft | null;
  readonly channels: readonly Keyed<string, ChannelSpec | 'none'>[];
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Attributes, and channels that the rules name. */
  readonly others: readonly Entry[];
}

const workerFields = {
  sid: { shape: placed(label), doc: 'What the test calls this Worker.' },
  friendly_name: { shape: label, doc: 'Its friendly name.' },
  activity: { shape: activity, doc: 'The Activity it is in; Available when left out.' },
  channels: {
    shape: keyed({ expected: 'channels by name', key: label, value: channelSpec }),
    doc: 'How its Worker Channels are before the rules; else open, with the declared baseline or 1.',
  },
  attributes: { shape: attributes, doc: 'Attributes whose names mean something else here.' },
} as const;

export const worker = object<typeof workerFields, WorkerDraft>({
  what: 'a Worker',
  fields: workerFields,
  open: true,
  build: ({ values, spot, others }) => ({
    spot,
    sid: values.sid ?? null,
    friendlyName: values.friendly_name ?? null,
    activity: values.activity ?? null,
    channels: values.channels ?? [],
    attributes: values.attributes ?? {},
    others,
  }),
});

// ── the world around ─────────────────────────────────────────────────────────────────────────

const number = (expected: string): Shape<number> => ({
  expected,
  schema: () => ({ type: 'number', minimum: 0 }),
  read(spot) {
    const { value } = spot;
    if (typeof value === 'number' && value >= 0) return value;
    spot.report('value.type', `"${spot.label}" is ${spot.describe()}, expected ${expected}`);
    return undefined;
  },
});
const count = number('a number, 0 or more');

/** A wait may be zero. */
const wait: Shape<number> = map(offset, (value) =>
  value.kind === 'offset' ? value.span.days * 86_400_000 + value.span.ms : undefined,
);

const queueFields = {
  waiting: { shape: count, doc: 'Tasks that wait.' },
  longest_wait: { shape: wait, doc: 'How long the first of them has waited.' },
  eligible: { shape: count, doc: 'Workers whom it matches.' },
  available_workers: { shape: count, doc: 'Those of them who are available.' },
  target_workers: { shape: target, doc: 'Its expression, for groups that name it.' },
} as const;

const groupFields = {
  size: { shape: count, doc: 'Workers in it.' },
  available: { shape: count, doc: 'Those of them who are available.' },
  load: { shape: count, doc: 'Assigned Tasks ÷ capacity.' },
} as const;

export interface QueueDraft {
  readonly facts: Readonly<Record<string, number | undefined>>;
  readonly target: TargetExpression | null;
}

export interface WorldDraft {
  readonly queues: readonly Keyed<string, QueueDraft>[];
  readonly groups: readonly Keyed<string, Readonly<Record<string, number | undefined>>>[];
  readonly workers: readonly WorkerDraft[] | null;
}

const worldFields = {
  queues: {
    shape: keyed({
      expected: 'TaskQueues by name',
      key: label,
      value: object<typeof queueFields, QueueDraft>({
        what: 'a TaskQueue',
        fields: queueFields,
        build: ({ values: { target_workers: expression = null, ...facts } }) => ({
          facts,
          target: expression,
        }),
      }),
    }),
    doc: 'What TaskQueues say all through the test.',
  },
  groups: {
    shape: keyed({
      expected: 'groups by name',
      key: label,
      value: object<typeof groupFields, Readonly<Record<string, number | undefined>>>({
        what: 'a group',
        fields: groupFields,
        build: ({ values }) => values,
      }),
    }),
    doc: 'What conditions see of groups; else counted among the Workers of this world.',
  },
  workers: { shape: list(worker, 'a list of Workers', 1), doc: 'All the Workers there are.' },
} as const;

export const world = object<typeof worldFields, WorldDraft>({
  what: 'a world',
  fields: worldFields,
  build: ({ values }) => ({
    queues: values.queues ?? [],
    groups: values.groups ?? [],
    workers: values.workers ?? null,
  }),
});
