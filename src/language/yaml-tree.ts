// The tree of a YAML file, checked once before any alias is followed: duplicate keys, endless
// aliases, and more values than anyone writes.

import {
  type Alias,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  type Node,
  type ParsedNode,
  type Document as YamlDocument,
} from 'yaml';
import { quote } from './diagnostic.ts';
import { LIMITS } from './limits.ts';
import type { Mistake } from './yaml-errors.ts';
import { tooBig, tooDeep } from './yaml-tokens.ts';

/** The target of each alias. */
export type Aliases = ReadonlyMap<Alias, Node>;

export class YamlTree {
  readonly mistakes: Mistake[] = [];
  /** Aliases can be followed: they exist, end, and do not multiply without bound. */
  safe = true;
  readonly aliases = new Map<Alias, Node>();
  /** Where unclosed quotes and brackets begin. */
  readonly unclosed: { readonly quotes: number[]; readonly brackets: number[] } = {
    quotes: [],
    brackets: [],
  };
  readonly #text: string;
  readonly #anchors = new Map<string, Node>();
  /** How many nodes an anchored node has, its own aliases followed. */
  readonly #weights = new Map<Node, number>();

  constructor(document: YamlDocument.Parsed<ParsedNode>, text: string) {
    this.#text = text;
    const weight = this.#visit(document.contents, 0);
    if (weight > LIMITS.yamlNodes) {
      const found = `${weight} values once its aliases are followed`;
      this.#refuse(tooBig(document.contents?.range?.[0] ?? 0, found));
    }
  }

  #visit(node: unknown, depth: number): number {
    if (!isNode(node)) return 1;
    const offset = node.range?.[0] ?? 0;
    if (depth > LIMITS.yamlDepth * 2) {
      this.#refuse(tooDeep(offset));
      return 1;
    }
    if (isAlias(node)) return this.#visitAlias(node, offset);
    this.#checkClosed(node);
    const anchor = isScalar(node) || isCollection(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    const weight = isMap(node) ? this.#visitMap(node.items, depth) : this.#visitItems(node, depth);
    if (anchor !== undefined) this.#weights.set(node, weight);
    return weight;
  }

  #checkClosed(node: Node): void {
    const [start, end] = node.range ?? [0, 0];
    const last = this.#text[end - 1];
    if (isCollection(node) && node.flow === true) {
      const open = this.#text[start];
      if (last !== (open === '[' ? ']' : '}')) this.unclosed.brackets.push(start);
    } else if (isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE')) {
      const closed = last === this.#text[start] && end - 1 > start;
      if (!closed) this.unclosed.quotes.push(start);
    }
  }

  #visitItems(node: Node, depth: number): number {
    if (!isCollection(node)) return 1;
    return node.items.reduce<number>((sum, item) => sum + this.#visit(item, depth + 1), 1);
  }

  #visitMap(
    items: readonly { readonly key: unknown; readonly value: unknown }[],
    depth: number,
  ): number {
    const seen = new Set<unknown>();
    let weight = 1;
    for (const { key, value } of items) {
      this.#checkKey(key, seen);
      weight += this.#visit(value, depth + 1);
    }
    return weight;
  }

  #checkKey(key: unknown, seen: Set<unknown>): void {
    const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
    if (!isScalar(key)) {
      const message = 'a key is a list, a mapping or an alias here, expected a plain name';
      this.mistakes.push({ code: 'yaml.key_not_text', offset, message });
      return;
    }
    const name = String(key.value);
    if (seen.has(name)) {
      const message = `${quote(name)} is written twice in the same mapping, expected it once`;
      this.mistakes.push({ code: 'yaml.duplicate_key', offset, message });
    } else if (name === '<<') {
      const message = '"<<" is not part of YAML 1.2, expected the fields written out';
      this.mistakes.push({ code: 'yaml.merge_key', offset, message });
    }
    seen.add(name);
  }

  #visitAlias(alias: Alias, offset: number): number {
    const name = alias.source;
    const target = this.#anchors.get(name);
    if (target === undefined) {
      const message = `the alias "*${name}" has no anchor "&${name}" before it`;
      this.#refuse({ code: 'yaml.unknown_alias', offset, message });
      return 1;
    }
    this.aliases.set(alias, target);
    // A node gets its weight when it ends; one without a weight still contains this alias.
    const weight = this.#weights.get(target);
    if (weight === undefined) {
      const message = `the alias "*${name}" is inside its own anchor, so it never ends`;
      this.#refuse({ code: 'yaml.alias_loop', offset, message });
    }
    return weight ?? 1;
  }

  #refuse(mistake: Mistake): void {
    this.safe = false;
    this.mistakes.push({ ...mistake, offset: Math.min(mistake.offset, this.#text.length) });
  }
}
