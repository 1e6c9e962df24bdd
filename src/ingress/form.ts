// A form body parsed without changing a character of its values: signatures cover them as they were
// sent, so nothing is trimmed, and a field sent twice keeps both values.

import { parse } from 'node:querystring';
import { LIMITS } from './limits.ts';

export interface Form {
  /** As the signature covers them. */
  readonly params: Readonly<Record<string, string | string[]>>;
  /** Whether nobody can have meant to send it: broken escapes, or far too many fields. */
  readonly isMalformed: boolean;
}

/** Never throws: any bytes give a form. */
export function parseForm(raw: Buffer): Form {
  const text = raw.toString('utf8');
  // The result has no prototype, so a field may have any name at all.
  const params = parse(text, '&', '=', { maxKeys: 0 }) as Record<string, string | string[]>;
  const isBroken = /%(?![0-9a-f]{2})/i.test(text);
  return { params, isMalformed: isBroken || Object.keys(params).length > LIMITS.formFields };
}

/** One value per field: the first, if a sender repeats a field, which Twilio never does. */
export function singleFields({ params }: Form): Readonly<Record<string, string>> {
  if (isSingle(params)) return params;
  const fields: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(params)) {
    fields[name] = typeof value === 'string' ? value : (value[0] ?? '');
  }
  return fields;
}

/** True of every delivery of Twilio's: there is nothing to copy. */
function isSingle(params: Form['params']): params is Readonly<Record<string, string>> {
  return Object.values(params).every((value) => typeof value === 'string');
}
