// The rules of a history as data: the small part of the rule language that histories use. The model
// reads them as they are; `yaml.ts` writes them out for headroom.

export const CHANNELS = ['chat', 'voice'] as const;
export type Field = 'capacity' | 'available';

export type Condition =
  /** `activity.available` */
  | { readonly fact: 'available' }
  /** `worker.level >= n`; unknown where the Worker has no level. */
  | { readonly fact: 'level'; readonly atLeast: number }
  /** `channel("voice").assigned >= n` */
  | { readonly fact: 'assigned'; readonly channel: string; readonly atLeast: number }
  /** `channel("voice").capacity >= n` */
  | { readonly fact: 'capacity'; readonly channel: string; readonly atLeast: number }
  /** `count(type, duration(window)) >= n` */
  | {
      readonly fact: 'count';
      readonly type: string;
      readonly windowS: number;
      readonly atLeast: number;
    }
  | { readonly not: Condition }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] };

export interface When {
  readonly enter: Condition;
  readonly exit: Condition | null;
  readonly forS: number;
  readonly keepS: number;
}

export interface Setting {
  readonly set?: number;
  readonly add?: number;
  readonly min?: number;
  readonly max?: number;
  readonly pause?: boolean;
}

/** A number of Workers, or a share of them, rounded up. */
export type Amount = { readonly count: number } | { readonly percent: number };

export interface Limit {
  readonly workers: Amount;
  readonly pick: 'least_loaded' | 'longest_idle' | 'random_stable';
  readonly step: { readonly workers: Amount; readonly everyS: number } | null;
}

/** At least this many of the team have to stay open on the channel. */
export interface Floor {
  readonly team: string;
  readonly channel: string;
  readonly atLeast: Amount;
}

export interface Rule {
  readonly name: string;
  /** null: everyone; else the Workers of this team, or all others. */
  readonly who: { readonly team: string; readonly not: boolean } | null;
  /** Daily, UTC, in minutes of the day; past midnight if the end is not after the start. */
  readonly during: { readonly from: number; readonly to: number } | null;
  readonly when: When | null;
  readonly release: { readonly afterS: number | null; readonly or: Condition | null } | null;
  /** By channel; `any` applies to those not named. */
  readonly then: Readonly<Record<string, Setting>>;
  readonly hard: boolean;
  readonly priority: number;
  readonly mode: 'enforce' | 'observe' | 'disabled';
  readonly ifStale: 'hold' | 'release';
  /** Absent: it applies to all its Workers. */
  readonly limit?: Limit | null;
}

export interface Rules {
  readonly rules: readonly Rule[];
  readonly respectS: number;
  readonly dwellS: number;
  readonly bounds: Readonly<Record<string, readonly [number, number]>>;
  readonly baseline: Readonly<Record<string, number>>;
  /** No rule claims a Worker with `headroom: "off"`. */
  readonly optOut: boolean;
  readonly keepOpen?: readonly Floor[];
  readonly maxChange?: { readonly workers: Amount; readonly perS: number } | null;
}

/** Whether these rules say anything that concerns several Workers together. */
export function areTogether({ rules, keepOpen = [], maxChange = null }: Rules): boolean {
  return keepOpen.length > 0 || maxChange !== null || rules.some(({ limit }) => limit != null);
}
