// The tokens of a YAML text, counted as they come: the parser behind them recurses over nesting, so
// what is too deep or too long must never reach it.

import { CST, Lexer, Parser } from 'yaml';
import { LIMITS } from './limits.ts';
import type { Mistake } from './yaml-errors.ts';

/** The parser's tokens, or the mistake that makes it unsafe to read on. */
export function tokensOf(text: string): CST.Token[] | Mistake {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let [offset, depth, marks, count] = [0, 0, 0, 0];
  let type: CST.TokenType | 'text' | null = null;
  for (const lexeme of new Lexer().lex(text)) {
    // The lexer puts a mark before a scalar; what follows the mark is its text.
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

/** Marks of the lexer that correspond to no character of the file. */
function isMark(type: string | null): boolean {
  return type === 'doc-mode' || type === 'flow-error-end' || type === 'scalar';
}

export function tooDeep(offset: number): Mistake {
  const most = `expected at most ${LIMITS.yamlDepth} levels`;
  return { code: 'yaml.too_deep', offset, message: `the nesting is too deep here, ${most}` };
}

export function tooBig(offset: number, found: string): Mistake {
  const sentence = `the file has ${found}, expected rules that people can read`;
  return { code: 'yaml.too_big', offset, message: sentence };
}
