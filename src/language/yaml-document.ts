// One YAML file as a tree of nodes with their offsets, and every mistake of its YAML. Small
// mistakes are repaired in a copy, so that the rest of the file is still read as it was meant.

import { Composer, type ParsedNode, type Document as YamlDocument } from 'yaml';
import { LIMITS } from './limits.ts';
import { fromYaml, isHarmless, type Mistake } from './yaml-errors.ts';
import { repair } from './yaml-repair.ts';
import { tokensOf } from './yaml-tokens.ts';
import { type Aliases, YamlTree } from './yaml-tree.ts';

export interface ReadYaml {
  /** null where the text cannot be read as YAML at all. */
  readonly document: YamlDocument.Parsed<ParsedNode> | null;
  readonly aliases: Aliases;
  readonly mistakes: readonly Mistake[];
  /** The tree may not be what was meant, also on lines without a mistake. */
  readonly broken: boolean;
}

export function readYaml(original: string): ReadYaml {
  const repaired: Mistake[] = [];
  let text = original;
  for (let round = 0; ; round++) {
    const { tree, document, syntax } = readOnce(text);
    const fatal = syntax.find(({ code }) => !isHarmless(code));
    const next = fatal === undefined || round >= LIMITS.yamlRepairs ? null : repair(text, fatal);
    if (fatal !== undefined && next !== null) {
      repaired.push(fatal);
      text = next;
      continue;
    }
    const all = [...repaired, ...syntax].sort((a, b) => a.offset - b.offset);
    return {
      document: tree?.safe === true ? document : null,
      aliases: tree?.aliases ?? new Map(),
      mistakes: [...firstOnEachLine(all, text), ...(tree?.mistakes ?? [])],
      broken: fatal !== undefined || tree?.safe !== true,
    };
  }
}

interface ParsedYaml {
  readonly document: YamlDocument.Parsed<ParsedNode> | null;
  readonly tree: YamlTree | null;
  /** By offset. */
  readonly syntax: readonly Mistake[];
}

function readOnce(text: string): ParsedYaml {
  const tokens = tokensOf(text);
  if (!Array.isArray(tokens)) return { document: null, tree: null, syntax: [tokens] };
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, version: '1.2' });
  const [document, second] = [...composer.compose(tokens, true, text.length)];
  if (document === undefined) return { document: null, tree: null, syntax: [] };
  const tree = new YamlTree(document, text);
  const found = [...document.errors, ...document.warnings].map((error) => fromYaml(error, text));
  if (second !== undefined) found.push(severalDocuments(second));
  const syntax = found.map((mistake) => atOpening(mistake, tree.unclosed));
  return { document, tree, syntax: syntax.sort((a, b) => a.offset - b.offset) };
}

/** Where the quote or bracket was opened: the parser only notices at the end of the file. */
function atOpening(mistake: Mistake, unclosed: YamlTree['unclosed']): Mistake {
  const quote = mistake.code === 'yaml.unclosed_quote';
  if (!quote && mistake.code !== 'yaml.unclosed_bracket') return mistake;
  const opened = quote ? unclosed.quotes[0] : unclosed.brackets.at(-1);
  return opened === undefined ? mistake : { ...mistake, offset: opened };
}

function severalDocuments(second: YamlDocument.Parsed<ParsedNode>): Mistake {
  const sentence = 'a second document begins here, expected one YAML document in a file';
  return { code: 'yaml.several_documents', offset: second.range[0], message: sentence };
}

/** One mistake often makes the parser report several mistakes on the same line. */
function firstOnEachLine(mistakes: readonly Mistake[], text: string): readonly Mistake[] {
  const seen = new Set<number>();
  return mistakes.filter(({ offset }) => {
    const line = text.lastIndexOf('\n', offset - 1);
    if (seen.has(line)) return false;
    seen.add(line);
    return true;
  });
}
