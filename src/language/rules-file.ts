// Reads one rules file into a draft: its YAML, then its shape. Names are resolved later, when all
// files have been read.

import type { Schedule } from '../core/schedule/schedule.ts';
import { type CalendarDraft, calendarBody } from './calendars.ts';
import type { SourceFile } from './decode.ts';
import { type DefaultsDraft, defaults, type GuardrailsDraft, guardrails } from './guardrails.ts';
import { type Keyed, keyed, object } from './mapping.ts';
import { type RuleDraft, rule } from './rule.ts';
import { scheduleBody } from './schedules.ts';
import type { Session } from './session.ts';
import { boolean, list, type Shape } from './shape.ts';
import { name } from './values.ts';
import { groupBody } from './who.ts';
import { readRoot } from './yaml-root.ts';

type GroupBody = NonNullable<ReturnType<typeof groupBody.read>>;

export interface FileDraft {
  readonly defaults: DefaultsDraft | null;
  readonly guardrails: GuardrailsDraft | null;
  readonly groups: readonly Keyed<string, GroupBody>[];
  readonly calendars: readonly Keyed<string, CalendarDraft>[];
  readonly schedules: readonly Keyed<string, Schedule>[];
  readonly rules: readonly RuleDraft[];
  readonly sample: boolean;
}

const version: Shape<1> = {
  expected: 'version: 1',
  schema: () => ({ const: 1 }),
  read(spot) {
    if (spot.value === 1) return 1;
    spot.report('version.wrong', `"version" is ${spot.describe()}, expected the number 1`);
    return undefined;
  },
};

/** A mapping from names to things of one kind; each name is recorded as defined. */
function namedMapping<T>(
  kind: 'group' | 'schedule' | 'calendar',
  value: Shape<T>,
  reserved: readonly string[] = [],
): Shape<readonly Keyed<string, T>[]> {
  const key = name(`a ${kind}`, reserved);
  return keyed({
    expected: `${kind}s by name`,
    key: {
      ...key,
      read(spot) {
        const read = key.read(spot);
        if (read !== undefined) spot.define(kind, read);
        return read;
      },
    },
    value,
  });
}

export const fileFields = {
  version: {
    shape: version,
    doc: 'The version of the language: 1.',
    required: true,
    reportedBy: 'builder',
  },
  sample: {
    shape: boolean(),
    doc: 'The marker of the shipped samples: against Twilio itself they only observe.',
  },
  defaults: { shape: defaults, doc: 'Defaults for the whole set.' },
  guardrails: {
    shape: guardrails,
    doc: 'Limits on what headroom writes; they never cause a write.',
  },
  groups: {
    shape: namedMapping('group', groupBody, ['everyone']),
    doc: 'Groups of Workers by name.',
  },
  calendars: { shape: namedMapping('calendar', calendarBody), doc: 'Days and events by name.' },
  schedules: {
    shape: namedMapping('schedule', scheduleBody),
    doc: 'Times of day by name; a list is OR.',
  },
  rules: { shape: list(rule, 'a list of rules'), doc: 'The rules.' },
} as const;

export const rulesFile = object<typeof fileFields, FileDraft>({
  what: 'a rules file',
  fields: fileFields,
  hints: { rule: 'rules', group: 'groups', schedule: 'schedules', calendar: 'calendars' },
  build: ({ values, spots, spot }) => {
    if (spots.version === undefined) {
      spot.report('version.missing', 'the file has no "version", expected version: 1');
    }
    return {
      defaults: values.defaults ?? null,
      guardrails: values.guardrails ?? null,
      groups: values.groups ?? [],
      calendars: values.calendars ?? [],
      schedules: values.schedules ?? [],
      rules: values.rules ?? [],
      sample: values.sample === true,
    };
  },
});

/** null if nothing could be read; the mistakes have been reported to the session. */
export function readRulesFile(file: SourceFile, session: Session): FileDraft | null {
  const spot = readRoot(file, session, {
    expected: rulesFile.expected,
    empty: 'the file has no content, expected version: 1 and rules',
  });
  return spot === null ? null : (rulesFile.read(spot) ?? null);
}
