// Reads on past a YAML mistake: it is made harmless in a copy of the same length, so that every
// other mistake of the file is still reported, at its own place.

import type { Mistake } from './yaml-errors.ts';

/** The text with this mistake made harmless; null if the rest cannot be read as it was meant. */
export function repair(text: string, { code, offset }: Mistake): string | null {
  switch (code) {
    case 'yaml.colon_in_text':
      return replace(text, offset, lineEnd(text, offset));
    case 'yaml.reserved_character':
    case 'yaml.bad_escape':
    case 'yaml.unclosed_quote':
      return replace(text, offset, offset + 1);
    case 'yaml.no_colon':
      return replace(text, offset, offset + 1, '#');
    case 'yaml.extra_bracket':
      return replace(text, offset, offset + 1, ' ');
    default:
      return null;
  }
}

function replace(text: string, from: number, to: number, by = 'x'): string | null {
  if (to <= from) return null;
  return text.slice(0, from) + by.repeat(to - from) + text.slice(to);
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  const last = end === -1 ? text.length : end;
  return text[last - 1] === '\r' ? last - 1 : last;
}
