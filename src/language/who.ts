// Whom a rule is for: groups, and `who` with its names, conditions, negations and lists.

import type { Group, Who } from '../core/rules.ts';
import { condition, target } from './conditions.ts';
import { type Mapping, object } from './mapping.ts';
import { byKind, list, map, named, type Shape, text } from './shape.ts';
import type { SourceValue } from './source-value.ts';
import { name } from './values.ts';

const WHERE_DOC = 'A condition over the Worker’s attributes.';

export const who: Shape<Who> = named(
  'who',
  'a group, everyone, {where: …}, {not: …} or a list of these',
  () =>
    byKind<Who>('a group, everyone, {where: …}, {not: …} or a list of these', {
      text: whoByName,
      map: whoByTerm,
      list: map(list(who, 'a list of groups'), (of, spot) => {
        if (spot.items().length > 0) return { kind: 'any', of };
        spot.report('who.empty', `"${spot.label}" is an empty list, expected at least one group`);
        return undefined;
      }),
    }),
);

const groupName = name('a group');

const whoByName: Shape<Who> = text<Who>({
  expected: 'a group or everyone',
  schema: {},
  parse(value, spot) {
    if (value === 'everyone') return { kind: 'everyone' };
    const group = groupName.read(spot);
    if (group === undefined) return undefined;
    spot.use('group', group);
    return { kind: 'group', name: group };
  },
});

export const whoFields = {
  where: { shape: condition('where'), doc: WHERE_DOC },
  not: { shape: who, doc: 'Everyone but these.' },
} as const;

const whoByTerm: Shape<Who> = object<typeof whoFields, Who>({
  what: 'a who',
  fields: whoFields,
  build: ({ values, spots, spot }) => {
    if (!exactlyOne(spots, spot, '"where" or "not"')) return undefined;
    if (values.where !== undefined) return { kind: 'where', where: values.where };
    return values.not === undefined ? undefined : { kind: 'not', of: values.not };
  },
});

export const groupFields = {
  where: { shape: condition('where'), doc: WHERE_DOC },
  target_workers: {
    shape: target,
    doc: 'A TaskRouter expression, as pasted from a TaskQueue.',
  },
  queue: {
    shape: text<string>({
      expected: 'the friendly name of a TaskQueue',
      schema: { minLength: 1 },
      parse: (value) => value,
    }),
    doc: 'Whoever the expression of this TaskQueue matches, by its friendly name.',
  },
} as const;

type GroupBody =
  | Pick<Extract<Group, { kind: 'where' }>, 'kind' | 'where'>
  | Pick<Extract<Group, { kind: 'target' }>, 'kind' | 'target'>
  | Pick<Extract<Group, { kind: 'queue' }>, 'kind' | 'queue'>;

/** The body of a group. */
export const groupBody = object<typeof groupFields, GroupBody>({
  what: 'a group',
  fields: groupFields,
  hints: { expression: 'target_workers', target: 'target_workers', task_queue: 'queue' },
  build: ({ values, spots, spot }: Mapping<typeof groupFields>) => {
    if (!exactlyOne(spots, spot, '"where", "target_workers" or "queue"')) return undefined;
    if (values.where !== undefined) return { kind: 'where', where: values.where };
    if (values.target_workers !== undefined) {
      return { kind: 'target', target: values.target_workers };
    }
    return values.queue === undefined ? undefined : { kind: 'queue', queue: values.queue };
  },
});

function exactlyOne(spots: object, spot: SourceValue, expected: string): boolean {
  const count = Object.keys(spots).length;
  if (count === 1) return true;
  if (count === 0 && spot.entries().length > 0) return false;
  const found = count === 0 ? 'says nothing' : 'says more than one thing';
  const code = count === 0 ? 'key.missing' : 'key.conflict';
  spot.report(code, `"${spot.label}" ${found}, expected one of ${expected}`);
  return false;
}
