// `defaults` and `guardrails`: settings for the whole set. Each may be spread over several files,
// but a field may be in one only.

import type { Guardrails, KeepOpen } from '../core/rules.ts';
import { condition } from './conditions.ts';
import { keyed, type Mapping, object } from './mapping.ts';
import { ifStale, mode } from './rule.ts';
import { list, map, type Shape } from './shape.ts';
import { amount, capacity, durationMs, name, oneChannel, zone } from './values.ts';

export const respectFields = {
  respect: {
    shape: durationMs,
    doc: 'How long a person’s edit stays; 2h when left out.',
    required: true,
  },
} as const;

export const defaultsFields = {
  timezone: {
    shape: zone,
    doc: 'The time zone for times of day: an IANA name, or `worker.timezone` for each Worker’s own.',
  },
  mode: {
    shape: mode,
    doc: '`enforce`, `observe` (decide and record, write nothing) or `disabled`.',
  },
  human_edit: {
    shape: object({
      what: 'a human_edit',
      fields: respectFields,
      build: ({ values }) => values.respect,
    }),
    doc: 'How a person’s edit in TaskRouter is treated: `{ respect: 2h }`.',
  },
  if_stale: {
    shape: ifStale,
    doc: '`hold` keeps a rule’s last state while a fact is unknown; `release` ends its claim.',
  },
  stale_after: {
    shape: durationMs,
    doc: 'Statistics older than this are unknown; 90s when left out.',
  },
  opt_out: {
    shape: condition('where'),
    doc: 'No rule touches Workers for whom this holds.',
  },
  baseline: {
    shape: map(
      keyed({
        expected: 'capacities by channel such as { chat: 1 }',
        key: oneChannel,
        value: capacity,
      }),
      (entries) => new Map(entries.map(({ key, value }) => [key, value])),
    ),
    doc: 'What a channel goes back to when no rule claims it; else what it was before headroom.',
  },
} as const;

export type DefaultsDraft = Mapping<typeof defaultsFields>;

export const defaults = object<typeof defaultsFields, DefaultsDraft>({
  what: 'defaults',
  fields: defaultsFields,
  hints: { zone: 'timezone', tz: 'timezone', respect: 'human_edit' },
  build: (read) => read,
});

/** The lowest and highest capacity that headroom writes to a channel. */
const bounds: Shape<readonly [number, number]> = map(
  {
    ...list(capacity, 'the lowest and highest capacity, such as [0, 5]'),
    schema: (defs) => ({ type: 'array', items: capacity.schema(defs), minItems: 2, maxItems: 2 }),
  },
  (values, spot) => {
    const found = spot.items().length;
    if (found !== 2) {
      const expected = 'expected two, the lowest and the highest';
      spot.report('bounds.length', `"${spot.label}" has ${found} numbers, ${expected}`);
      return undefined;
    }
    const [low, high] = values;
    if (low === undefined || high === undefined) return undefined;
    if (low <= high) return [low, high] as const;
    const expected = 'expected the lower number first';
    spot.report('bounds.order', `"${spot.label}" is [${low}, ${high}], ${expected}`);
    return undefined;
  },
);

export const keepOpenFields = {
  group: { shape: name('a group'), doc: 'The group.', required: true },
  channel: { shape: oneChannel, doc: 'The Task Channel’s unique name.', required: true },
  at_least: { shape: amount, doc: 'A number of its Workers or a percentage.', required: true },
} as const;

const keepOpen = object<typeof keepOpenFields, KeepOpen>({
  what: 'a keep_open',
  fields: keepOpenFields,
  build: ({ values: { group, channel, at_least: atLeast }, spots, spot }) => {
    if (group !== undefined) spots.group?.use('group', group);
    if (group === undefined || channel === undefined || atLeast === undefined) return undefined;
    return { group, channel, atLeast, at: spot.place };
  },
});

export const maxChangeFields = {
  workers: { shape: amount, doc: 'How many Workers: a number or a percentage.', required: true },
  per: { shape: durationMs, doc: 'The length of the window.', required: true },
} as const;

const maxChange = object<typeof maxChangeFields, NonNullable<Guardrails['maxChange']>>({
  what: 'a max_change',
  fields: maxChangeFields,
  build: ({ values: { workers, per } }) =>
    workers === undefined || per === undefined ? undefined : { workers, perMs: per },
});

export const guardrailsFields = {
  bounds: {
    shape: map(
      keyed({
        expected: 'bounds by channel such as { chat: [0, 5] }',
        key: oneChannel,
        value: bounds,
      }),
      (entries) => new Map(entries.map(({ key, value }) => [key, value])),
    ),
    doc: 'The lowest and highest capacity that is ever written, by channel.',
  },
  keep_open: {
    shape: list(keepOpen, 'a list of { group, channel, at_least }'),
    doc: 'A minimum of open Workers of a group on a channel; a write that would leave fewer is refused.',
  },
  max_change: { shape: maxChange, doc: 'The most Workers that may be changed within a time.' },
  min_dwell: {
    shape: durationMs,
    doc: 'The least time between two writes of a channel, except protective ones.',
  },
} as const;

export type GuardrailsDraft = Mapping<typeof guardrailsFields>;

export const guardrails = object<typeof guardrailsFields, GuardrailsDraft>({
  what: 'guardrails',
  fields: guardrailsFields,
  build: (read) => read,
});
