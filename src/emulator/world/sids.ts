/**
 * SIDs: two letters and 32 hex digits. Things that are set up (Workspaces, Workers, Activities …)
 * get theirs from the seed and their name, so that a restart finds the same Workers; things that
 * happen (Tasks, Reservations, events) get theirs from the seed and the start, so that a restart
 * never repeats one that a listener has already seen.
 */
import { hash } from 'node:crypto';

export class Sids {
  readonly #seed: string;
  readonly #run: string;
  readonly #uses = new Map<string, number>();
  #count = 0;

  constructor(seed: number, startedAt: number) {
    this.#seed = String(seed);
    this.#run = `${seed}:${startedAt}`;
  }

  /** A name used again (deleted, then created anew) gets a new SID. */
  stable(prefix: string, ...key: string[]): string {
    const name = [prefix, ...key].join('/');
    const use = this.#uses.get(name) ?? 0;
    this.#uses.set(name, use + 1);
    return prefix + hex32(use === 0 ? `${this.#seed}/${name}` : `${this.#seed}/${name}#${use}`);
  }

  next(prefix: string): string {
    this.#count += 1;
    return prefix + hex32(`${this.#run}/${prefix}/${this.#count}`);
  }

  /** Not a SID: 32 hex digits that stay the same for a seed, such as an auth token. */
  secret(name: string): string {
    return hex32(`${this.#seed}/secret/${name}`);
  }
}

function hex32(text: string): string {
  return hash('sha256', text).slice(0, 32);
}

export function isSid(prefix: string, text: string): boolean {
  return text.length === 34 && text.startsWith(prefix) && /^[0-9a-f]{32}$/i.test(text.slice(2));
}
