// The tokens that people and tools send to the page and the API. Only their hashes are kept here,
// so the file reveals none; the owner of a token is found by comparing hashes.

import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';

export const ROLES = ['viewer', 'supervisor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Identity {
  readonly name: string;
  readonly role: Role;
}

export interface TokenEntry extends Identity {
  /** SHA-256 of the token, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** The entry of `HEADROOM_ADMIN_TOKEN`. */
export function adminEntry(token: string): TokenEntry {
  return { name: 'admin', role: 'admin', sha256: sha256(token).toString('hex') };
}

/** Whose token this is; null: nobody's. */
export function whoseToken(token: string, entries: readonly TokenEntry[]): Identity | null {
  const found = tokenEntry(token, entries);
  return found === null ? null : { name: found.name, role: found.role };
}

/** The same with its hash. Every entry is compared, whichever matches. */
export function tokenEntry(token: string, entries: readonly TokenEntry[]): TokenEntry | null {
  const shown = sha256(token);
  const matching = entries.filter((entry) => {
    const kept = Buffer.from(entry.sha256, 'hex');
    return kept.length === shown.length && timingSafeEqual(kept, shown);
  });
  return matching[0] ?? null;
}

type Read = { readonly tokens: readonly TokenEntry[] } | { readonly problems: readonly string[] };

/** Reads `HEADROOM_TOKENS_FILE`; its faults are reported as problems of the configuration. */
export async function readTokensFile(path: string): Promise<Read> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, 'code') : null;
    return { problems: [`HEADROOM_TOKENS_FILE: ${path} cannot be read (${code ?? 'unknown'}).`] };
  }
  return parseTokens(text, path);
}

/** `{ "tokens": [{ "name": "ann", "role": "viewer", "sha256": "<64 hexadecimal digits>" }] }` */
export function parseTokens(text: string, path: string): Read {
  const list = listOf(text);
  if (list === null) {
    const form = '{ "tokens": [{ "name": …, "role": …, "sha256": … }] }';
    return { problems: [`HEADROOM_TOKENS_FILE: ${path} is not of the form ${form}.`] };
  }
  const problems: string[] = [];
  const tokens: TokenEntry[] = [];
  for (const [index, entry] of list.entries()) {
    const read = entryOf(entry);
    if (typeof read !== 'string') tokens.push(read);
    else problems.push(`HEADROOM_TOKENS_FILE: ${path}: tokens[${index}].${read}.`);
  }
  for (const [index, { name, sha256 }] of tokens.entries()) {
    const before = tokens.slice(0, index);
    if (before.some((other) => other.name === name || other.sha256 === sha256)) {
      problems.push(`HEADROOM_TOKENS_FILE: ${path}: the name or token of "${name}" appears twice.`);
    }
  }
  return problems.length > 0 ? { problems } : { tokens };
}

function listOf(text: string): readonly unknown[] | null {
  try {
    const parsed: unknown = JSON.parse(text);
    const list =
      typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'tokens') : null;
    return Array.isArray(list) ? list : null;
  } catch {
    return null;
  }
}

/** One entry, or which field of it is wrong and what was expected there. */
function entryOf(value: unknown): TokenEntry | string {
  const entry = typeof value === 'object' && value !== null ? value : {};
  const name: unknown = Reflect.get(entry, 'name');
  const role: unknown = Reflect.get(entry, 'role');
  const hash: unknown = Reflect.get(entry, 'sha256');
  if (typeof name !== 'string' || !/^\S.{0,63}$/.test(name)) {
    return 'name is missing or not valid: expected up to 64 characters';
  }
  const known = ROLES.find((each) => each === role);
  if (known === undefined) {
    return `role is ${JSON.stringify(role) ?? 'missing'}: expected ${ROLES.join(', ')}`;
  }
  if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/i.test(hash)) {
    // Not shown: it may be the token itself.
    return 'sha256 is missing or not valid: expected 64 hexadecimal digits';
  }
  return { name, role: known, sha256: hash.toLowerCase() };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
