// Rules and rule sets built in code for tests of the core: each takes only what differs from an
// unconditional rule for everyone, and from a set without guardrails or declared baselines in UTC.

import { compileCondition } from '../../src/core/condition/condition.ts';
import type {
  During,
  Group,
  Guardrails,
  Ramp,
  Release,
  Rule,
  RuleSet,
  Setting,
  Then,
  When,
  Who,
} from '../../src/core/rules.ts';
import { parseDays, parseHours } from '../../src/core/schedule/parse.ts';
import type { Alternative, Calendar, Schedule } from '../../src/core/schedule/schedule.ts';
import { parseSpan } from '../../src/core/schedule/span.ts';

const SECOND = 1_000;
const HOUR = 3_600_000;

export function condition(text: string, scope: 'where' | 'when' = 'when') {
  const compiled = compileCondition(text, scope);
  if (!compiled.ok) throw new Error(`${text}: ${compiled.errors.map((e) => e.message).join('; ')}`);
  return compiled.condition;
}

export type SettingSpec = number | 'pause' | 'ramp' | Partial<Setting>;

export function setting(spec: SettingSpec): Setting {
  const none: Setting = { set: null, add: null, min: null, max: null, pause: false };
  if (spec === 'pause') return { ...none, pause: true };
  return typeof spec === 'object' ? { ...none, ...spec } : { ...none, set: spec };
}

export interface WhenSpec {
  readonly enter: string;
  readonly exit?: string;
  readonly forMs?: number;
  readonly keepMs?: number;
}

export function when(spec: string | WhenSpec): When {
  const {
    enter,
    exit = null,
    forMs = 0,
    keepMs = 0,
  } = typeof spec === 'string' ? { enter: spec } : spec;
  const compiled = condition(enter);
  const out = exit === null ? null : condition(exit);
  return {
    id: `${enter} / ${exit} / ${forMs} / ${keepMs}`,
    enter: compiled,
    exit: out,
    forMs,
    keepMs,
    perWorker: compiled.perWorker || (out?.perWorker ?? false),
  };
}

export interface RampSpec {
  /** `activity.since`, `activity.available_since` or an attribute as `worker.hired_on`. */
  readonly since: string;
  /** e.g. `{ '0d': 1, '14d': 2, '60d': 'end' }`. */
  readonly steps: Readonly<Record<string, number | 'end'>>;
}

export function ramp(spec: RampSpec): Ramp {
  const [root, ...path] = spec.since.split('.');
  const since: Ramp['since'] =
    root === 'activity'
      ? { kind: 'activity', field: path[0] === 'since' ? 'since' : 'available_since' }
      : { kind: 'attribute', path };
  const steps = Object.entries(spec.steps).map(([text, value]) => {
    const after = parseSpan(text);
    if (after === null) throw new Error(`${text} is no length of time`);
    return { after, value };
  });
  return { since, steps };
}

/** By channel; `any` applies to the rest. */
export type ThenSpec = Readonly<Record<string, SettingSpec>>;

export type RuleSpec = Partial<
  Omit<Rule, 'name' | 'then' | 'when' | 'release' | 'ramp' | 'who'>
> & {
  readonly who?: Who | string;
  readonly when?: string | WhenSpec;
  readonly release?: { readonly after?: number; readonly or?: string };
  readonly ramp?: RampSpec;
};

/** By default an unconditional rule for everyone. `who` as text is a `where`. */
export function rule(name: string, then: ThenSpec, spec: RuleSpec = {}): Rule {
  const { who = { kind: 'everyone' }, when: written, release, ramp: ramped, ...over } = spec;
  return {
    name,
    at: { file: 'rules.yaml', line: 1, column: 1 },
    who: typeof who === 'string' ? { kind: 'where', where: condition(who, 'where') } : who,
    during: null,
    when: written === undefined ? null : when(written),
    release: release === undefined ? null : releaseOf(release),
    ramp: ramped === undefined ? null : ramp(ramped),
    // biome-ignore lint/suspicious/noThenProperty: the rule language's own word
    then: thenOf(then),
    limit: null,
    hard: false,
    mode: null,
    sample: false,
    until: null,
    priority: 0,
    ifStale: 'hold',
    why: null,
    ...over,
  };
}

function releaseOf({ after, or }: { after?: number; or?: string }): Release {
  return { afterMs: after ?? null, or: or === undefined ? null : condition(or) };
}

function thenOf({ any, ...channels }: ThenSpec): Then {
  return {
    channels: new Map(Object.entries(channels).map(([k, v]) => [k, setting(v)])),
    any: any === undefined ? null : setting(any),
  };
}

export function during(name: string): During {
  return { kind: 'schedule', name };
}

/** e.g. `schedule('mon-fri', '08:30-17:30')`. */
export function schedule(days: string, hours: string, over: Partial<Alternative> = {}): Schedule {
  const [named, windows] = [parseDays(days), parseHours(hours)];
  if (!('has' in named) || !Array.isArray(windows)) throw new Error(`${days} ${hours}`);
  const alternative: Alternative = {
    zone: null,
    days: named,
    opening: { kind: 'hours', windows },
    dates: null,
    from: null,
    until: null,
    except: { calendars: [], dates: new Set() },
    exceptions: new Map(),
    ...over,
  };
  return { alternatives: [alternative] };
}

export type RuleSetSpec = Partial<RuleSet['defaults']> &
  Partial<Guardrails> & {
    readonly schedules?: Readonly<Record<string, Schedule>>;
    readonly calendars?: Readonly<Record<string, Calendar>>;
    readonly groups?: Readonly<Record<string, Group>>;
    /** By channel. */
    readonly declared?: Readonly<Record<string, number>>;
  };

/** No guardrails, no declared baselines, UTC, edits respected for two hours. */
export function ruleSet(rules: readonly Rule[], spec: RuleSetSpec = {}): RuleSet {
  const { schedules = {}, calendars = {}, groups = {}, declared = {}, ...over } = spec;
  return {
    id: 'test',
    defaults: {
      zone: over.zone ?? { kind: 'fixed', id: 'UTC' },
      mode: over.mode ?? null,
      respectMs: over.respectMs ?? 2 * HOUR,
      ifStale: over.ifStale ?? 'hold',
      staleAfterMs: over.staleAfterMs ?? 90 * SECOND,
      optOut: over.optOut ?? null,
      baseline: new Map(Object.entries(declared)),
    },
    guardrails: {
      bounds: over.bounds ?? new Map(),
      keepOpen: over.keepOpen ?? [],
      maxChange: over.maxChange ?? null,
      minDwellMs: over.minDwellMs ?? 0,
    },
    groups: new Map(Object.entries(groups)),
    calendars: new Map(Object.entries(calendars)),
    schedules: new Map(Object.entries(schedules)),
    rules,
    sample: false,
  };
}
