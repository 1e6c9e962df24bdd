// The vocabulary of conditions: the fields of each fact with their types, the functions, and the
// events that can be counted.

import { editDistance, nearest } from '../nearest.ts';

/**
 * `any`: an attribute, typed only when it is evaluated; `wrong`: its mistake was already reported.
 */
export type Type =
  | 'bool'
  | 'int'
  | 'double'
  | 'string'
  | 'instant'
  | 'duration'
  | 'null'
  | 'list'
  | 'map'
  | 'any'
  | 'wrong';

/** Their names in messages. */
export const TYPE_LABELS: Readonly<Record<Type, string>> = {
  bool: 'true or false',
  int: 'a number',
  double: 'a number',
  string: 'text',
  instant: 'an instant',
  duration: 'a duration',
  null: 'null',
  list: 'a list',
  map: 'a map',
  any: 'an attribute',
  wrong: 'a mistake',
};

export type RecordKind = 'activity' | 'channel' | 'queue' | 'group';

/** A field as conditions spell it: its type, and its name in facts.ts. */
export interface FieldSpec {
  readonly type: Type;
  readonly key: string;
}

export const FIELDS: Readonly<Record<RecordKind, Readonly<Record<string, FieldSpec>>>> = {
  activity: {
    name: { type: 'string', key: 'name' },
    available: { type: 'bool', key: 'available' },
    since: { type: 'instant', key: 'since' },
    available_since: { type: 'instant', key: 'availableSince' },
  },
  channel: {
    capacity: { type: 'double', key: 'capacity' },
    available: { type: 'bool', key: 'available' },
    assigned: { type: 'double', key: 'assigned' },
    load: { type: 'double', key: 'load' },
  },
  queue: {
    waiting: { type: 'double', key: 'waiting' },
    longest_wait: { type: 'duration', key: 'longestWaitMs' },
    eligible: { type: 'double', key: 'eligible' },
    available_workers: { type: 'double', key: 'availableWorkers' },
  },
  group: {
    size: { type: 'double', key: 'size' },
    available: { type: 'double', key: 'available' },
    load: { type: 'double', key: 'load' },
  },
};

/** Facts that are plain names, and facts that are called with a name. */
export const PLAIN_FACTS = ['worker', 'activity', 'channels', 'now'];
export const CALLED_FACTS = ['channel', 'queue', 'group', 'count'];

export const FUNCTIONS = ['duration', 'timestamp', 'size', 'has', 'int', 'double', 'string'];
export const METHODS = [
  'startsWith',
  'endsWith',
  'contains',
  'lowerAscii',
  'upperAscii',
  'trim',
  'size',
];
export const MACROS = ['exists', 'all', 'exists_one', 'filter', 'map'];

/** The events that a Worker's record counts; TaskRouter's tenses are irregular. */
export const COUNTED_TYPES: readonly string[] =
  'created accepted rejected timeout canceled rescinded completed wrapup failed'
    .split(' ')
    .map((verb) => `reservation.${verb}`);

/** ` (did you mean "x"?)` where a name is near enough to be meant, else nothing. */
export function hint(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  if (near === null) return '';
  const limit = Math.max(2, Math.floor(near.length / 3));
  return editDistance(name.toLowerCase(), near.toLowerCase()) <= limit
    ? ` (did you mean "${near}"?)`
    : '';
}
