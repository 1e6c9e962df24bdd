// The types of what the store holds, for the port in `ports.ts`.

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
  /** Grows by one with every save; pass it as `expected` to save a change. */
  readonly version: number;
}

export interface JournalPage {
  /**
   * Newest first; `id` grows with time and is the cursor. If few entries match, there may be fewer
   * than `limit`, even none, although `next` leads to more: one read scans a limited number.
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
  /** There are more than `limit`. */
  readonly more: boolean;
}

export interface RecordChanges {
  /** Each Worker once, however often it changed; null: its record was removed. */
  readonly workers: readonly { readonly sid: WorkerSid; readonly value: Json | null }[];
  /** Pass as `after` to read on. */
  readonly cursor: string;
  readonly more: boolean;
  /** The cursor is from an earlier life of this store: anything may have changed since. */
  readonly lost: boolean;
}
