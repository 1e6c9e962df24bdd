// The second opinion: from the whole history, told from its beginning every time, where each Worker
// Channel should stand. Slow and plain on purpose, and it shares nothing with what it judges.

import {
  answer,
  type ChannelKnown,
  changed,
  FIELDS,
  instantsOf,
  read,
  unknownChannel,
  type Write,
} from './channel.ts';
import { type Facts, judge, type Standings } from './claims.ts';
import type { Activity, Change, Entry, Told } from './history.ts';
import type { Rule, Rules } from './language.ts';
import { settle } from './settled.ts';

interface Reservation {
  readonly channel: string;
  status: number;
  at: number;
}

/** Everything that the history says up to one instant. */
export interface Known {
  now: number;
  rules: Rules | null;
  paused: boolean;
  up: boolean;
  worker: Told | null;
  activity: Activity | null;
  readonly reservations: Map<string, Reservation>;
  readonly happened: Map<string, { readonly type: string; readonly at: number }>;
  readonly channels: Map<string, ChannelKnown>;
  standings: Standings;
}

export interface Planned {
  readonly channel: string;
  readonly to: Change;
}

/** What the model would have written, and what headroom wrote. */
export interface Told2 {
  readonly at: number;
  readonly kind: 'wanted' | 'wrote';
  readonly channel: string;
  readonly to: Change;
  /** Of a write: what the model wanted just then. */
  readonly wanted: Change | null;
}

export interface Verdict {
  readonly channels: ReadonlyMap<string, ChannelKnown>;
  /** What should still be written at the end, by channel. */
  readonly open: readonly Planned[];
  readonly course: readonly Told2[];
}

const ORDER = ['reservation.created', 'reservation.accepted', 'reservation.wrapup'];
/** How long a look may take that has to read and to try again. */
const PASS_MS = 50_000;
const SETTLE_MS = 30_000;
const DAY_MS = 86_400_000;

export function replay(history: readonly Entry[]): Verdict {
  let known: Known = {
    ...{ now: 0, rules: null, paused: false, up: false, worker: null, activity: null },
    ...{ reservations: new Map(), happened: new Map(), channels: new Map(), standings: {} },
  };
  const course: Told2[] = [];
  let open: readonly Planned[] = [];
  const want = (at: number, planned: readonly Planned[]) => {
    open = planned;
    for (const { channel, to } of open) {
      course.push({ at, kind: 'wanted', channel, to, wanted: null });
    }
  };
  for (const [index, entry] of history.entries()) {
    // A look that is due happens where headroom made it, so that what it read for it is known; where
    // it made none, the model does, if that makes any difference.
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
  }
  return { channels: known.channels, open, course };
}

function nextLook(history: readonly Entry[], from: number): number {
  const next = history.slice(from).find(({ kind }) => kind === 'look' || kind === 'down');
  return next?.kind === 'look' ? next.at : Number.POSITIVE_INFINITY;
}

function learn(known: Known, entry: Entry): void {
  const { at } = entry;
  switch (entry.kind) {
    case 'rules':
      known.rules = entry.rules;
      return;
    case 'paused':
      known.paused = entry.paused;
      return;
    case 'down':
      known.up = false;
      return;
    case 'up':
      known.up = true;
      return;
    case 'worker':
      known.worker = newer(known.worker, lastOfItsSecond(entry.worker, entry.at));
      known.activity = newer(known.activity, lastOfItsSecond(entry.activity, entry.at));
      return;
    case 'reservation':
      reservation(known, entry);
      return;
    case 'changed':
      changed(channelOf(known, entry.channel), entry);
      return;
    case 'accepted':
      accepted(known, entry.list, at);
      return;
    case 'read':
      for (const shows of entry.channels) {
        const seen = { at, began: entry.began, paused: known.paused, respectMs: respectMs(known) };
        read(channelOf(known, shows.channel), shows, seen);
      }
      return;
    case 'write':
      begin(known, entry);
      return;
    case 'written':
      end(known, entry);
      return;
    case 'look':
      return;
  }
}

