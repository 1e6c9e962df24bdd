// From the bytes of a file to its text. Rules are UTF-8; anything else is told with its remedy
// instead of being read into garbled names.

import { type Diagnostic, diagnostic } from './diagnostic.ts';
import { LIMITS } from './limits.ts';
import { Lines } from './lines.ts';

/** A file of the rules folder; `name` is its path relative to that folder, with `/`. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

export type Decoded =
  | { readonly ok: true; readonly file: SourceFile }
  | { readonly ok: false; readonly diagnostic: Diagnostic };

/** Reads one file's bytes; a UTF-8 byte order mark is dropped. */
export function decode(name: string, bytes: Uint8Array): Decoded {
  const refuse = (problem: Diagnostic): Decoded => ({ ok: false, diagnostic: problem });
  if (bytes.length > LIMITS.fileBytes) return refuse(tooLarge(name, bytes.length));
  if (isUtf16(bytes)) {
    return refuse(
      diagnostic('file.utf16', name, 'the file is UTF-16, expected UTF-8; save it as UTF-8'),
    );
  }
  const wrong = firstInvalid(bytes);
  if (wrong !== null) return refuse(notUtf8(name, bytes, wrong));
  return { ok: true, file: { name, text: new TextDecoder().decode(bytes) } };
}

export function tooLarge(name: string, size: number): Diagnostic {
  const most = `at most ${LIMITS.fileBytes / 1000} kB`;
  return diagnostic(
    'file.too_large',
    name,
    `the file has ${Math.ceil(size / 1000)} kB, expected ${most}; split it into several files`,
  );
}

function notUtf8(name: string, bytes: Uint8Array, at: number): Diagnostic {
  const before = new TextDecoder().decode(bytes.subarray(0, at));
  const byte = (bytes[at] ?? 0).toString(16).padStart(2, '0');
  const sentence = `the byte 0x${byte} is not UTF-8; save the file as UTF-8`;
  return diagnostic('file.not_utf8', name, sentence, new Lines(before).at(before.length));
}

/** By its byte order mark, or by ASCII text whose every other byte is zero. */
function isUtf16(bytes: Uint8Array): boolean {
  const [a, b, c, d] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return true;
  return (a === 0 && c === 0 && b !== 0 && d !== 0) || (b === 0 && d === 0 && a !== 0 && c !== 0);
}

/** Where the first invalid sequence begins. Halving needs no second table of UTF-8's forms. */
function firstInvalid(bytes: Uint8Array): number | null {
  if (isValid(bytes, false)) return null;
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isValid(bytes.subarray(0, middle + 1), true)) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, bytes.length - 1);
}

/** `cut`: a sequence that the end cuts off does not count. */
function isValid(bytes: Uint8Array, cut: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut });
    return true;
  } catch {
    return false;
  }
}
