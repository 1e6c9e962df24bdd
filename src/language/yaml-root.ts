// From the text of a YAML file to the mapping at its top. Reports what is wrong before the meaning
// can be checked: invisible characters, and YAML itself.

import { isMap } from 'yaml';
import type { SourceFile } from './decode.ts';
import { LineIndex } from './line-index.ts';
import type { Session } from './session.ts';
import { type FileContext, SourceValue } from './source-value.ts';
import { readYaml } from './yaml-document.ts';
import type { Mistake } from './yaml-errors.ts';

/** null if there is no mapping to read; the mistakes have been reported to the session. */
export function readRoot(
  file: SourceFile,
  session: Session,
  words: { readonly expected: string; readonly empty: string },
): SourceValue | null {
  const lines = new LineIndex(file.text);
  const at = (offset: number) => ({ file: file.name, ...lines.at(offset) });
  const control = controlCharacter(file.text);
  if (control !== null) {
    const shown = `U+${control.code.toString(16).toUpperCase().padStart(4, '0')}`;
    const message = `found an invisible control character (${shown}), expected none`;
    session.report('file.control_character', at(control.offset), message);
    return null;
  }
  const yaml = readYaml(file.text);
  for (const { code, offset, message } of yaml.mistakes) {
    session.report(code, at(offset), message);
  }
  if (yaml.document === null) return null;
  const { contents } = yaml.document;
  const reading: FileContext = {
    name: file.name,
    text: file.text,
    lines,
    aliases: yaml.aliases,
    session,
    muted: yaml.broken,
    mutedLines: new Set(yaml.mistakes.filter(isSyntax).map(({ offset }) => lines.at(offset).line)),
    sample: isSample(contents),
  };
  const spot = new SourceValue(reading, contents, '', 0);
  if (spot.kind === 'map') return spot;
  if (spot.kind === 'empty') spot.report('file.empty', words.empty);
  else spot.report('value.type', `the file is ${spot.describe()}, expected ${words.expected}`);
  return null;
}

/** A duplicate key is still a valid name; after any other mistake the line cannot be checked. */
function isSyntax({ code }: Mistake): boolean {
  return code !== 'yaml.duplicate_key';
}

/** C0 controls other than tab and line ends; YAML forbids them and editors hide them. */
function controlCharacter(text: string): { offset: number; code: number } | null {
  for (let offset = 0; offset < text.length; offset++) {
    const code = text.charCodeAt(offset);
    const blank = code === 9 || code === 10 || code === 13;
    if ((code < 32 && !blank) || code === 127) return { offset, code };
  }
  return null;
}

/** Needed before the rules are read, wherever in the file it is. */
function isSample(contents: unknown): boolean {
  return isMap(contents) && contents.get('sample') === true;
}
