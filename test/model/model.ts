// The second opinion: how each Worker Channel should be set, replayed from the whole history every
// time. Deliberately slow and plain, and it shares nothing with what it judges.

import { type ChannelKnown, instantsOf } from './channel.ts';
import { type Facts, judge } from './claims.ts';
import type { Change, Entry } from './history.ts';
import { type Known, learn, newKnown } from './known.ts';
import type { Rule } from './language.ts';
import { settle } from './settled.ts';

export interface Planned {
  readonly channel: string;
  readonly to: Change;
}

/** What the model would have written, and what headroom wrote. */
export interface CourseEntry {
  readonly at: number;
  readonly kind: 'wanted' | 'wrote';
  readonly channel: string;
  readonly to: Change;
  /** Of a write: what the model wanted at that time. */
  readonly wanted: Change | null;
}

export interface Verdict {
  readonly channels: ReadonlyMap<string, ChannelKnown>;
  /** What should still be written at the end, by channel. */
  readonly open: readonly Planned[];
  readonly course: readonly CourseEntry[];
}

/** How long a look may take that has to read and to retry. */
const PASS_MS = 50_000;
const DAY_MS = 86_400_000;

/** Receives what is known after each entry, and the entry's index. */
export type Watch = (known: Known, entry: Entry, index: number) => void;

/** `history` is one Worker's own (`ownOf`). */
export function replay(history: readonly Entry[], self = '', watch?: Watch): Verdict {
  let known = newKnown(self);
  const course: CourseEntry[] = [];
  let open: readonly Planned[] = [];
  const want = (at: number, planned: readonly Planned[]) => {
    open = planned;
    for (const { channel, to } of open) {
      course.push({ at, kind: 'wanted', channel, to, wanted: null });
    }
  };
  for (const [index, entry] of history.entries()) {
    // A due look takes place when headroom made it, so that what headroom read for it is known; if
    // it made none, the model makes it, provided that makes any difference.
    const made = nextLook(history, index);
    for (let due = nextDue(known, entry.at); due !== null; due = nextDue(known, entry.at)) {
      if (made <= due + PASS_MS) break;
      const then = { ...structuredClone(known), now: due };
      const planned = lookAt(then);
      known.now = due;
      const differs = JSON.stringify(then.standings) !== JSON.stringify(known.standings);
      if (planned.length === 0 && !differs) continue;
      known = then;
      want(due, planned);
    }
    known.now = entry.at;
    if (entry.kind === 'look') want(entry.at, lookAt(known));
    if (entry.kind === 'write') {
      const wanted = open.find(({ channel }) => channel === entry.channel)?.to ?? null;
      course.push({ at: entry.at, kind: 'wrote', channel: entry.channel, to: entry.to, wanted });
      open = open.filter(({ channel }) => channel !== entry.channel);
    }
    learn(known, entry);
    watch?.(known, entry, index);
  }
  return { channels: known.channels, open, course };
}

function nextLook(history: readonly Entry[], from: number): number {
  const next = history.slice(from).find(({ kind }) => kind === 'look' || kind === 'down');
  return next?.kind === 'look' ? next.at : Number.POSITIVE_INFINITY;
}

/** One look at the Worker: what should be written now. */
function lookAt(known: Known): readonly Planned[] {
  const { rules, worker, activity, now } = known;
  if (rules === null || worker === null || activity === null) return [];
  const { standings, claiming } = judged(known);
  known.standings = standings;
  const enforced = claiming.filter(
    ({ mode, limit, name }) => mode === 'enforce' && (!limit || known.taken.has(name)),
  );
  const planned: Planned[] = [];
  for (const [channel, it] of known.channels) {
    const to = settle(it, channel, { rules, enforced, now, paused: known.paused });
    if (Object.keys(to).length > 0) planned.push({ channel, to });
  }
  return planned;
}

/** Judges all rules, regardless of which Workers those with a limit have taken. */
function judged(known: Known): ReturnType<typeof judge> {
  const { rules, worker, activity, now } = known;
  const nobody = { standings: {}, claiming: [] };
  if (rules === null || worker === null || activity === null) return nobody;
  if (rules.optOut && worker.attributes.headroom === 'off') return nobody;
  const facts: Facts = {
    now,
    attributes: worker.attributes,
    available: activity.available,
    assigned: (channel) => assigned(known, channel),
    capacity: (channel) => capacity(known, channel),
    count: (type, after) => count(known, type, after),
  };
  return judge(rules, known.standings, facts);
}

/** The rules with a limit that could take this Worker now. */
export function candidacies(known: Known): readonly string[] {
  if (known.activity?.available !== true) return [];
  return judged(known).claiming.flatMap(({ name, limit }) => (limit ? [name] : []));
}

function assigned({ reservations, channels }: Known, channel: string): number | null {
  if (!channels.has(channel)) return null;
  return [...reservations.values()].filter((r) => r.channel === channel && r.status === 1).length;
}

function capacity({ channels }: Known, channel: string): number | null {
  const it = channels.get(channel);
  return it?.is && it.staleSince === null ? (it.is.capacity as number) : null;
}

function count({ happened }: Known, type: string, after: number): number {
  return [...happened.values()].filter((each) => each.type === type && each.at > after).length;
}

/** The next instant up to `until` at which time alone may change something; null: none. */
function nextDue(known: Known, until: number): number | null {
  const { rules, now, up } = known;
  if (rules === null || !up) return null;
  const instants = rules.rules.flatMap((rule) => instantsOfRule(rule, known));
  for (const channel of known.channels.values()) {
    instants.push(...instantsOf(channel, rules.dwellS * 1000));
  }
  const due = instants.filter((at) => at > now && at <= until);
  return due.length === 0 ? null : Math.min(...due);
}

function instantsOfRule(rule: Rule, { now, standings, happened }: Known): number[] {
  const instants: number[] = [];
  const standing = standings[rule.name];
  if (standing !== undefined) {
    instants.push(
      standing.since + (rule.when?.forS ?? 0) * 1000,
      standing.exitedAt + (rule.when?.keepS ?? 0) * 1000,
      standing.since + (rule.release?.afterS ?? 0) * 1000,
    );
  }
  if (rule.during !== null) {
    const midnight = Math.floor(now / DAY_MS) * DAY_MS;
    for (const minute of [rule.during.from, rule.during.to]) {
      instants.push(midnight + minute * 60_000, midnight + DAY_MS + minute * 60_000);
    }
  }
  for (const window of windowsIn([rule.when?.enter, rule.when?.exit, rule.release?.or])) {
    for (const { at } of happened.values()) instants.push(at + window * 1000);
  }
  return instants;
}

function windowsIn(conditions: readonly unknown[]): readonly number[] {
  const text = JSON.stringify(conditions);
  return [...text.matchAll(/"windowS":(\d+)/g)].map(([, window]) => Number(window));
}
