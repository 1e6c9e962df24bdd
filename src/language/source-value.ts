// One value in a rules file: its YAML node, its label and its position. Every reader of the
// language is given a spot and reports through it.

import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import type { Place } from '../core/rules.ts';
import type { Code } from './codes.ts';
import { quote } from './diagnostic.ts';
import type { LineIndex } from './line-index.ts';
import { offsetsOf } from './scalar-offsets.ts';
import type { NameKind, Session, UsedKind } from './session.ts';
import type { Aliases } from './yaml-tree.ts';

/** The file that is being read. */
export interface FileContext {
  readonly name: string;
  readonly text: string;
  readonly lines: LineIndex;
  readonly aliases: Aliases;
  readonly session: Session;
  /** Its YAML is broken: only the names that it defines are recorded, nothing is reported. */
  readonly muted: boolean;
  /** Lines with a YAML mistake: further mistakes there would only follow from it. */
  readonly mutedLines: ReadonlySet<number>;
  /** It carries the marker of the shipped samples. */
  readonly sample: boolean;
}

export type Kind = 'text' | 'number' | 'boolean' | 'empty' | 'map' | 'list';

export class SourceValue {
  readonly context: FileContext;
  readonly node: Node | null;
  /** The fields from the nearest named thing, as in `then.chat.max`. */
  readonly label: string;
  readonly offset: number;

  constructor(reading: FileContext, node: unknown, label: string, fallback: number) {
    this.context = reading;
    this.node = resolveAlias(reading, node);
    this.label = label;
    this.offset = this.node?.range?.[0] ?? fallback;
  }

  get kind(): Kind {
    const { node } = this;
    if (isMap(node)) return 'map';
    if (isSeq(node)) return 'list';
    if (!isScalar(node) || node.value === null) return 'empty';
    if (typeof node.value === 'number') return 'number';
    return typeof node.value === 'boolean' ? 'boolean' : 'text';
  }

  /** The scalar's value; null for an empty one, a list or a mapping. */
  get value(): string | number | boolean | null {
    const value: unknown = isScalar(this.node) ? this.node.value : null;
    const plain = typeof value === 'string' || typeof value === 'number';
    return plain || typeof value === 'boolean' ? value : null;
  }

  /** A scalar as it is written in the file, e.g. `0x10`. */
  get written(): string {
    const source = isScalar(this.node) ? this.node.source : undefined;
    return source ?? String(this.value ?? '');
  }

  get quoted(): boolean {
    return isScalar(this.node) && this.node.type !== 'PLAIN';
  }

  get place(): Place {
    return this.placeOf(this.offset);
  }

  placeOf(offset: number): Place {
    return { file: this.context.name, ...this.context.lines.at(offset) };
  }

  /** What the value is, for the middle of a sentence. */
  describe(): string {
    switch (this.kind) {
      case 'map':
        return 'a mapping';
      case 'list':
        return 'a list';
      case 'empty':
        return 'empty';
      case 'number':
        return `the number ${this.written}`;
      case 'boolean':
        return this.written;
      case 'text':
        return `the text ${quote(String(this.value))}`;
    }
  }

  report(code: Code, message: string): void {
    this.reportAt(code, this.offset, message);
  }

  reportAt(code: Code, offset: number, message: string): void {
    const place = this.placeOf(offset);
    if (this.#isReported(place)) this.context.session.report(code, place, message);
  }

  #isReported({ line }: Place): boolean {
    return !this.context.muted && !this.context.mutedLines.has(line);
  }

  /** The offset in the file of character `index` of this text. */
  offsetInText(index: number): number {
    const offsets = isScalar(this.node) ? offsetsOf(this.node, this.context.text) : null;
    return offsets?.[Math.max(0, Math.min(index, offsets.length - 1))] ?? this.offset;
  }

  define(kind: NameKind, name: string): void {
    this.context.session.define(kind, name, this.place, this.context.muted);
  }

  use(kind: UsedKind, name: string, offset = this.offset): void {
    const place = this.placeOf(offset);
    if (this.#isReported(place)) this.context.session.use(kind, name, place);
  }

  useChannel(name: string, offset = this.offset): void {
    const at = this.placeOf(offset);
    if (this.#isReported(at)) this.context.session.channels.push({ name, at });
  }

  child(node: unknown, label: string, fallback: number): SourceValue {
    return new SourceValue(this.context, node, label, fallback);
  }

  /** The items of a list; none if this is something else. */
  items(): readonly SourceValue[] {
    if (!isSeq(this.node)) return [];
    return this.node.items.map((item, index) =>
      this.child(item, `${this.label}[${index + 1}]`, this.offset),
    );
  }

  /** The entries of a mapping in order; keys that are not plain names are reported elsewhere. */
  entries(): readonly Entry[] {
    if (!isMap(this.node)) return [];
    return this.node.items.flatMap(({ key, value }) => {
      if (!isScalar(key)) return [];
      const name = String(key.value);
      const at = key.range?.[0] ?? this.offset;
      const label = this.label === '' ? name : `${this.label}.${name}`;
      return [{ name, at: this.child(key, label, at), value: this.child(value, label, at) }];
    });
  }
}

export interface Entry {
  readonly name: string;
  /** The key itself. */
  readonly at: SourceValue;
  readonly value: SourceValue;
}

/** An alias reads as its target, and its mistakes are reported at the anchor. */
function resolveAlias(reading: FileContext, node: unknown): Node | null {
  if (isAlias(node)) return reading.aliases.get(node) ?? null;
  return isMap(node) || isSeq(node) || isScalar(node) ? node : null;
}
