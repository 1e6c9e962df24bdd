// What crossed headroom's border, in order: events in, answers in, writes out, what people ordered.
// `at` is headroom's clock, epoch ms. A crash leaves no entry: it is to change nothing.

import type { Field, Rules } from './language.ts';

/** The Worker as an event or an answer told it, and the instant at which that was so. */
export interface Told {
  readonly since: number;
  /** From a read: whole seconds, and so of two reads of one second the later one. */
  readonly read: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
}
export interface Activity {
  readonly since: number;
  readonly read: boolean;
  readonly available: boolean;
}

export interface ReadChannel {
  readonly channel: string;
  readonly capacity: number;
  readonly available: boolean;
}

/** `of`: the Worker whom it concerns; absent: it concerns all, or there is but one. */
export type Entry = { readonly at: number; readonly of?: string } & (
  | { readonly kind: 'rules'; readonly rules: Rules }
  /** Everything is paused, or goes on. */
  | { readonly kind: 'paused'; readonly paused: boolean }
  /** Nobody looked in between. */
  | { readonly kind: 'down' | 'up' }
  | { readonly kind: 'worker'; readonly worker: Told; readonly activity: Activity }
  | {
      readonly kind: 'reservation';
      readonly type: string;
      readonly sid: string;
      readonly channel: string;
      readonly happenedAt: number;
    }
  /** An event says that this was changed, and by its nature not to what. */
  | {
      readonly kind: 'changed';
      /** Of the event: the same one may be told again. */
      readonly sid: string;
      readonly channel: string;
      readonly field: Field;
      readonly happenedAt: number;
    }
  | { readonly kind: 'read'; readonly began: number; readonly channels: readonly ReadChannel[] }
  /** TaskRouter's own list of what the Worker has in hand. */
  | {
      readonly kind: 'accepted';
      readonly list: readonly { readonly sid: string; readonly channel: string }[];
    }
  | { readonly kind: 'write'; readonly id: number; readonly channel: string; readonly to: Change }
  /** An answer to a write, or that there will be none. */
  | {
      readonly kind: 'written';
      readonly id: number;
      readonly channel: string;
      readonly how: 'answered' | 'refused' | 'lost';
      /** What the answer shows. */
      readonly shows: ReadChannel | null;
    }
  /** A pass came to its end: what it knew is decided upon. */
  | { readonly kind: 'look' }
  /** Nothing more has happened up to now. */
  | { readonly kind: 'quiet' }
  /** Whom a rule with a limit has taken from now on. */
  | { readonly kind: 'members'; readonly rule: string; readonly members: readonly string[] }
);

export interface Change {
  readonly capacity?: number;
  readonly available?: boolean;
}
