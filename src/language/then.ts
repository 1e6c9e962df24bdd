// What a rule asks of Worker Channels (`then`), and the ramp whose number it may use.

import { likelyMeant } from '../core/nearest.ts';
import type { Ramp, Setting, Then } from '../core/rules.ts';
import { spanMs } from '../core/schedule/span.ts';
import { quote } from './diagnostic.ts';
import { LIMITS } from './limits.ts';
import { keyed, type Mapping, object } from './mapping.ts';
import { boolean, byKind, choice, integer, map, quotedNumber, type Shape, text } from './shape.ts';
import type { SourceValue } from './source-value.ts';
import { capacity, channelName, isWorkerPath, parseWorkerPath, span } from './values.ts';

type Amount = number | 'ramp';

const ACTIONS = ['pause', 'ramp'] as const;
const NOTHING: Setting = { set: null, add: null, min: null, max: null, pause: false };

const rampWord = choice(['ramp']);

const number = byKind<Amount>('a capacity, or ramp', { number: capacity, text: rampOrNumber() });

const addend = byKind<Amount>('a whole number, or ramp', {
  number: map(
    integer({ expected: 'a whole number', least: -LIMITS.capacity, most: LIMITS.capacity }),
    (value, spot) => {
      if (value !== 0) return value;
      spot.report('add.zero', `"${spot.label}" is 0 and changes nothing, expected another number`);
      return undefined;
    },
  ),
  text: rampOrNumber(),
});

/** A quoted capacity is a likelier mistake than a misspelt `ramp`. */
function rampOrNumber(): Shape<'ramp'> {
  return {
    expected: rampWord.expected,
    schema: (defs) => rampWord.schema(defs),
    read(spot) {
      return /^\s*-?\d+\s*$/.test(String(spot.value)) ? quotedNumber(spot) : rampWord.read(spot);
    },
  };
}

export const settingFields = {
  set: { shape: number, doc: 'The capacity itself; the same as writing just the number.' },
  add: { shape: addend, doc: 'Added to the result of the other rules; may be negative.' },
  min: { shape: number, doc: 'Not less than this.' },
  max: { shape: number, doc: 'Not more than this.' },
  pause: { shape: boolean(), doc: 'Not available; the capacity stays as it is.' },
} as const;

const settingByTerms = object<typeof settingFields, Setting>({
  what: 'a channel setting',
  fields: settingFields,
  hints: { capacity: 'set', available: 'pause', plus: 'add' },
  build: ({ values, spots, spot }: Mapping<typeof settingFields>) => {
    const setting = { ...NOTHING, ...values };
    // `pause: false` alone says nothing.
    if (
      spot.entries().length === 0 ||
      (values.pause === false && Object.keys(spots).length === 1)
    ) {
      const expected = 'expected set, add, min, max or pause';
      spot.report('then.empty', `"${spot.label}" asks for nothing, ${expected}`);
      return undefined;
    }
    const { min, max } = setting;
    if (typeof min !== 'number' || typeof max !== 'number' || min <= max) return setting;
    const found = `"${spot.label}" has min ${min} above max ${max}`;
    spots.min?.report('then.min_over_max', `${found}, expected min to be at most max`);
    return undefined;
  },
});

const SETTING = 'a capacity, pause, ramp, or a mapping of add, min and max';

const setting = byKind<Setting>(SETTING, {
  number: map(capacity, (set) => ({ ...NOTHING, set })),
  text: text<Setting>({
    expected: SETTING,
    schema: { enum: ACTIONS },
    parse(value, spot) {
      if (value === 'pause') return { ...NOTHING, pause: true };
      if (value === 'ramp') return { ...NOTHING, set: 'ramp' };
      return /^\s*-?\d+\s*$/.test(value) ? quotedNumber(spot) : unknownAction(value, spot);
    },
  }),
  map: settingByTerms,
});

function unknownAction(value: string, spot: SourceValue): undefined {
  const near = likelyMeant(value, ACTIONS);
  const end = near === null ? `expected ${SETTING}` : `did you mean "${near}"?`;
  spot.report('then.action', `"${spot.label}" is ${quote(value)}; ${end}`);
  return undefined;
}

export const thenShape: Shape<Then> = map(
  keyed({
    expected: 'channels with what to set, such as { chat: 3 }',
    key: channelName,
    value: setting,
  }),
  (entries, spot): Then | undefined => {
    if (spot.entries().length === 0) {
      const message = `"${spot.label}" names no channel, expected one such as { chat: 3 }`;
      spot.report('then.empty', message);
      return undefined;
    }
    const channels = new Map(entries.map(({ key, value }) => [key, value]));
    const any = channels.get('any') ?? null;
    channels.delete('any');
    return { channels, any };
  },
);

/** Whether any setting takes its number from the rule's ramp. */
export function usesRamp({ channels, any }: Then): boolean {
  return [...channels.values(), any].some(
    (each) => each !== null && [each.set, each.add, each.min, each.max].includes('ramp'),
  );
}

const ACTIVITY = {
  'activity.since': 'since',
  'activity.available_since': 'available_since',
} as const;
const SINCE = 'a Worker attribute such as worker.hired_on, or activity.available_since';

const since = text<Ramp['since']>({
  expected: SINCE,
  schema: { minLength: 1 },
  parse(value, spot) {
    if (value === 'activity.since' || value === 'activity.available_since') {
      return { kind: 'activity', field: ACTIVITY[value] };
    }
    if (isWorkerPath(value)) {
      const path = parseWorkerPath(value, spot);
      return path === undefined ? undefined : { kind: 'attribute', path };
    }
    const near = likelyMeant(value, Object.keys(ACTIVITY));
    const end = near === null ? `expected ${SINCE}` : `did you mean "${near}"?`;
    spot.report('attribute.invalid', `"${spot.label}" is ${quote(value)}; ${end}`);
    return undefined;
  },
});

type Steps = Ramp['steps'];

const steps: Shape<Steps> = map(
  keyed({
    expected: 'steps such as { 0d: 1, 14d: 2, 60d: end }',
    key: span,
    value: byKind<number | 'end'>('a capacity, or end', {
      number: capacity,
      text: choice(['end']),
    }),
    least: 1,
  }),
  (entries) => {
    let last = -1;
    for (const [index, { key, at, value }] of entries.entries()) {
      const after = spanMs(key);
      const shown = `"${at.written}"`;
      if (index === 0 && after !== 0) {
        at.report('ramp.first_step', `the ramp begins at ${shown}, expected a first step at 0d`);
      } else if (after <= last) {
        at.report('ramp.order', `the step ${shown} is not later than the one before it`);
      }
      if (value === 'end' && index < entries.length - 1) {
        const message = `the ramp ends at ${shown}, expected no steps after its end`;
        entries[index + 1]?.at.report('ramp.end', message);
      }
      last = after;
    }
    return entries.map(({ key, value }) => ({ after: key, value }));
  },
);

export const rampFields = {
  since: {
    shape: since,
    doc: 'What it counts from: an attribute with a date, or the Activity.',
    required: true,
  },
  steps: {
    shape: steps,
    doc: 'The number from each length of time on; `end` ends the claim.',
    required: true,
  },
} as const;

export const ramp = object<typeof rampFields, Ramp>({
  what: 'a ramp',
  fields: rampFields,
  build: ({ values }) =>
    values.since === undefined || values.steps === undefined
      ? undefined
      : { since: values.since, steps: values.steps },
});
