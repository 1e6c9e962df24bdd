// What must hold of every history, whatever happened in it. Each law returns its violations as
// sentences; a test expects an empty list.

import { FIELDS } from './channel.ts';
import type { Change, Entry } from './history.ts';
import type { Rules } from './language.ts';
import { replay, type Verdict } from './model.ts';

/** What TaskRouter has, by channel. */
export type Real = Readonly<Record<string, { capacity: number; available: boolean }>>;

/** In the end every channel that is held is set as the model says. */
export function endsWhereTheModelSays(history: readonly Entry[], real: Real): readonly string[] {
  const verdict = replay(history);
  const wrong = verdict.open.map(
    ({ channel, to }) => `${channel} should have been written ${text(to)}`,
  );
  return [...wrong, ...knowsRealSettings(verdict, real)];
}

/** What headroom knows of every field it holds is what TaskRouter has. */
export function knowsRealSettings(verdict: Verdict, real: Real): readonly string[] {
  const wrong: string[] = [];
  for (const [channel, it] of verdict.channels) {
    for (const field of FIELDS) {
      const { claimed, home } = it[field];
      if (it.is === null || (!claimed && home === null)) continue;
      const is = real[channel]?.[field];
      if (is !== it.is[field]) {
        wrong.push(`${channel}.${field} is ${is}, and ${it.is[field]} is what headroom knows`);
      }
    }
  }
  return wrong;
}

/** Only writes that the model wants at that time, and no more than one each time it wants one. */
export function writesOnlyWhatIsWanted({ course }: Verdict): readonly string[] {
  const wrong: string[] = [];
  const wanted = new Set<string>();
  for (const each of course) {
    if (each.kind === 'wanted') {
      wanted.add(each.channel);
      continue;
    }
    const same = text(each.to) === text(each.wanted ?? {});
    if (!same || !wanted.has(each.channel)) {
      const instead = each.wanted === null ? 'nothing' : text(each.wanted);
      wrong.push(
        `${iso(each.at)} ${each.channel} was written ${text(each.to)}, wanted: ${instead}`,
      );
    }
    wanted.delete(each.channel);
  }
  return wrong;
}

/** Two writes of one channel are a dwell apart, except those toward less work and retries. */
export function respectsDwell(history: readonly Entry[]): readonly string[] {
  const wrong: string[] = [];
  const before = new Map<string, { at: number; to: Change; id: number }>();
  const is = new Map<string, Change>();
  const lost = new Set<number>();
  let rules: Rules | null = null;
  for (const entry of history) {
    if (entry.kind === 'rules') rules = entry.rules;
    if (entry.kind === 'read') {
      for (const { channel, capacity, available } of entry.channels) {
        is.set(channel, { capacity, available });
      }
    }
    if (entry.kind === 'written' && entry.how !== 'answered') lost.add(entry.id);
    if (entry.kind !== 'write') continue;
    const { channel, to, at, id } = entry;
    const last = before.get(channel);
    const more = raises(is.get(channel) ?? {}, to);
    const apart = last === undefined ? Number.POSITIVE_INFINITY : Math.abs(at - last.at);
    const tooSoon = apart < (rules?.dwellS ?? 0) * 1000;
    // The answer to the last one may be unknown because the process died.
    const unanswered = last !== undefined && (lost.has(last.id) || !answered(history, last.id));
    if (more && tooSoon && !unanswered) {
      wrong.push(`${iso(at)} ${channel} was raised ${text(to)} ${at - (last?.at ?? 0)} ms after`);
    }
    before.set(channel, { at, to, id });
    is.set(channel, { ...is.get(channel), ...to });
  }
  return wrong;
}

function answered(history: readonly Entry[], id: number): boolean {
  return history.some((e) => e.kind === 'written' && e.id === id && e.how === 'answered');
}

function raises(is: Change, to: Change): boolean {
  return (to.capacity ?? 0) > (is.capacity ?? 0) || (to.available === true && !is.available);
}

function text({ capacity, available }: Change): string {
  return JSON.stringify({ capacity, available });
}

function iso(at: number): string {
  return new Date(at).toISOString().slice(11, 23);
}
