// Maps a character of a YAML text value to its place in the file: quotes, escapes, folded lines and
// the indentation of block scalars lie between the two. It places mistakes inside expressions.

import type { Scalar } from 'yaml';

/**
 * For each character of the scalar's value, and for its end, the offset in the file's text.
 * null if the two cannot be aligned; the scalar's start is then used instead.
 */
export function offsetsOf(scalar: Scalar, text: string): readonly number[] | null {
  const { value, range, type } = scalar;
  if (typeof value !== 'string' || range === undefined || range === null) return null;
  const source = text.slice(range[0], range[1]);
  const offsets = new Aligner(value, source).run(type ?? 'PLAIN');
  return offsets?.map((offset) => offset + range[0]) ?? null;
}

class Aligner {
  readonly #value: string;
  readonly #source: string;
  readonly #offsets: number[] = [];
  #at = 0;

  constructor(value: string, source: string) {
    this.#value = value;
    this.#source = source;
  }

  run(type: string): readonly number[] | null {
    const block = type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED';
    const indent = block ? this.#skipHeader() : null;
    if (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') this.#at = 1;
    const lineEnd = block ? /^\r?\n/ : /^[ \t]*\r?\n/;
    while (this.#offsets.length < this.#value.length) {
      const ended = lineEnd.test(this.#source.slice(this.#at));
      const moved = ended ? this.#line(indent, lineEnd) : this.#character(type);
      if (!moved) return null;
    }
    return [...this.#offsets, this.#at];
  }

  /** Skips `|` or `>` with its indicators and comment; returns the indentation of all lines. */
  #skipHeader(): number {
    this.#at = this.#source.indexOf('\n') + 1;
    const given = /^[|>][+-]?([1-9])/.exec(this.#source)?.[1];
    const lines = this.#source.slice(this.#at).split('\n');
    const first = lines.find((line) => line.trim() !== '') ?? '';
    const written = /^ */.exec(first)?.[0].length ?? 0;
    // An indentation indicator counts from the parent's indentation, which is not known here; the
    // value's own leading spaces show it.
    const kept = given === undefined ? 0 : (/^\n*( *)/.exec(this.#value)?.[1]?.length ?? 0);
    const indent = Math.max(0, written - kept);
    this.#skipSpaces(indent);
    return indent;
  }

  /** One or more line ends, which the value has as a space, as newlines or not at all. */
  #line(indent: number | null, lineEnd: RegExp): boolean {
    const start = this.#at;
    let breaks = 0;
    for (;;) {
      const end = lineEnd.exec(this.#source.slice(this.#at));
      if (end === null) break;
      this.#at += end[0].length;
      breaks += 1;
      if (indent === null)
        this.#at += /^[ \t]*/.exec(this.#source.slice(this.#at))?.[0].length ?? 0;
      else this.#skipSpaces(indent);
    }
    const wanted = this.#value.slice(this.#offsets.length);
    const newlines = /^\n*/.exec(wanted)?.[0].length ?? 0;
    const taken = newlines > 0 ? Math.min(newlines, breaks) : Number(wanted.startsWith(' '));
    for (let i = 0; i < taken; i++) this.#offsets.push(start);
    return true;
  }

  #character(type: string): boolean {
    if (this.#at >= this.#source.length) return false;
    const start = this.#at;
    if (type === 'QUOTE_DOUBLE' && this.#source[start] === '\\') return this.#escape(start);
    const doubled = type === 'QUOTE_SINGLE' && this.#source.startsWith("''", start);
    if (this.#source[start] !== this.#value[this.#offsets.length]) return false;
    this.#at += doubled ? 2 : 1;
    this.#offsets.push(start);
    return true;
  }

  #escape(start: number): boolean {
    const rest = this.#source.slice(start, start + 200);
    const folded = /^\\[ \t]*\r?\n[ \t]*/.exec(rest);
    if (folded !== null) {
      this.#at += folded[0].length;
      return true;
    }
    const found = /^\\(?:x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8}|.)/i.exec(rest);
    if (found === null) return false;
    this.#at += found[0].length;
    this.#offsets.push(start);
    // A character beyond the basic plane takes two code units in the value.
    if (/^\\U/.test(rest) && (this.#value.codePointAt(this.#offsets.length - 1) ?? 0) > 0xffff) {
      this.#offsets.push(start);
    }
    return true;
  }

  #skipSpaces(most: number): void {
    for (let i = 0; i < most && this.#source[this.#at] === ' '; i++) this.#at += 1;
  }
}
