// An explanation as plain JSON: the state of each Worker Channel of one Worker at one instant, why,
// and what comes next. The command line prints it; an API can return it as it is.

import type { World } from '../core/decide.ts';
import type { Reason } from '../core/reasons.ts';
import type { Mode, Place, RuleSet } from '../core/rules.ts';
import type { WorkerState } from '../core/state.ts';

/** What is explained: a Worker's record, its surroundings, and the instant, epoch ms. */
export interface ExplainInput {
  readonly rules: RuleSet;
  readonly state: WorkerState;
  readonly world: World;
  readonly at: number;
}

export interface Explanation {
  /** ISO instant, and the same as wall-clock time of the rule set. */
  readonly at: string;
  readonly wall: string;
  readonly worker: { readonly sid: string; readonly friendlyName: string | null };
  /** Why nothing is decided for this Worker at all; null: something is. */
  readonly stopped: ReasonText | null;
  readonly channels: readonly ChannelExplained[];
  /** The rules that claim nothing now, in the order of the files. */
  readonly silent: readonly RuleExplained[];
  readonly next: Next;
}

/** A reason code and its sentence. */
export interface ReasonText {
  readonly reason: Reason;
  readonly sentence: string;
}

export interface ChannelExplained {
  readonly channel: string;
  /** What TaskRouter reports; null: not read. */
  readonly observed: Setting | null;
  readonly claims: readonly ClaimExplained[];
  /** From the start to the result, in the order in which claims fold. */
  readonly fold: readonly FoldStep[];
  /** What it should be; null where headroom has no opinion. */
  readonly result: Setting;
  /** The one sentence that says why it is so. */
  readonly told: ReasonText;
  /** What it would be with the observing rules too; null when none claims it. */
  readonly shadow: Setting | null;
}

export interface Setting {
  readonly capacity: number | null;
  readonly available: boolean | null;
  /** Tasks in hand, where that is known. */
  readonly assigned?: number;
}

export interface FoldStep {
  readonly step: 'baseline' | 'edit' | 'set' | 'add' | 'min' | 'max' | 'pause' | 'bounds';
  readonly capacity: number | null;
  readonly available: boolean | null;
  /** Where it comes from: the rules, or the kind of baseline. */
  readonly by: readonly string[];
}

export interface RuleExplained extends ReasonText {
  readonly rule: string;
  readonly place: Place;
  readonly mode: Mode;
  /** Why a fact was unknown, in sentences. */
  readonly unknown: readonly string[];
  /** Its conditions, part by part, with the values that were seen. */
  readonly seen: readonly Seen[];
  /** When time alone may change this. */
  readonly until: { readonly at: string; readonly wall: string } | null;
}

export interface ClaimExplained extends RuleExplained {
  /** `set 3`, `max 1`, `pause`. */
  readonly asks: readonly string[];
  readonly hard: boolean;
  readonly priority: number;
  /** The rule's own sentence, filled in. */
  readonly why: string | null;
}

export interface Seen {
  readonly condition: 'enter' | 'exit' | 'release';
  readonly text: string;
  readonly verdict: 'holds' | 'fails' | 'unknown';
  /** e.g. `queue.Support.waiting = 18`. */
  readonly values: readonly string[];
}

export interface Next {
  /** ISO instant of the next look that time alone asks for; null: none within the horizon. */
  readonly lookAt: string | null;
  /** What will change if no fact changes, within `hours`. */
  readonly changes: readonly NextChange[];
  readonly hours: number;
}

export interface NextChange {
  readonly at: string;
  readonly wall: string;
  readonly channel: string;
  readonly from: Setting;
  readonly to: Setting;
  /** The deciding rule; null: back to its baseline. */
  readonly rule: string | null;
}
