// What crossed headroom's border, in order: events in, answers in, writes out, people's orders.
// `at` is headroom's clock, epoch ms. A crash leaves no entry: it must change nothing.

import type { Field, Rules } from './language.ts';

/** The Worker as an event or an answer reported it, and since when. */
export interface WorkerReport {
  readonly since: number;
  /** From a read: whole seconds, so of two reads of the same second the later one counts. */
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

/** `of`: the Worker it concerns; absent: it concerns all, or there is only one. */
export type Entry = { readonly at: number; readonly of?: string } & (
  | { readonly kind: 'rules'; readonly rules: Rules }
  /** Everything is paused, or resumed. */
  | { readonly kind: 'paused'; readonly paused: boolean }
  /** headroom was down in between and looked at nothing. */
  | { readonly kind: 'down' | 'up' }
  | { readonly kind: 'worker'; readonly worker: WorkerReport; readonly activity: Activity }
  | {
      readonly kind: 'reservation';
      readonly type: string;
      readonly sid: string;
      readonly channel: string;
      readonly happenedAt: number;
    }
  /** An event says that this changed, but never to what. */
  | {
      readonly kind: 'changed';
      /** The event's SID: the same event may be delivered again. */
      readonly sid: string;
      readonly channel: string;
      readonly field: Field;
      readonly happenedAt: number;
    }
  | { readonly kind: 'read'; readonly began: number; readonly channels: readonly ReadChannel[] }
  /** TaskRouter's own list of the Worker's accepted Reservations. */
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
  /** A pass ended: decisions are made on what it knew. */
  | { readonly kind: 'look' }
  /** Nothing more has happened up to now. */
  | { readonly kind: 'quiet' }
  /** The Workers that a rule with a limit has taken from now on. */
  | { readonly kind: 'members'; readonly rule: string; readonly members: readonly string[] }
);

export interface Change {
  readonly capacity?: number;
  readonly available?: boolean;
}
