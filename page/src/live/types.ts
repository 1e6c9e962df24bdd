// What the daemon sends to the page. These are the API's own types, imported as types only: the
// page is built without a line of the daemon, and a field that changes there fails the type check
// here.

export type { PauseView } from '../../../src/control/pauses.ts';
export type { ChannelView, WorkerView } from '../../../src/control/views.ts';
export type { DeadJob } from '../../../src/core/dead-job.types.ts';
export type { StatusView } from '../../../src/daemon/status.ts';
export type { LiveChannel, LiveExplanation } from '../../../src/live/explain.ts';
export type { PlanPage } from '../../../src/live/plan.ts';
export type { LineView, QueueSignal, RuleSignal, SignalsView } from '../../../src/live/signals.ts';
export type { TimelineView } from '../../../src/live/timeline.ts';
export type { TimelineEntry } from '../../../src/live/timeline-entries.ts';
export type {
  ClaimExplained,
  FoldStep,
  RuleExplained,
  Seen,
  Setting,
} from '../../../src/trial/explain.types.ts';

import type { JournalEntry } from '../../../src/ports.ts';

export type Entry = JournalEntry & { readonly id: string };

/** One rule as `GET /api/v1/rules` shows it. */
export interface RuleView {
  readonly name: string;
  readonly mode: 'enforce' | 'observe' | 'disabled';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly priority: number;
  readonly hard: boolean;
  readonly until: string | null;
  readonly channels: readonly string[];
  readonly why: string | null;
  readonly paused: object | null;
}

export interface SessionView {
  /** Whether a sign-in is needed before anything is shown. */
  readonly needed: boolean;
  readonly name: string | null;
  readonly role: 'viewer' | 'supervisor' | 'admin' | null;
}
