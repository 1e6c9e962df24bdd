// Who is at the page and what they may do. A token is exchanged once for a cookie that no script
// can read, and is stored nowhere.

import { get, Refused, send } from './api.ts';
import type { Live } from './live.ts';
import { Topics } from './topics.ts';
import type { SessionView } from './types.ts';

const RANKS = ['viewer', 'supervisor', 'admin'] as const;

export class Session {
  readonly topics = new Topics<'session'>();
  view: SessionView | null = null;
  readonly #live: Live;

  constructor(live: Live) {
    this.#live = live;
    void this.refresh();
    // The daemon may have been away, and a role may have changed meanwhile.
    live.topics.on('link', () => {
      if (live.link === 'live') void this.refresh();
    });
  }

  may(role: (typeof RANKS)[number]): boolean {
    const own = this.view?.role ?? null;
    return own !== null && RANKS.indexOf(own) >= RANKS.indexOf(role);
  }

  async refresh(): Promise<void> {
    try {
      this.view = await get<SessionView>('session');
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // One who cannot be asked has not said that the session is over.
      if (error.status !== 0) this.view = null;
    }
    this.topics.changed('session');
  }

  /** Rejects with `Refused` if the token is not valid. */
  async signIn(token: string): Promise<void> {
    await send('POST', 'session', { token: token.trim() });
    await this.refresh();
    this.#live.start();
  }

  /** Goes on if somebody has signed in meanwhile, in another tab. */
  async continueIfSignedIn(): Promise<void> {
    await this.refresh();
    if (this.may('viewer')) this.#live.start();
  }

  /** Rejects with `Refused` if the session could not be ended. */
  async signOut(): Promise<void> {
    await send('DELETE', 'session');
    // What was shown must not stay on the screen.
    location.reload();
  }
}
