// The facts of TaskQueues and groups as conditions see them: each with the instant of its reading;
// unknown, with the reason, if it is too old, was never read or does not exist.

import { type GroupFacts, isUnknown, type Known, type QueueFacts } from '../core/facts.ts';
import { isAhead } from '../core/instants.ts';
import type { QueueReading } from '../ports.ts';

/** One TaskQueue that rules name. */
export interface QueueNow {
  /** null: the Workspace has none of this name. */
  readonly sid: string | null;
  /** Its expression; null where there is none. */
  readonly target: string | null;
  readonly reading: QueueReading | null;
  /** When it was asked for last, and why that failed, epoch ms. */
  readonly triedAt: number;
  readonly fault: string | null;
}

export interface GroupNow {
  /** epoch ms */
  readonly at: number;
  readonly facts: Known<GroupFacts>;
}

/** One document for all replicas. */
export interface WorkspaceFacts {
  /** When the TaskQueues were listed last, epoch ms; 0: never. */
  readonly listedAt: number;
  /** How many events told that the list may be another, and how many of them it is newer than. */
  readonly told?: number;
  readonly listedFor?: number;
  /** By friendly name. */
  readonly queues: Readonly<Record<string, QueueNow>>;
  readonly groups: Readonly<Record<string, GroupNow>>;
  /** Until when one replica is reading, epoch ms: nobody else does meanwhile. */
  readonly pollingUntil: number;
}

export const NO_FACTS: WorkspaceFacts = { listedAt: 0, queues: {}, groups: {}, pollingUntil: 0 };

export function ownIn<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** When `at` and the reading's age are compared, both are on our clock. */
export interface Now {
  readonly at: number;
  readonly staleAfterMs: number;
}

/**
 * What was read, with what another replica read meanwhile: of each TaskQueue what was asked for
 * last. Of what lies ahead nobody knows when that was.
 */
export function withNewer(read: WorkspaceFacts, kept: WorkspaceFacts, at: number): WorkspaceFacts {
  const isNewer = (theirs: number, ours: number) => theirs > ours && !isAhead(theirs, at);
  const list = isNewer(kept.listedAt, read.listedAt) ? kept : read;
  const other = list === kept ? read : kept;
  const queues = Object.entries(list.queues).map(([name, queue]) => {
    const theirs = ownIn(other.queues, name);
    const same = theirs !== undefined && theirs.sid === queue.sid;
    return [name, same && isNewer(theirs.triedAt, queue.triedAt) ? theirs : queue];
  });
  const { listedAt, listedFor = 0 } = list;
  return { ...kept, listedAt, listedFor, queues: Object.fromEntries(queues) };
}

export function queueFactsOf(facts: WorkspaceFacts, name: string, now: Now): Known<QueueFacts> {
  const queue = ownIn(facts.queues, name);
  const called = `the TaskQueue ${JSON.stringify(name)}`;
  if (queue === undefined) return { unknown: `the statistics of ${called} were not read yet` };
  if (queue.sid === null) return { unknown: `there is no TaskQueue ${JSON.stringify(name)}` };
  const { reading, fault } = queue;
  const because = fault === null ? '' : `: ${fault}`;
  if (reading === null) {
    return { unknown: `the statistics of ${called} were not read yet${because}` };
  }
  if (isOld(reading.asOf, now)) {
    return { unknown: `the statistics of ${called} are older than ${seconds(now)}${because}` };
  }
  const { waiting, longestWaitMs, eligible, availableWorkers } = reading;
  return { waiting, longestWaitMs, eligible, availableWorkers };
}

export function groupFactsOf(facts: WorkspaceFacts, name: string, now: Now): Known<GroupFacts> {
  const group = ownIn(facts.groups, name);
  const called = `the group ${JSON.stringify(name)}`;
  if (group === undefined) return { unknown: `${called} was not counted yet` };
  if (isUnknown(group.facts)) return group.facts;
  if (isOld(group.at, now)) {
    return { unknown: `the count of ${called} is older than ${seconds(now)}` };
  }
  return group.facts;
}

/** Also what was read by a clock that has been set back since: nobody knows how old that is. */
function isOld(asOf: number, { at, staleAfterMs }: Now): boolean {
  return at - asOf > staleAfterMs || isAhead(asOf, at);
}

function seconds({ staleAfterMs }: Now): string {
  return `${Math.round(staleAfterMs / 1000)} s`;
}

export function loadOf(group: Known<GroupFacts>): Known<number> {
  return isUnknown(group) ? group : group.load;
}

/** The expressions of all TaskQueues as one text, to be compared. */
export function targetsOf({ queues }: WorkspaceFacts): string {
  return JSON.stringify(Object.entries(queues).map(([name, { target }]) => [name, target]));
}
