// What the history says of one Worker up to an instant: who it is, what it has in hand, how its
// channels are set and by whom.

import {
  answer,
  type ChannelKnown,
  changed,
  FIELDS,
  read,
  unknownChannel,
  type Write,
} from './channel.ts';
import type { RulePhases } from './claims.ts';
import type { Activity, Entry, WorkerReport } from './history.ts';
import type { Rules } from './language.ts';

interface Reservation {
  readonly channel: string;
  status: number;
  at: number;
}

/** Everything that the history says up to one instant. */
export interface Known {
  /** Its name among others; empty: it is the only one. */
  readonly self: string;
  now: number;
  rules: Rules | null;
  paused: boolean;
  up: boolean;
  worker: WorkerReport | null;
  activity: Activity | null;
  readonly reservations: Map<string, Reservation>;
  readonly happened: Map<string, { readonly type: string; readonly at: number }>;
  readonly channels: Map<string, ChannelKnown>;
  standings: RulePhases;
  /** Rules with a limit that have taken this Worker. */
  readonly taken: Set<string>;
}

const ORDER = ['reservation.created', 'reservation.accepted', 'reservation.wrapup'];
const SETTLE_MS = 30_000;

export function newKnown(self: string): Known {
  return {
    ...{ self, now: 0, rules: null, paused: false, up: false, worker: null, activity: null },
    ...{ reservations: new Map(), happened: new Map(), channels: new Map(), standings: {} },
    taken: new Set(),
  };
}

export function learn(known: Known, entry: Entry): void {
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
    case 'members':
      if (entry.members.includes(known.self)) known.taken.add(entry.rule);
      else known.taken.delete(entry.rule);
      return;
    case 'look':
    case 'quiet':
      return;
  }
}

/** A read reports whole seconds: long after that second it shows the last that happened in it. */
function lastOfItsSecond<T extends WorkerReport | Activity>(report: T, at: number): T {
  return report.read && at >= report.since + 6_000
    ? { ...report, since: report.since + 999 }
    : report;
}

function newer<T extends WorkerReport | Activity>(before: T | null, now: T): T {
  if (before === null || now.since > before.since) return now;
  return now.since === before.since && now.read && before.read ? now : before;
}

function reservation(known: Known, entry: Entry & { kind: 'reservation' }): void {
  const { sid, type, happenedAt, channel } = entry;
  const key = `${type} ${sid}`;
  const earliest = known.happened.get(key);
  if (earliest === undefined || earliest.at > happenedAt)
    known.happened.set(key, { type, at: happenedAt });
  const place = ORDER.indexOf(type);
  const status = place === -1 ? ORDER.length : place;
  const before = known.reservations.get(sid);
  const at = Math.max(happenedAt, before?.at ?? 0);
  known.reservations.set(sid, { channel, at, status: Math.max(status, before?.status ?? 0) });
}

/** TaskRouter's own list corrects what events reported, except what they reported just before. */
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
    // The event that was taken for its echo was about someone else's change.
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