/** A read tells whole seconds: long after that second it shows the last that happened in it. */
function lastOfItsSecond<T extends Told | Activity>(told: T, at: number): T {
  return told.read && at >= told.since + 6_000 ? { ...told, since: told.since + 999 } : told;
}

function newer<T extends Told | Activity>(before: T | null, now: T): T {
  if (before === null || now.since > before.since) return now;
  return now.since === before.since && now.read && before.read ? now : before;
}

function reservation(known: Known, entry: Entry & { kind: 'reservation' }): void {
  const { sid, type, happenedAt, channel } = entry;
  const key = `${type} ${sid}`;
  const told = known.happened.get(key);
  if (told === undefined || told.at > happenedAt) known.happened.set(key, { type, at: happenedAt });
  const place = ORDER.indexOf(type);
  const status = place === -1 ? ORDER.length : place;
  const before = known.reservations.get(sid);
  const at = Math.max(happenedAt, before?.at ?? 0);
  known.reservations.set(sid, { channel, at, status: Math.max(status, before?.status ?? 0) });
}

/** TaskRouter's own list corrects what events told, but for what they told just before. */
function accepted(known: Known, list: (Entry & { kind: 'accepted' })['list'], at: number): void {
  for (const { sid, channel } of list) {
    const before = known.reservations.get(sid);
    if (before === undefined || before.status === 0) {
      known.reservations.set(sid, { channel, status: 1, at });
    }
  }
  for (const [sid, each] of known.reservations) {
    const listed = list.some((other) => other.sid === sid);
    if (each.status === 1 && !listed && each.at < at - SETTLE_MS) {
      known.reservations.set(sid, { ...each, status: ORDER.length, at });
    }
  }
}

function begin(known: Known, { id, at, channel, to }: Entry & { kind: 'write' }): void {
  const it = channelOf(known, channel);
  const from: Write['from'] = {};
  for (const field of FIELDS) {
    if (to[field] !== undefined && it.is !== null) from[field] = it.is[field];
  }
  it.writes.push({
    id,
    at,
    from,
    to: { ...to },
    knownAt: null,
    landed: false,
    old: false,
    echoed: new Map(),
  });
}

function end(known: Known, entry: Entry & { kind: 'written' }): void {
  const { id, at, channel, how, shows } = entry;
  const it = channelOf(known, channel);
  if (how === 'refused') {
    const [own] = it.writes.splice(
      it.writes.findIndex((write) => write.id === id),
      1,
    );
    // An event that was taken for its echo spoke of somebody else's.
    if ((own?.echoed.size ?? 0) > 0) it.staleSince = at;
  }
  if (how !== 'answered' || shows === null) return;
  const paused = known.paused;
  answer(it, id, shows, { at, began: at, paused, respectMs: respectMs(known) });
}

function channelOf(known: Known, name: string): ChannelKnown {
  const found = known.channels.get(name) ?? unknownChannel();
  known.channels.set(name, found);
  return found;
}

function respectMs({ rules }: Known): number {
  return (rules?.respectS ?? 0) * 1000;
}

/** One look at the Worker: what should be written now. */
function lookAt(known: Known): readonly Planned[] {
  const { rules, worker, activity, now } = known;
  if (rules === null || worker === null || activity === null) return [];
  const out = rules.optOut && worker.attributes.headroom === 'off';
  const facts: Facts = {
    now,
    attributes: worker.attributes,
    available: activity.available,
    assigned: (channel) => assigned(known, channel),
    capacity: (channel) => capacity(known, channel),
    count: (type, after) => count(known, type, after),
  };
  const judged = out ? { standings: {}, claiming: [] } : judge(rules, known.standings, facts);
  known.standings = judged.standings;
  const enforced = judged.claiming.filter(({ mode }) => mode === 'enforce');
  const planned: Planned[] = [];
  for (const [channel, it] of known.channels) {
    const to = settle(it, channel, { rules, enforced, now, paused: known.paused });
    if (Object.keys(to).length > 0) planned.push({ channel, to });
  }
  return planned;
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
