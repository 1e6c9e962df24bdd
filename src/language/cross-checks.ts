// Checks that need the whole set, short of the linter: a missing zone, and channel names that are
// one typo away from another.

import { editDistance } from '../core/nearest.ts';
import type { Schedule } from '../core/schedule/schedule.ts';
import type { Keyed } from './mapping.ts';
import type { FileDraft } from './rules-file.ts';
import type { Session } from './session.ts';

/** The Task Channels that every Workspace starts with, and another usual one. */
const COMMON_CHANNELS = ['default', 'voice', 'chat', 'sms', 'video', 'email'];

/** Reported once, at the first schedule that needs a zone and has none. */
export function checkZones(
  drafts: readonly FileDraft[],
  schedules: readonly Keyed<string, Schedule>[],
  zoneWritten: boolean,
  session: Session,
): void {
  if (zoneWritten) return;
  const bare = schedules.find(({ value }) => value.alternatives.some((each) => each.zone === null));
  if (bare !== undefined) {
    const found = `the schedule "${bare.key}" has no zone, so it is read in UTC`;
    bare.at.report('zone.unset', `${found}; expected defaults.timezone or its own timezone`);
    return;
  }
  const dated = drafts.flatMap((draft) => draft.rules).find((rule) => rule.until !== null);
  if (dated === undefined) return;
  const found = `the rule "${dated.name}" has an "until" and no zone, so it is read in UTC`;
  session.report('zone.unset', dated.at, `${found}; expected defaults.timezone`);
}

/**
 * A Workspace may have any channel, so a strange name is no mistake. One that occurs once and is
 * one typo away from a usual one, or from one that occurs more often, most likely is.
 */
export function checkChannels(session: Session): void {
  const counts = new Map<string, number>();
  for (const { name } of session.channels) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const { name, at } of session.channels) {
    if (name === 'any' || COMMON_CHANNELS.includes(name) || counts.get(name) !== 1) continue;
    const others = [
      ...COMMON_CHANNELS,
      ...[...counts].flatMap(([each, n]) => (n > 1 ? [each] : [])),
    ];
    const near = others.find((each) => each !== name && isTypo(name, each));
    if (near === undefined) continue;
    const found = `the channel "${name}" is named only here`;
    session.report('channel.unlikely', at, `${found}; did you mean "${near}"?`);
  }
}

/** One letter inserted, removed or changed, or two swapped; digits distinguish channels. */
function isTypo(a: string, b: string): boolean {
  if (a.replace(/\D/g, '') !== b.replace(/\D/g, '')) return false;
  const steps = editDistance(a.toLowerCase(), b.toLowerCase());
  return steps <= 1 || (steps === 2 && [...a].sort().join('') === [...b].sort().join(''));
}
