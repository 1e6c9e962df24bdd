// Sign-ins that ended early: a copy of the cookie is invalid on every replica. They are in one
// small document of the store, each until it would have ended anyway.

import { createHash } from 'node:crypto';
import { isWithin } from '../core/instants.ts';
import type { Json, Store } from '../ports.ts';
import { LIMITS } from './limits.ts';

const DOCUMENT = 'signed-out';
const ATTEMPTS = 5;

type Ended = Readonly<Record<string, number>>;

export class RevokedSessions {
  readonly #store: Pick<Store, 'getDocument' | 'putDocument'>;
  readonly #now: () => number;
  #ended: Ended = {};
  /** Ended here: a read that began before must not revive one of them. */
  #own: Ended = {};
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(store: Pick<Store, 'getDocument' | 'putDocument'>, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  async refresh(): Promise<void> {
    this.#readAt = this.#now();
    this.#ended = endedIn((await this.#store.getDocument(DOCUMENT))?.value);
  }

  /** By what this process knows; what others ended is read again in the background. */
  has(said: string): boolean {
    if (!isWithin(this.#readAt, this.#now(), LIMITS.signedOutFreshMs)) {
      // What is known stays; it is read again after `signedOutFreshMs`.
      this.refresh().catch(() => undefined);
    }
    const id = idOf(said);
    return id in this.#ended || id in this.#own;
  }

  async add(said: string, until: number): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const found = await this.#store.getDocument(DOCUMENT);
      const now = this.#now();
      const ended = { ...aliveIn(endedIn(found?.value), now), [idOf(said)]: until };
      if (await this.#store.putDocument(DOCUMENT, ended, found?.version ?? 0)) {
        this.#own = { ...aliveIn(this.#own, now), [idOf(said)]: until };
        return;
      }
      if (attempt === ATTEMPTS) throw new Error('the end of a sign-in could not be stored');
    }
  }
}

/** Without those whose session would have expired by now. */
function aliveIn(ended: Ended, now: number): Ended {
  return Object.fromEntries(Object.entries(ended).filter(([, ends]) => ends > now));
}

function idOf(said: string): string {
  return createHash('sha256').update(said).digest('base64url');
}

function endedIn(value: Json | undefined): Ended {
  const kept = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(
    kept.filter((pair): pair is [string, number] => typeof pair[1] === 'number'),
  );
}
