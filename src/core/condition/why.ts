// The sentence of `why` with its placeholders: `{queue.Support.waiting}`,
// `{channel.voice.assigned}`, `{worker.team}`, `{activity.name}`. What is not known prints as `?`.

import { type Facts, isUnknown } from '../facts.ts';
import { attributePath, readAttribute } from './path.ts';
import type { ConditionError } from './types.ts';
import { show } from './values.ts';
import { FIELDS, type FieldSpec, hint, type RecordKind } from './vocabulary.ts';

export interface WhyError extends Omit<ConditionError, 'code'> {
  readonly code: 'why.unknown_placeholder' | 'why.unclosed';
}

type Placeholder =
  | { readonly kind: 'worker'; readonly path: readonly string[] }
  | {
      readonly kind: RecordKind;
      /** Empty for the Activity. */
      readonly name: string;
      readonly field: FieldSpec;
    };

const EXAMPLES =
  '{queue.Support.waiting}, {channel.voice.assigned}, {worker.team} or {activity.name}';

/** Every invalid placeholder, with its offsets in the template. */
export function checkWhy(template: string): readonly WhyError[] {
  const errors: WhyError[] = [];
  for (const found of template.matchAll(/\{([^{}]*)(\}?)/g)) {
    const [whole, inside = '', close] = found;
    const at = { start: found.index, end: found.index + whole.length };
    if (close === '') {
      const message = `found "{" without its "}"; a placeholder is written like ${EXAMPLES}`;
      errors.push({ code: 'why.unclosed', message, ...at });
      continue;
    }
    const read = readPlaceholder(inside);
    if (typeof read !== 'string') continue;
    errors.push({
      code: 'why.unknown_placeholder',
      message: `found {${inside}} where ${read}`,
      ...at,
    });
  }
  return errors;
}

/** The sentence, filled in with the current facts. */
export function fillWhy(template: string, facts: Facts): string {
  return template.replace(/\{([^{}]*)\}/g, (_whole, inside: string) => {
    const read = readPlaceholder(inside);
    return typeof read === 'string' ? '?' : seen(read, facts);
  });
}

/** The placeholder, or what was expected in its place. */
function readPlaceholder(inside: string): Placeholder | string {
  const [kind = '', ...rest] = inside.trim().split('.');
  if (kind === 'worker') {
    const path = attributePath(inside);
    return path.ok ? { kind, path: path.path } : `an attribute such as {worker.team} is expected`;
  }
  if (!isRecordKind(kind)) {
    const kinds = ['worker', ...Object.keys(FIELDS)];
    return `a placeholder such as ${EXAMPLES} is expected${hint(kind, kinds)}`;
  }
  // A TaskQueue's name may have dots of its own: the field is what follows the last.
  const field = rest.at(-1) ?? '';
  const name = rest.slice(0, -1).join('.');
  if ((kind === 'activity') !== (name === '')) {
    return kind === 'activity'
      ? 'a field of the Activity such as {activity.name} is expected'
      : `a name and a field such as {${kind}.Support.${Object.keys(FIELDS[kind])[0]}} are expected`;
  }
  const word = Object.hasOwn(FIELDS[kind], field) ? FIELDS[kind][field] : undefined;
  if (word !== undefined) return { kind, name, field: word };
  const fields = Object.keys(FIELDS[kind]);
  return `a field of ${kind} is expected: ${fields.join(', ')}${hint(field, fields)}`;
}

function isRecordKind(kind: string): kind is RecordKind {
  return Object.hasOwn(FIELDS, kind);
}

function seen(placeholder: Placeholder, facts: Facts): string {
  if (placeholder.kind === 'worker') {
    if (isUnknown(facts.worker)) return '?';
    const { worker } = facts;
    const [first = '', ...more] = placeholder.path;
    if (more.length === 0 && first === 'sid') return worker.sid;
    if (more.length === 0 && first === 'friendly_name') return worker.friendlyName;
    return plain(readAttribute(worker.attributes, placeholder.path), 'any');
  }
  const record: unknown = recordOf(placeholder.kind, placeholder.name, facts);
  if (isUnknown(record)) return '?';
  const value = (record as Readonly<Record<string, unknown>>)[placeholder.field.key];
  return isUnknown(value) || value === null ? '?' : plain(value, placeholder.field.type);
}

function plain(value: unknown, type: FieldSpec['type']): string {
  return typeof value === 'string' ? value : show(value, type);
}

function recordOf(kind: RecordKind, name: string, facts: Facts): unknown {
  switch (kind) {
    case 'activity':
      return facts.activity;
    case 'channel':
      return facts.channel(name);
    case 'queue':
      return facts.queue(name);
    case 'group':
      return facts.group(name);
  }
}
