// What the store holds and hands out, as the port in `ports.ts` names it.

import type { WorkerSid } from './core/ids.ts';
import type { JournalEntry } from './core/journal.types.ts';

export type { JournalEntry } from './core/journal.types.ts';

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [k: string]: Json };

export interface Versioned<T> {
  readonly value: T;
  /** Grows by one with every save; pass it back to save what was changed. */
  readonly version: number;
}

export interface JournalPage {
  /**
   * Newest first; `id` grows with time and is the cursor. Where few are asked for there may be
   * fewer than `limit`, even none, though `next` leads to more: one read looks through so many at
   * most.
   */
  readonly entries: readonly (JournalEntry & { readonly id: string })[];
  /** Pass as `before` to read on; null at the end. */
  readonly next: string | null;
}

export interface JournalTail {
  /** Oldest first. */
  readonly entries: readonly (JournalEntry & { readonly id: string })[];
  /** Pass as `after` to read on. */
  readonly cursor: string;
  /** There is more than was asked for already. */
  readonly more: boolean;
}

export interface Changes {
  /** Each Worker once, however often it changed; null: its record was removed. */
  readonly workers: readonly { readonly sid: WorkerSid; readonly value: Json | null }[];
  /** Pass as `after` to read on. */
  readonly cursor: string;
  readonly more: boolean;
  /** The cursor is from another life of this store: anything may have changed since. */
  readonly lost: boolean;
}
