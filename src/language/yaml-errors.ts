// The YAML parser's errors as sentences for people who do not know YAML's own terms.

import type { YAMLParseError, YAMLWarning } from 'yaml';
import type { Code } from './codes.ts';
import { quote } from './diagnostic.ts';

/** A mistake whose place is an offset in the file's text. */
export interface Mistake {
  readonly code: Code;
  readonly offset: number;
  readonly message: string;
}

const HARMLESS: readonly Code[] = ['yaml.tag', 'yaml.directive', 'yaml.several_documents'];

/** Whether the parser reads the rest of the file as it was meant. */
export function isHarmless(code: Code): boolean {
  return HARMLESS.includes(code);
}

/** Converts a parser's `error`; `text` is the whole file. */
export function fromYaml(error: YAMLParseError | YAMLWarning, text: string): Mistake {
  const offset = Math.min(error.pos[0], text.length);
  const { code, message } = describeError(error, text, offset);
  return { code, message, offset: placeOf(code, offset, text) };
}

type MistakeText = Pick<Mistake, 'code' | 'message'>;

function describeError(
  error: YAMLParseError | YAMLWarning,
  text: string,
  offset: number,
): MistakeText {
  const found = quote(lineAt(text, offset).trim(), 40);
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return {
        code: 'yaml.tab',
        message: 'a tab indents this line, expected spaces (YAML allows no tabs there)',
      };
    case 'BAD_INDENT':
      return /end with a/.test(error.message)
        ? unclosedBracket()
        : { code: 'yaml.indent', message: `${found} is not indented like the lines beside it` };
    case 'MISSING_CHAR':
      return missingCharacter(error.message, found);
    case 'MULTILINE_IMPLICIT_KEY':
      return { code: 'yaml.no_colon', message: `${found} has no ":" after its name` };
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        code: 'yaml.colon_in_text',
        message: `${found} has a second ": " in one line; put text with a colon in quotes`,
      };
    case 'BAD_SCALAR_START':
      return {
        code: 'yaml.reserved_character',
        message: `a text cannot begin with ${quote(text.charAt(offset))}; put it in quotes`,
      };
    case 'BAD_DQ_ESCAPE':
      return {
        code: 'yaml.bad_escape',
        message: `${quote(text.slice(offset, offset + 2))} is not a valid escape inside "…"; use '…' quotes`,
      };
    case 'TAG_RESOLVE_FAILED':
      return {
        code: 'yaml.tag',
        message: `${quote(firstWord(text, offset))} is a YAML tag, expected a plain value`,
      };
    case 'BAD_DIRECTIVE':
      return {
        code: 'yaml.directive',
        message: `${found} is a YAML directive, expected none (rules are YAML 1.2)`,
      };
    case 'UNEXPECTED_TOKEN':
      return /^[\]}]$/.test(text.charAt(offset))
        ? extraBracket(text.charAt(offset))
        : other(error, found);
    case 'RESOURCE_EXHAUSTION':
      return { code: 'yaml.too_deep', message: 'the nesting is too deep here' };
    default:
      return other(error, found);
  }
}

function other(error: YAMLParseError | YAMLWarning, found: string): MistakeText {
  return {
    code: 'yaml.syntax',
    message: `${found} is not YAML here: ${lowerFirst(error.message)}`,
  };
}

function extraBracket(bracket: string): MistakeText {
  const message = `this "${bracket}" closes nothing, expected a bracket to be opened before it`;
  return { code: 'yaml.extra_bracket', message };
}

function missingCharacter(message: string, found: string): MistakeText {
  if (/closing ["']/.test(message)) {
    return {
      code: 'yaml.unclosed_quote',
      message: 'a quote is opened here and never closed, expected a closing quote',
    };
  }
  if (/without - indicator/.test(message)) {
    return {
      code: 'yaml.indent',
      message: `${found} is indented differently from the list item above`,
    };
  }
  if (/end with a|expected flow .* to end/i.test(message)) return unclosedBracket();
  if (/Implicit keys|map keys|implicit key/i.test(message)) {
    return { code: 'yaml.no_colon', message: `${found} has no ":" after its name` };
  }
  return { code: 'yaml.syntax', message: `${found} is not YAML here: ${lowerFirst(message)}` };
}

function unclosedBracket(): MistakeText {
  return {
    code: 'yaml.unclosed_bracket',
    message: 'a bracket is opened here and never closed, expected its "]" or "}"',
  };
}

/** Bad indentation and missing colons are placed at the first character of their line. */
function placeOf(code: Code, offset: number, text: string): number {
  if (code !== 'yaml.indent' && code !== 'yaml.no_colon') return offset;
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return start + (/^[ \t]*/.exec(lineAt(text, offset))?.[0].length ?? 0);
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '');
}

function firstWord(text: string, offset: number): string {
  return /^\S+/.exec(text.slice(offset, offset + 80))?.[0] ?? '';
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
