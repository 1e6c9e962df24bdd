// The grammar of TaskRouter's expressions: text into a tree, or one sentence about the first thing
// that does not fit. AND binds tighter than OR; keywords are case-insensitive.

export type Comparison =
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'CONTAINS'
  | 'HAS'
  | 'IN'
  | 'NOT IN';

export type Scalar = string | number | boolean;

export type Operand =
  | { readonly kind: 'constant'; readonly value: Scalar | readonly Scalar[] }
  /** Without its optional `worker.` prefix; numbers are positions in a list. */
  | { readonly kind: 'path'; readonly path: readonly (string | number)[] };

export type TargetNode =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly TargetNode[] }
  | {
      readonly kind: 'compare';
      readonly op: Comparison;
      readonly left: Operand;
      readonly right: Operand;
    };

export interface TargetError {
  /** One sentence: what was found and what was expected. */
  readonly message: string;
  /** Offsets in the text. */
  readonly start: number;
  readonly end: number;
}

const MAX_TEXT_LENGTH = 4_000;
const MAX_DEPTH = 50;

interface Token {
  readonly kind: 'word' | 'string' | 'number' | 'sign' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Aborts parsing at the first mistake; caught only in `parseExpression`. */
class Mistake extends Error {
  readonly at: TargetError;
  constructor(message: string, at: { start: number; end: number }) {
    super(message);
    this.at = { message, start: at.start, end: at.end };
  }
}

interface Cursor {
  readonly tokens: readonly Token[];
  readonly warnings: TargetError[];
  next: number;
  depth: number;
}

export interface ParsedExpression {
  readonly root: TargetNode;
  /** What TaskRouter may reject, although it was understood here. */
  readonly warnings: readonly TargetError[];
}

export function parseExpression(text: string): ParsedExpression | TargetError {
  try {
    const cursor: Cursor = { tokens: tokensOf(text), warnings: [], next: 0, depth: 0 };
    if (peek(cursor).kind === 'end') {
      throw new Mistake('the expression is empty; 1==1 matches every Worker', peek(cursor));
    }
    const root = parseOr(cursor);
    const rest = peek(cursor);
    if (rest.kind !== 'end') {
      throw new Mistake(`found "${rest.text}" where AND, OR or the end is expected`, rest);
    }
    return { root, warnings: cursor.warnings };
  } catch (error) {
    if (error instanceof Mistake) return error.at;
    throw error;
  }
}

const TOKEN =
  /\s+|(?<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?<number>-?\d+(?:\.\d+)?)|(?<word>[A-Za-z_$][A-Za-z0-9_$]*)|(?<sign>==|!=|<=|>=|[<>=()[\],.])/y;

function tokensOf(text: string): Token[] {
  if (text.length > MAX_TEXT_LENGTH) {
    const at = { start: MAX_TEXT_LENGTH, end: text.length };
    throw new Mistake(`the expression has more than ${MAX_TEXT_LENGTH} characters`, at);
  }
  const tokens: Token[] = [];
  for (let start = 0; start < text.length; ) {
    const before = tokens.at(-1);
    if (text[start] === '-' && before?.kind === 'word' && before.end === start) {
      const name = /^[\w$-]+/.exec(text.slice(before.start))?.[0] ?? before.text;
      const at = { start: before.start, end: before.start + name.length };
      throw new Mistake(`found the name "${name}"; TaskRouter allows no hyphens in names`, at);
    }
    TOKEN.lastIndex = start;
    const found = TOKEN.exec(text);
    if (found === null) throw unexpectedCharacter(text, start);
    const end = start + found[0].length;
    for (const kind of ['string', 'number', 'word', 'sign'] as const) {
      if (found.groups?.[kind] !== undefined) tokens.push({ kind, text: found[0], start, end });
    }
    start = end;
  }
  return [...tokens, { kind: 'end', text: '', start: text.length, end: text.length }];
}

function unexpectedCharacter(text: string, start: number): Mistake {
  const character = text[start] ?? '';
  if (character === '"' || character === "'") {
    const at = { start, end: text.length };
    return new Mistake(`found text that begins with ${character} and never ends`, at);
  }
  const meant = { '&': 'AND', '|': 'OR', '!': 'NOT IN or !=' }[character];
  const hint = meant === undefined ? '' : `; TaskRouter writes ${meant}`;
  return new Mistake(`found "${character}", which has no meaning here${hint}`, {
    start,
    end: start + 1,
  });
}

function peek(cursor: Cursor): Token {
  const token = cursor.tokens[cursor.next] ?? cursor.tokens.at(-1);
  if (token === undefined) throw new Error('an expression has no tokens');
  return token;
}

function take(cursor: Cursor): Token {
  const token = peek(cursor);
  cursor.next += 1;
  return token;
}

function takeIf(cursor: Cursor, text: string): boolean {
  const token = peek(cursor);
  const same = token.kind === 'word' ? token.text.toUpperCase() === text : token.text === text;
  if (!same || token.kind === 'string') return false;
  cursor.next += 1;
  return true;
}

function parseOr(cursor: Cursor): TargetNode {
  const parts = [parseAnd(cursor)];
  while (takeIf(cursor, 'OR')) parts.push(parseAnd(cursor));
  return oneOf('or', parts);
}

function parseAnd(cursor: Cursor): TargetNode {
  const parts = [parsePart(cursor)];
  while (takeIf(cursor, 'AND')) parts.push(parsePart(cursor));
  return oneOf('and', parts);
}

function oneOf(kind: 'and' | 'or', parts: readonly TargetNode[]): TargetNode {
  const [only, ...more] = parts;
  return only !== undefined && more.length === 0 ? only : { kind, parts };
}

function parsePart(cursor: Cursor): TargetNode {
  const first = peek(cursor);
  if (first.kind === 'word' && first.text.toUpperCase() === 'NOT') {
    throw new Mistake('found "NOT" before a condition; TaskRouter has only NOT IN and !=', first);
  }
  if (takeIf(cursor, '(')) {
    cursor.depth += 1;
    if (cursor.depth > MAX_DEPTH) throw new Mistake('parentheses are nested too deeply', first);
    const inner = parseOr(cursor);
    const close = peek(cursor);
    if (!takeIf(cursor, ')'))
      throw new Mistake(`found ${describeToken(close)} where ")" is expected`, close);
    cursor.depth -= 1;
    return inner;
  }
  const left = parseOperand(cursor);
  const op = parseComparison(cursor, first);
  return { kind: 'compare', op, left, right: parseOperand(cursor) };
}

function describeToken(token: Token): string {
  return token.kind === 'end' ? 'the end' : `"${token.text}"`;
}

const COMPARISONS: ReadonlySet<string> = new Set('== != < <= > >= CONTAINS HAS IN'.split(' '));

function parseComparison(cursor: Cursor, first: Token): Comparison {
  const token = take(cursor);
  const word = token.kind === 'word' ? token.text.toUpperCase() : token.text;
  if (word === 'NOT' && takeIf(cursor, 'IN')) return 'NOT IN';
  if (word === '=' && token.kind === 'sign') {
    cursor.warnings.push({
      message: 'found "=" where TaskRouter documents "=="',
      ...spanOf(token),
    });
    return '==';
  }
  if (token.kind !== 'string' && COMPARISONS.has(word)) return word as Comparison;
  const complete = ['end', 'sign'].includes(token.kind) || ['AND', 'OR'].includes(word);
  const hint =
    complete && first.kind === 'word' ? `; for true or false write ${first.text} == true` : '';
  throw new Mistake(
    `found ${describeToken(token)} where a comparison such as ==, HAS or IN is expected${hint}`,
    token,
  );
}

function spanOf({ start, end }: Token): { start: number; end: number } {
  return { start, end };
}

function parseOperand(cursor: Cursor): Operand {
  const token = peek(cursor);
  if (takeIf(cursor, '[')) return { kind: 'constant', value: parseList(cursor) };
  const word = token.text.toUpperCase();
  const isName = token.kind === 'word' && !['TRUE', 'FALSE'].includes(word);
  if (!isName) return { kind: 'constant', value: parseScalar(cursor) };
  if (['AND', 'OR', 'NOT', 'IN', 'HAS', 'CONTAINS'].includes(word)) {
    throw new Mistake(
      `found "${token.text}" where a value or an attribute's name is expected`,
      token,
    );
  }
  return parsePath(cursor);
}

function parseList(cursor: Cursor): Scalar[] {
  const items: Scalar[] = [];
  if (takeIf(cursor, ']')) return items;
  do items.push(parseScalar(cursor));
  while (takeIf(cursor, ','));
  const close = peek(cursor);
  if (!takeIf(cursor, ']'))
    throw new Mistake(`found ${describeToken(close)} where "," or "]" is expected`, close);
  return items;
}

function parseScalar(cursor: Cursor): Scalar {
  const token = take(cursor);
  if (token.kind === 'string') return token.text.slice(1, -1).replace(/\\(.)/gs, '$1');
  if (token.kind === 'number') return Number(token.text);
  const word = token.text.toUpperCase();
  if (token.kind === 'word' && (word === 'TRUE' || word === 'FALSE')) return word === 'TRUE';
  throw new Mistake(
    `found ${describeToken(token)} where a value is expected, such as "es" or 3`,
    token,
  );
}

function parsePath(cursor: Cursor): Operand {
  const first = take(cursor);
  const path: (string | number)[] = [first.text];
  for (;;) {
    if (takeIf(cursor, '.')) {
      const name = take(cursor);
      if (name.kind !== 'word')
        throw new Mistake(`found ${describeToken(name)} where a name is expected`, name);
      path.push(name.text);
    } else if (takeIf(cursor, '[')) {
      const index = take(cursor);
      if (!/^\d+$/.test(index.text) || !takeIf(cursor, ']')) {
        throw new Mistake(
          `found ${describeToken(index)} where a position such as [0] is expected`,
          index,
        );
      }
      path.push(Number(index.text));
    } else break;
  }
  if (path.length > 1 && first.text === 'task') {
    throw new Mistake('found a Task attribute; a group sees only the Worker', first);
  }
  return { kind: 'path', path: path.length > 1 && first.text === 'worker' ? path.slice(1) : path };
}
