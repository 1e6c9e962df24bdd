// Decodes a file's bytes into text. Rules are UTF-8; anything else is reported with its remedy
// instead of being read into garbled names.

import { type Diagnostic, diagnostic } from './diagnostic.ts';
import { LIMITS } from './limits.ts';
import { LineIndex } from './line-index.ts';

/** A file of the rules folder; `name` is its path relative to that folder, with `/`. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

const REPLACEMENT = '\uFFFD';

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
  const text = new TextDecoder().decode(bytes);
  const wrong = notUtf8(name, bytes, text);
  if (wrong !== null) return refuse(wrong);
  return { ok: true, file: { name, text: text } };
}

export function tooLarge(name: string, size: number): Diagnostic {
  const most = `at most ${LIMITS.fileBytes / 1000} kB`;
  return diagnostic(
    'file.too_large',
    name,
    `the file has ${Math.ceil(size / 1000)} kB, expected ${most}; split it into several files`,
  );
}

/** The decoder puts U+FFFD in place of invalid bytes; one that the file itself has is no fault. */
function notUtf8(name: string, bytes: Uint8Array, text: string): Diagnostic | null {
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let at = text.indexOf(REPLACEMENT); at !== -1; at = text.indexOf(REPLACEMENT, at + 1)) {
    const offset = mark + Buffer.byteLength(text.slice(0, at));
    if (bytes[offset] === 0xef && bytes[offset + 1] === 0xbf) continue;
    const byte = (bytes[offset] ?? 0).toString(16).padStart(2, '0');
    const sentence = `the byte 0x${byte} is not UTF-8; save the file as UTF-8`;
    return diagnostic('file.not_utf8', name, sentence, new LineIndex(text).at(at));
  }
  return null;
}

/** By its byte order mark, or by ASCII text whose every other byte is zero. */
function isUtf16(bytes: Uint8Array): boolean {
  const [a, b, c, d] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return true;
  return (a === 0 && c === 0 && b !== 0 && d !== 0) || (b === 0 && d === 0 && a !== 0 && c !== 0);
}
