/**
 * TaskRouter's expression language, text to tree. Keywords are case-insensitive; a single `=` is
 * read as `==`. Errors carry their column, as when TaskRouter refuses to save an expression.
 */
export type Value = string | number | boolean | null | Value[];
export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'CONTAINS' | 'HAS' | 'IN' | 'NOT IN';
export type Path = readonly (string | number)[];
export type Operand =
  | { readonly kind: 'constant'; readonly value: Value }
  | { readonly kind: 'path'; readonly path: Path };
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | {
      readonly kind: 'compare';
      readonly operator: Operator;
      readonly left: Operand;
      readonly right: Operand;
    };

export class ExpressionError extends Error {
  constructor(message: string, column: number) {
    super(`line 1:${column} ${message}`);
    this.name = 'ExpressionError';
  }
}

interface Token {
  readonly kind: 'string' | 'number' | 'word' | 'symbol' | 'end';
  readonly text: string;
  readonly column: number;
}

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_$][A-Za-z0-9_$]*)|(==|!=|<=|>=|=|<|>|\(|\)|\[|\]|,|\.))/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) {
      const column = at + (text.slice(at).match(/^\s*/)?.[0].length ?? 0);
      throw new ExpressionError(`token recognition error at: '${text[column] ?? ''}'`, column);
    }
    const [whole, string, number, word, symbol] = match;
    const value = string ?? number ?? word ?? symbol ?? '';
    const kind = string ? 'string' : number ? 'number' : word ? 'word' : 'symbol';
    tokens.push({ kind, text: value, column: at + whole.length - value.length });
    at += whole.length;
  }
  tokens.push({ kind: 'end', text: '<EOF>', column: text.length });
  return tokens;
}

export function parseExpression(text: string): Expression {
  return new Parser(tokenize(text)).whole();
}

class Parser {
  readonly #tokens: Token[];
  #at = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    const expression = this.#or();
    if (this.#peek().kind !== 'end') throw this.#extraneous('<EOF>');
    return expression;
  }

  #or(): Expression {
    const parts = [this.#and()];
    while (this.#keyword('OR')) parts.push(this.#and());
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'or', parts };
  }

  #and(): Expression {
    const parts = [this.#primary()];
    while (this.#keyword('AND')) parts.push(this.#primary());
    return parts.length === 1 && parts[0] ? parts[0] : { kind: 'and', parts };
  }

  #primary(): Expression {
    if (this.#symbol('(')) {
      const inner = this.#or();
      if (!this.#symbol(')')) throw this.#extraneous("')'");
      return inner;
    }
    const left = this.#operand();
    const operator = this.#operator();
    return { kind: 'compare', operator, left, right: this.#operand() };
  }

  #operator(): Operator {
    const token = this.#peek();
    switch (token.text.toUpperCase()) {
      case '==':
      case '=':
        this.#at += 1;
        return '==';
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
        this.#at += 1;
        return token.text as Operator;
      case 'CONTAINS':
      case 'HAS':
      case 'IN':
        this.#at += 1;
        return token.text.toUpperCase() as Operator;
      case 'NOT':
        this.#at += 1;
        if (!this.#keyword('IN')) throw this.#extraneous('IN');
        return 'NOT IN';
      default:
        throw this.#extraneous('OPERATOR');
    }
  }

  #operand(): Operand {
    const token = this.#peek();
    if (token.text === '[' && token.kind === 'symbol')
      return { kind: 'constant', value: this.#array() };
    if (token.kind === 'word' && !/^(true|false)$/i.test(token.text)) return this.#path();
    return { kind: 'constant', value: this.#scalar() };
  }

  #scalar(): Value {
    const token = this.#peek();
    this.#at += 1;
    if (token.kind === 'string') return token.text.slice(1, -1).replace(/\\(.)/g, '$1');
    if (token.kind === 'number') return Number(token.text);
    if (/^true$/i.test(token.text)) return true;
    if (/^false$/i.test(token.text)) return false;
    this.#at -= 1;
    throw this.#extraneous('a value');
  }

  #array(): Value[] {
    this.#symbol('[');
    const values: Value[] = [];
    if (this.#symbol(']')) return values;
    do values.push(this.#scalar());
    while (this.#symbol(','));
    if (!this.#symbol(']')) throw this.#extraneous("']'");
    return values;
  }

  #path(): Operand {
    const path: (string | number)[] = [this.#word()];
    for (;;) {
      if (this.#symbol('.')) path.push(this.#word());
      else if (this.#symbol('[')) {
        path.push(Number(this.#scalar()));
        if (!this.#symbol(']')) throw this.#extraneous("']'");
      } else return { kind: 'path', path };
    }
  }

  #word(): string {
    const token = this.#peek();
    if (token.kind !== 'word') throw this.#extraneous('IDENTIFIER');
    this.#at += 1;
    return token.text;
  }

  #keyword(word: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'word' || token.text.toUpperCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  #symbol(symbol: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'symbol' || token.text !== symbol) return false;
    this.#at += 1;
    return true;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '<EOF>', column: 0 };
  }

  #extraneous(expected: string): ExpressionError {
    const token = this.#peek();
    return new ExpressionError(
      `extraneous input '${token.text}' expecting ${expected}`,
      token.column,
    );
  }
}
