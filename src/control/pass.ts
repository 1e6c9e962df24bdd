// What one round of a pass has once it has decided, handed on whole from step to step.

import type { Decision } from '../core/decide.ts';
import type { WorkerSid } from '../core/ids.ts';
import type { RuleSet } from '../core/rules.ts';
import type { PassUrgency } from '../ports.ts';
import type { ControlDeps } from './deps.ts';
import type { LoadedRecord } from './records.ts';

export const PASS_LIMITS = {
  /** Rounds, after reads and conflicts with other consumers, until a pass is retried later. */
  rounds: 12,
  /** An event that arrives while channels are read causes another read, up to this many. */
  reads: 3,
} as const;

/** When the decision requires the next look at the Worker, epoch ms; null: at no given time. */
export interface NextLook {
  at: number | null;
}

export interface Pass {
  readonly worker: WorkerSid;
  readonly loaded: LoadedRecord;
  readonly decision: Decision;
  readonly rules: RuleSet;
  /** The one instant that this round uses as now, epoch ms. */
  readonly at: number;
  readonly deps: ControlDeps;
  readonly urgency: PassUrgency;
  readonly due: NextLook;
}
