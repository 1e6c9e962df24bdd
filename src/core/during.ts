// Whether an instant lies in a rule's `during` for one Worker, and when that next changes. What is
// unknown for this Worker (its zone, its schedule's name) means no claim, with the reason.

import { readAttribute } from './condition/path.ts';
import { type Attributes, isUnknown } from './facts.ts';
import { earliest } from './instants.ts';
import type { Reason } from './reasons.ts';
import type { During, Rule, RuleSet } from './rules.ts';
import { coversCalendar, nextCalendarBoundary } from './schedule/calendar.ts';
import {
  covers,
  nextBoundary,
  type Schedule,
  type ScheduleEnv,
  zoneForSchedule,
} from './schedule/schedule.ts';
import { zoneFor } from './schedule/zone.ts';

export interface DuringContext {
  readonly rules: RuleSet;
  readonly attributes: Attributes;
  readonly at: number;
}

export interface DuringState {
  readonly covered: boolean;
  /** Why not, if not covered. */
  readonly reason: Reason;
  readonly unknown: readonly string[];
  /** The next boundary, epoch ms. */
  readonly lookAt: number | null;
}

const ALWAYS: DuringState = { covered: true, reason: 'rule.standing', unknown: [], lookAt: null };
const NEVER: DuringState = {
  covered: false,
  reason: 'schedule.outside',
  unknown: [],
  lookAt: null,
};

export function evaluateDuring(rule: Rule, context: DuringContext): DuringState {
  return rule.during === null ? ALWAYS : coveredBy(rule.during, context);
}

function coveredBy(during: During, context: DuringContext): DuringState {
  switch (during.kind) {
    case 'schedule':
      return bySchedule(context.rules.schedules.get(during.name), during.name, context);
    case 'calendar':
      return byCalendar(during.name, context);
    case 'attribute': {
      const name = readAttribute(context.attributes, during.path);
      const known = typeof name === 'string' ? context.rules.schedules.get(name) : undefined;
      return bySchedule(known, describe(during.path, name), context);
    }
    case 'any': {
      const each = during.of.map((d) => coveredBy(d, context));
      const lookAt = earliest(...each.map((c) => c.lookAt));
      const hit = each.find((c) => c.covered);
      return { ...(hit ?? each[0] ?? NEVER), lookAt };
    }
  }
}

function describe(path: readonly string[], name: unknown): string {
  return `worker.${path.join('.')} (${JSON.stringify(name) ?? 'absent'})`;
}

function bySchedule(
  schedule: Schedule | undefined,
  called: string,
  context: DuringContext,
): DuringState {
  if (schedule === undefined) {
    return notCovered('schedule.unnamed', `${called} is not the name of a schedule`);
  }
  const { defaults, calendars } = context.rules;
  const zone = zoneForSchedule(schedule, defaults.zone, context.attributes);
  if (isUnknown(zone)) return notCovered('zone.unknown', zone.unknown);
  const env: ScheduleEnv = { zone, calendars, attributes: context.attributes };
  return {
    covered: covers(schedule, context.at, env),
    reason: 'schedule.outside',
    unknown: [],
    lookAt: nextBoundary(schedule, context.at, env),
  };
}

function byCalendar(name: string, context: DuringContext): DuringState {
  const { defaults, calendars } = context.rules;
  const calendar = calendars.get(name);
  if (calendar === undefined)
    return notCovered('schedule.unnamed', `there is no calendar "${name}"`);
  const zone = calendar.zone ?? zoneFor(defaults.zone, context.attributes);
  if (isUnknown(zone)) return notCovered('zone.unknown', zone.unknown);
  const env: ScheduleEnv = { zone, calendars, attributes: context.attributes };
  return {
    covered: coversCalendar(calendar, context.at, env),
    reason: 'schedule.outside',
    unknown: [],
    lookAt: nextCalendarBoundary(calendar, context.at, env),
  };
}

function notCovered(reason: Reason, why: string): DuringState {
  return { covered: false, reason, unknown: [why], lookAt: null };
}
