// Reads the rules folder into memory. What cannot be read is reported next to what can; an
// unreadable folder is a fault and never looks like an empty one.

import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Compiled, compileRules } from './compile.ts';
import { decode, type SourceFile, tooLarge } from './decode.ts';
import { compareText, type Diagnostic, diagnostic, inOrder, quote } from './diagnostic.ts';
import { LIMITS } from './limits.ts';

export interface FolderRead {
  /** Names are relative to the folder, with `/`. */
  readonly files: readonly SourceFile[];
  /** Not empty: the folder is faulty, whatever `files` contains. */
  readonly diagnostics: readonly Diagnostic[];
  /** Absolute paths of the folders that were read, for watching them. */
  readonly folders: readonly string[];
}

/** Folders below the rules folder; deeper ones are more likely a loop of links than rules. */
const MAX_DEPTH = 8;

/** Reads every `*.yaml`, `*.yml` and `*.ics` below `path`; hidden files and folders are skipped. */
export async function readFolder(path: string): Promise<FolderRead> {
  const walk = new FolderWalker(path);
  await walk.folder('', 0);
  const names = walk.names.sort(compareText);
  if (names.length > LIMITS.files) {
    const most = `expected at most ${LIMITS.files}`;
    const sentence = `the rules folder holds ${names.length} files, ${most}`;
    return {
      files: [],
      diagnostics: [diagnostic('folder.too_many_files', '.', sentence)],
      folders: walk.folders,
    };
  }
  const files: SourceFile[] = [];
  for (const name of names) {
    const read = await readOne(path, name);
    if ('code' in read) walk.diagnostics.push(read);
    else files.push(read);
  }
  return { files, diagnostics: walk.diagnostics, folders: walk.folders };
}

/** Reads and compiles; faults of the folder are among the diagnostics. */
export async function loadRules(path: string): Promise<Compiled> {
  const read = await readFolder(path);
  const compiled = compileRules(read.files);
  if (read.diagnostics.length === 0) return compiled;
  // If files could not be read, "no rules" would only be a consequence.
  const others = compiled.diagnostics.filter(({ code }) => code !== 'folder.no_rules');
  return { ruleSet: null, diagnostics: inOrder([...read.diagnostics, ...others]) };
}

class FolderWalker {
  readonly names: string[] = [];
  readonly folders: string[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly #root: string;
  readonly #seen = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  async folder(name: string, depth: number): Promise<void> {
    const path = join(this.#root, name);
    let entries: Dirent[];
    try {
      const real = await realpath(path);
      if (this.#seen.has(real) || depth > MAX_DEPTH) return;
      this.#seen.add(real);
      entries = await readdir(path, { withFileTypes: true });
    } catch (error) {
      this.diagnostics.push(folderFault(this.#root, name, error));
      return;
    }
    this.folders.push(path);
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      await this.#entry(name === '' ? entry.name : `${name}/${entry.name}`, entry, depth);
    }
  }

  async #entry(name: string, entry: Dirent, depth: number): Promise<void> {
    if (await this.#isFolder(name, entry)) return this.folder(name, depth + 1);
    if (/\.(?:ya?ml|ics)$/i.test(name)) this.names.push(name);
  }

  /** Links are followed: a mounted ConfigMap is made of them. */
  async #isFolder(name: string, entry: Dirent): Promise<boolean> {
    if (!entry.isSymbolicLink()) return entry.isDirectory();
    try {
      return (await stat(join(this.#root, name))).isDirectory();
    } catch {
      // A dangling link is reported when it is read, and only if it is named like a rules file.
      return false;
    }
  }
}

async function readOne(folder: string, name: string): Promise<SourceFile | Diagnostic> {
  const path = join(folder, name);
  try {
    const { size } = await stat(path);
    if (size > LIMITS.fileBytes) return tooLarge(name, size);
    const decoded = decode(name, await readFile(path));
    return decoded.ok ? decoded.file : decoded.diagnostic;
  } catch (error) {
    return diagnostic('file.unreadable', name, `the file cannot be read: ${reasonOf(error)}`);
  }
}

function folderFault(root: string, name: string, error: unknown): Diagnostic {
  const code = errorCode(error);
  if (name !== '') {
    return diagnostic('file.unreadable', name, `the folder cannot be read: ${reasonOf(error)}`);
  }
  if (code === 'ENOENT') {
    return diagnostic('folder.missing', '.', `there is no rules folder at ${quote(root, 200)}`);
  }
  if (code === 'ENOTDIR') {
    const sentence = `${quote(root, 200)} is a file, expected a folder of *.yaml files`;
    return diagnostic('folder.not_a_folder', '.', sentence);
  }
  const sentence = `the rules folder ${quote(root, 200)} cannot be read: ${reasonOf(error)}`;
  return diagnostic('file.unreadable', '.', sentence);
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it is a link to nothing, or was just removed',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ELOOP: 'its links form a loop',
};

function reasonOf(error: unknown): string {
  const code = errorCode(error);
  return REASONS[code] ?? (code === '' ? String(error) : code);
}
