// Reports when the content of the rules folder changes: in place, by an editor's rename, behind a
// ConfigMap's link, or when the folder disappears and returns. The system's events only say "look";
// what counts is a hash of the content, and a slow poll finds what no event reported.

import { createHash } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type FolderRead, readFolder } from './folder.ts';

export interface WatchOptions {
  /** How long it must be quiet before a look: editors and ConfigMaps write in several steps. */
  readonly settleMs?: number;
  readonly pollMs?: number;
  /** How soon it looks again while the folder cannot be watched. */
  readonly retryMs?: number;
}

export interface FolderWatch {
  /** Resolves after the first look: changes from then on are reported. */
  readonly ready: Promise<void>;
  stop(): void;
}

/**
 * Calls `onChange` after each change of content since it was `ready`; so watch first, then read.
 */
export function watchFolder(
  path: string,
  onChange: () => void,
  options: WatchOptions = {},
): FolderWatch {
  return new FolderWatcher(path, onChange, options);
}

class FolderWatcher implements FolderWatch {
  readonly ready: Promise<void>;
  readonly #path: string;
  readonly #onChange: () => void;
  readonly #settleMs: number;
  readonly #pollMs: number;
  readonly #retryMs: number;
  readonly #watchers = new Map<string, FSWatcher>();
  #timer: NodeJS.Timeout | null = null;
  #last: string | null = null;
  #looking = false;
  #lookAgain = false;
  #stopped = false;

  constructor(path: string, onChange: () => void, options: WatchOptions) {
    this.#path = path;
    this.#onChange = onChange;
    this.#settleMs = options.settleMs ?? 150;
    this.#pollMs = options.pollMs ?? 30_000;
    this.#retryMs = options.retryMs ?? 1_000;
    this.ready = this.#look();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const key of [...this.#watchers.keys()]) this.#drop(key);
  }

  /** One look at a time; an event during a look asks for one more. */
  async #look(): Promise<void> {
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = true;
    this.#lookAgain = false;
    const read = await readFolder(this.#path);
    await this.#follow(read.folders);
    this.#looking = false;
    if (this.#stopped) return;
    const now = fingerprint(read);
    const changed = this.#last !== null && this.#last !== now;
    this.#last = now;
    const patience = this.#watchers.size > 0 ? this.#pollMs : this.#retryMs;
    this.#lookIn(this.#lookAgain ? this.#settleMs : patience);
    if (changed) this.#onChange();
  }

  #lookIn(ms: number): void {
    if (this.#stopped) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), ms);
  }

  /** One watcher per folder, by its inode: a folder replaced under the same name is another. */
  async #follow(folders: readonly string[]): Promise<void> {
    const wanted = new Map<string, string>();
    for (const folder of folders) {
      const found = await stat(folder).catch(() => null);
      if (found !== null) wanted.set(`${found.dev}:${found.ino}:${folder}`, folder);
    }
    if (this.#stopped) return;
    for (const key of [...this.#watchers.keys()]) if (!wanted.has(key)) this.#drop(key);
    let begun = false;
    for (const [key, folder] of wanted) {
      if (!this.#watchers.has(key)) begun = this.#begin(key, folder) || begun;
    }
    // A change between reading the folder and watching it sent no event.
    if (begun) this.#lookAgain = true;
  }

  #begin(key: string, folder: string): boolean {
    try {
      const watcher = watch(folder, () => this.#lookIn(this.#settleMs));
      watcher.on('error', () => {
        this.#drop(key);
        this.#lookIn(this.#settleMs);
      });
      this.#watchers.set(key, watcher);
      return true;
    } catch {
      // It disappeared again, or the system has no watcher left: the poll covers it.
      return false;
    }
  }

  #drop(key: string): void {
    this.#watchers.get(key)?.close();
    this.#watchers.delete(key);
  }
}

function fingerprint({ files, diagnostics }: FolderRead): string {
  const hash = createHash('sha256');
  for (const { name, text } of files) hash.update(JSON.stringify([name, text]));
  for (const { file, code, message } of diagnostics) {
    hash.update(JSON.stringify([file, code, message]));
  }
  return hash.digest('hex');
}
