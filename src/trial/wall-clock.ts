// An instant as people of the rule set's zone read it, for findings and explanations.

import { isUnknown } from '../core/facts.ts';
import type { RuleSet } from '../core/rules.ts';
import { wallAt, zoneFor } from '../core/schedule/zone.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `Wed 2026-06-10 10:00 (Europe/London)`. */
export function wallClockText(at: number, set: RuleSet): string {
  const zone = zoneFor(set.defaults.zone, {});
  const id = isUnknown(zone) ? 'UTC' : zone;
  const wall = new Date(wallAt(id, at));
  const text = wall.toISOString();
  const seconds = text.slice(16, 19) === ':00' ? '' : text.slice(16, 19);
  return `${DAYS[wall.getUTCDay()]} ${text.slice(0, 10)} ${text.slice(11, 16)}${seconds} (${id})`;
}
