// What happens in a rule test and what is expected of it, as written in the file: events, a
// person's edits, expectations.

import { object } from '../../language/mapping.ts';
import { boolean } from '../../language/shape.ts';
import type { Entry, SourceValue } from '../../language/source-value.ts';
import { attributes, label, type Moment, moment, offset, type Placed, placed } from './values.ts';
import { type ActivityDraft, activity } from './workers-and-world.ts';

export interface EventDraft {
  readonly spot: SourceValue;
  readonly at: Placed<Moment>;
  readonly type: Placed<string>;
  readonly worker: Placed<string> | null;
  readonly channel: Placed<string> | null;
  readonly reservation: string | null;
  readonly activity: ActivityDraft | null;
  readonly attributes: Readonly<Record<string, unknown>> | null;
}

const eventFields = {
  at: { shape: placed(moment), doc: 'When.', required: true },
  type: { shape: placed(label), doc: 'TaskRouter’s event type.', required: true },
  worker: { shape: placed(label), doc: 'Whose, in a world of several.' },
  channel: { shape: placed(label), doc: 'The Task Channel of a reservation.' },
  reservation: { shape: label, doc: 'Which one, where several events are of the same.' },
  activity: { shape: activity, doc: 'The Activity of worker.activity.update.' },
  available: { shape: boolean(), doc: 'Whether Tasks may come in that Activity.' },
  attributes: { shape: attributes, doc: 'The attributes that worker.attributes.update sets.' },
} as const;

/** `activity: Lunch, available: false` is the same as `activity: { name: Lunch, … }`. */
function activityOf(draft: ActivityDraft | undefined, available?: boolean): ActivityDraft | null {
  if (draft === undefined && available === undefined) return null;
  const { name = null, forMs = null, ...said } = draft ?? { available: null };
  return { name, forMs, available: available ?? said.available };
}

export const event = object<typeof eventFields, EventDraft>({
  what: 'an event',
  fields: eventFields,
  hints: { after: 'at', event: 'type', name: 'type' },
  build: ({ values, spot }) => {
    const { at, type } = values;
    if (at === undefined || type === undefined) return undefined;
    return {
      spot,
      at,
      type,
      worker: values.worker ?? null,
      channel: values.channel ?? null,
      reservation: values.reservation ?? null,
      activity: activityOf(values.activity, values.available),
      attributes: values.attributes ?? null,
    };
  },
});

export interface EditDraft {
  readonly spot: SourceValue;
  readonly at: Placed<Moment>;
  readonly worker: Placed<string> | null;
  /** Channels. */
  readonly others: readonly Entry[];
}

const editFields = {
  at: { shape: placed(moment), doc: 'When.', required: true },
  worker: { shape: placed(label), doc: 'Whose channels, in a world of several.' },
} as const;

export const edit = object<typeof editFields, EditDraft>({
  what: 'an edit',
  fields: editFields,
  open: true,
  build: ({ values: { at, worker: whose = null }, spot, others }) =>
    at === undefined ? undefined : { spot, at, worker: whose, others },
});

export interface ExpectDraft {
  readonly spot: SourceValue;
  readonly when: Placed<Moment>;
  readonly worker: Placed<string> | null;
  readonly because: Placed<string> | null;
  /** Channels. */
  readonly others: readonly Entry[];
}

const expectFields = {
  after: { shape: placed(offset), doc: 'How long after the test begins.' },
  at: { shape: placed(moment), doc: 'An instant, or an offset.' },
  worker: { shape: placed(label), doc: 'Whose channels; everyone’s when left out.' },
  because: {
    shape: placed(label),
    doc: 'The deciding rule, `person`, `baseline`, `guardrail` or a reason code.',
  },
} as const;

export const expectation = object<typeof expectFields, ExpectDraft>({
  what: 'an expectation',
  fields: expectFields,
  open: true,
  build: ({ values, spots, spot, others }) => {
    if ((spots.after === undefined) === (spots.at === undefined)) {
      const found =
        spots.at === undefined ? 'has neither "after" nor "at"' : 'has both "after" and "at"';
      spot.report('test.start', `this expectation ${found}, expected one of them`);
      return undefined;
    }
    const when = values.after ?? values.at;
    if (when === undefined) return undefined;
    return {
      spot,
      when,
      worker: values.worker ?? null,
      because: values.because ?? null,
      others,
    };
  },
});
