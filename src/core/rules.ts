// A compiled rule set: what `language/` makes of the YAML and what the rest of the core reads. It
// is already checked: nothing in it is malformed.

import type { Condition } from './condition/condition.ts';
import type { TargetExpression } from './expression.ts';
import type { Calendar, Schedule, Span, Zone } from './schedule/schedule.ts';

/** A position in the rules folder; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type Mode = 'enforce' | 'observe' | 'disabled';

export interface RuleSet {
  /** A hash of the files' names and contents: the same files always have the same id. */
  readonly id: string;
  readonly defaults: Defaults;
  readonly guardrails: Guardrails;
  readonly groups: ReadonlyMap<string, Group>;
  readonly calendars: ReadonlyMap<string, Calendar>;
  readonly schedules: ReadonlyMap<string, Schedule>;
  /** In the order of the files' names, then of their place in the file. */
  readonly rules: readonly Rule[];
  /** True when at least one of its files carries the marker of the shipped samples. */
  readonly sample: boolean;
}

export interface Defaults {
  readonly zone: Zone;
  /** null when the set states no mode: the place where it runs then decides (see `modeOf`). */
  readonly mode: Mode | null;
  /** How long a person's edit is respected. */
  readonly respectMs: number;
  readonly ifStale: 'hold' | 'release';
  readonly staleAfterMs: number;
  readonly optOut: Condition | null;
  /** Declared capacities by channel unique name; a declared baseline also means `available`. */
  readonly baseline: ReadonlyMap<string, number>;
}

export interface Guardrails {
  /** Lowest and highest capacity that headroom writes, by channel unique name. */
  readonly bounds: ReadonlyMap<string, readonly [number, number]>;
  readonly keepOpen: readonly KeepOpen[];
  readonly maxChange: { readonly workers: Amount; readonly perMs: number } | null;
  readonly minDwellMs: number;
}

export interface KeepOpen {
  readonly group: string;
  readonly channel: string;
  readonly atLeast: Amount;
  readonly at: Place;
}

/** A number of Workers, or a share of them as a fraction (0.3 for `30%`). */
export type Amount = { readonly count: number } | { readonly share: number };

export type Group =
  | { readonly kind: 'where'; readonly name: string; readonly where: Condition }
  | { readonly kind: 'target'; readonly name: string; readonly target: TargetExpression }
  | { readonly kind: 'queue'; readonly name: string; readonly queue: string };

export type Who =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'where'; readonly where: Condition }
  | { readonly kind: 'not'; readonly of: Who }
  | { readonly kind: 'any'; readonly of: readonly Who[] };

export type During =
  | { readonly kind: 'schedule'; readonly name: string }
  | { readonly kind: 'calendar'; readonly name: string }
  /** The schedule named by the Worker's attribute, e.g. path `['shift']`. */
  | { readonly kind: 'attribute'; readonly path: readonly string[] }
  | { readonly kind: 'any'; readonly of: readonly During[] };

export interface When {
  /** A hash of the text; when it changes, a claim stays and a pending hold time restarts. */
  readonly id: string;
  readonly enter: Condition;
  /** null: exit is not-enter. */
  readonly exit: Condition | null;
  readonly forMs: number;
  readonly keepMs: number;
  /** False when it names no Worker fact: then the rule has one state for all Workers. */
  readonly perWorker: boolean;
}

export interface Release {
  readonly afterMs: number | null;
  readonly or: Condition | null;
}

export interface Ramp {
  readonly since:
    | { readonly kind: 'attribute'; readonly path: readonly string[] }
    | { readonly kind: 'activity'; readonly field: 'since' | 'available_since' };
  /** Ascending; the first is always at zero. */
  readonly steps: readonly { readonly after: Span; readonly value: number | 'end' }[];
}

/** What one rule asks of one Worker Channel. `'ramp'` is the number of the ramp's step. */
export interface Setting {
  readonly set: number | 'ramp' | null;
  readonly add: number | 'ramp' | null;
  readonly min: number | 'ramp' | null;
  readonly max: number | 'ramp' | null;
  readonly pause: boolean;
}

export interface Then {
  readonly channels: ReadonlyMap<string, Setting>;
  /** For every Worker Channel that `channels` does not name. */
  readonly any: Setting | null;
}

export interface Limit {
  readonly workers: Amount;
  readonly pick: 'least_loaded' | 'random_stable' | 'longest_idle';
  readonly step: { readonly workers: Amount; readonly everyMs: number } | null;
}

export interface Rule {
  readonly name: string;
  readonly at: Place;
  readonly who: Who;
  readonly during: During | null;
  readonly when: When | null;
  readonly release: Release | null;
  readonly ramp: Ramp | null;
  readonly then: Then;
  readonly limit: Limit | null;
  readonly hard: boolean;
  /** null: the mode of the set. */
  readonly mode: Mode | null;
  /** From a file with the shipped samples' marker. */
  readonly sample: boolean;
  /** The first instant at which the rule is over, epoch ms. */
  readonly until: number | null;
  readonly priority: number;
  readonly ifStale: 'hold' | 'release';
  /** The sentence of `why`, with `{…}` placeholders as written. */
  readonly why: string | null;
}
