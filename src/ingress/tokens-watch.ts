// Follows HEADROOM_TOKENS_FILE: a token removed from it is invalid within seconds, and a file with
// a mistake in it locks nobody out.

import { unwatchFile, watchFile } from 'node:fs';
import { readTokensFile, type TokenEntry } from './tokens.ts';

export interface TokensWatch {
  /** What is wrong with the file as it is now; the last good one then stays in force. */
  problems(): readonly string[];
  stop(): void;
}

/** Polled, because a mounted secret is replaced by another file without notification. */
const LOOK_MS = 2_000;

export function watchTokens(
  path: string,
  {
    onTokens,
    onProblems,
    lookMs = LOOK_MS,
  }: {
    onTokens(tokens: readonly TokenEntry[]): void;
    onProblems(problems: readonly string[]): void;
    readonly lookMs?: number;
  },
): TokensWatch {
  let problems: readonly string[] = [];
  const reread = async () => {
    const read = await readTokensFile(path);
    problems = 'problems' in read ? read.problems : [];
    if ('problems' in read) onProblems(read.problems);
    else onTokens(read.tokens);
  };
  // Never rejects: what cannot be read is reported as a problem.
  const look = () => void reread();
  watchFile(path, { interval: lookMs, persistent: false }, look);
  return { problems: () => problems, stop: () => unwatchFile(path, look) };
}
