// One YAML file as a tree of nodes with their offsets. Whatever would be dangerous or ambiguous in
// a rules file (deep nesting, alias bombs, merge keys, tags, several documents) is refused here.

import {
  type Alias,
  Composer,
  CST,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  Lexer,
  type Node,
  type ParsedNode,
  Parser,
  type Document as YamlDocument,
} from 'yaml';
import { quote } from './diagnostic.ts';
import { LIMITS } from './limits.ts';
import { fromYaml, isLocal, type Mistake } from './yaml-errors.ts';

/** What each alias stands for. */
export type Aliases = ReadonlyMap<Alias, Node>;

export interface ReadYaml {
  /** null where the text cannot be read as YAML at all. */
  readonly document: YamlDocument.Parsed<ParsedNode> | null;
  readonly aliases: Aliases;
  readonly mistakes: readonly Mistake[];
  /** The tree may not be what was meant; elsewhere than on the lines of the mistakes, too. */
  readonly broken: boolean;
}

export function readYaml(text: string): ReadYaml {
  const lexed = lex(text);
  if (!Array.isArray(lexed)) return unreadable([lexed]);
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, version: '1.2' });
  const [document, second] = [...composer.compose(lexed, true, text.length)];
  if (document === undefined) return unreadable([]);
  const syntax = [...document.errors, ...document.warnings].map((error) => fromYaml(error, text));
  if (second !== undefined) syntax.push(severalDocuments(second));
  const tree = new Tree(document, text);
  const placed = syntax.map((mistake) => atOpening(mistake, tree.unclosed));
  return {
    document: tree.safe ? document : null,
    aliases: tree.aliases,
    mistakes: [...firstOnEachLine(placed, text), ...tree.mistakes],
    broken: !tree.safe || syntax.some(({ code }) => !isLocal(code)),
  };
}

/** The parser notices at the end of the file what was opened long before. */
function atOpening(mistake: Mistake, unclosed: Tree['unclosed']): Mistake {
  const quote = mistake.code === 'yaml.unclosed_quote';
  if (!quote && mistake.code !== 'yaml.unclosed_bracket') return mistake;
  const opened = quote ? unclosed.quotes[0] : unclosed.brackets.at(-1);
  return opened === undefined ? mistake : { ...mistake, offset: opened };
}

function unreadable(mistakes: readonly Mistake[]): ReadYaml {
  return { document: null, aliases: new Map(), mistakes, broken: true };
}

function severalDocuments(second: YamlDocument.Parsed<ParsedNode>): Mistake {
  const sentence = 'a second document begins here, expected one YAML document in a file';
  return { code: 'yaml.several_documents', offset: second.range[0], message: sentence };
}

/** The parser's tokens, or the mistake that made reading on dangerous: it recurses over nesting. */
function lex(text: string): CST.Token[] | Mistake {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let [offset, depth, marks, count] = [0, 0, 0, 0];
  let type: CST.TokenType | 'text' | null = null;
  for (const lexeme of new Lexer().lex(text)) {
    // The lexer announces a scalar with a mark of its own; what follows the mark is its text.
    type = type === 'scalar' ? 'text' : CST.tokenType(lexeme);
    if (type === 'flow-map-start' || type === 'flow-seq-start') depth += 1;
    else if (type === 'flow-map-end' || type === 'flow-seq-end') depth = Math.max(0, depth - 1);
    else if (type === 'seq-item-ind' || type === 'explicit-key-ind') marks += 1;
    else if (type === 'newline') marks = 0;
    if (Math.max(depth, marks) > LIMITS.yamlDepth) return tooDeep(offset);
    count += 1;
    if (count > LIMITS.yamlTokens) return tooBig(offset, `more than ${LIMITS.yamlTokens} tokens`);
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (!isMark(type)) offset += lexeme.length;
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

/** Marks of the lexer's own that stand for no character of the file. */
function isMark(type: string | null): boolean {
  return type === 'doc-mode' || type === 'flow-error-end' || type === 'scalar';
}

function tooDeep(offset: number): Mistake {
  const most = `expected at most ${LIMITS.yamlDepth} levels`;
  return { code: 'yaml.too_deep', offset, message: `the nesting is too deep here, ${most}` };
}

function tooBig(offset: number, found: string): Mistake {
  const sentence = `the file comes to ${found}, expected rules that people can read`;
  return { code: 'yaml.too_big', offset, message: sentence };
}

/** One slip often makes the parser complain several times about the same line. */
function firstOnEachLine(mistakes: readonly Mistake[], text: string): readonly Mistake[] {
  const seen = new Set<number>();
  return mistakes.filter(({ offset }) => {
    const line = text.lastIndexOf('\n', offset - 1);
    if (seen.has(line)) return false;
    seen.add(line);
    return true;
  });
}

/** Looks at every node once, before anything follows an alias. */
class Tree {
  readonly mistakes: Mistake[] = [];
  /** Aliases can be followed: they exist, end, and do not multiply without bound. */
  safe = true;
  readonly aliases = new Map<Alias, Node>();
  /** Where a quote or bracket begins that has no end. */
  readonly unclosed: { readonly quotes: number[]; readonly brackets: number[] } = {
    quotes: [],
    brackets: [],
  };
  readonly #text: string;
  readonly #anchors = new Map<string, Node>();
  /** How many nodes an anchored node comes to, its own aliases followed. */
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
    // A node is weighed when it ends; one without a weight still contains this alias.
    const weight = this.#weights.get(target);
    if (weight === undefined) {
      const message = `the alias "*${name}" stands inside its own anchor, so it never ends`;
      this.#refuse({ code: 'yaml.alias_loop', offset, message });
    }
    return weight ?? 1;
  }

  #refuse(mistake: Mistake): void {
    this.safe = false;
    this.mistakes.push({ ...mistake, offset: Math.min(mistake.offset, this.#text.length) });
  }
}
