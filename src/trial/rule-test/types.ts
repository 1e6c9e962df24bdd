// A rule test that is ready to run: names resolved, instants computed, Workers built.

import type { Change } from '../../core/plan.ts';
import type { Place } from '../../core/rules.ts';
import type { Simulation, SimulationState } from '../../core/simulation.ts';
import type { Expected } from './values.ts';

export interface Expectation {
  readonly place: Place;
  readonly at: number;
  /** As it is written: `after 6m`, `at 2026-06-10T10:06`. */
  readonly writtenTime: string;
  readonly workers: readonly string[];
  readonly channel: string;
  readonly expected: Expected;
  /** A rule, `person`, `baseline`, `guardrail` or a reason code. */
  readonly because: string | null;
}

/** A person's change of one Worker Channel. */
export interface Edit {
  readonly at: number;
  readonly worker: string;
  readonly channel: string;
  readonly to: Change;
}

export interface Trial {
  readonly name: string;
  readonly place: Place;
  /** The zone in which its instants are shown. */
  readonly zone: string;
  readonly start: number;
  readonly end: number;
  readonly simulation: Simulation;
  /** The Workers at the start, with what schedules have set already. */
  readonly initialState: SimulationState;
  readonly edits: readonly Edit[];
  /** By instant. */
  readonly expectations: readonly Expectation[];
  readonly changes: { readonly count: number; readonly place: Place } | null;
}
