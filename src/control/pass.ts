// What one look of a pass has in hand once it has decided: handed on whole from step to step.

import type { Decision } from '../core/decide.ts';
import type { WorkerSid } from '../core/ids.ts';
import type { RuleSet } from '../core/rules.ts';
import type { PassUrgency } from '../ports.ts';
import type { ControlDeps } from './deps.ts';
import type { Loaded } from './records.ts';

/** When the Worker has to be looked at again by what was decided, epoch ms; null: not by time. */
export interface Due {
  at: number | null;
}

export interface Pass {
  readonly worker: WorkerSid;
  readonly loaded: Loaded;
  readonly decision: Decision;
  readonly rules: RuleSet;
  /** The one instant that this look takes for now, epoch ms. */
  readonly at: number;
  readonly deps: ControlDeps;
  readonly urgency: PassUrgency;
  readonly due: Due;
}
