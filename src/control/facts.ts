// The facts of TaskQueues and groups as conditions see them: each with the instant of its reading;
// unknown, with the reason, if it is too old, was never read or does not exist.

import { type GroupFacts, isUnknown, type Known, type QueueFacts } from '../core/facts.ts';
import { hash } from '../core/hash.ts';
import { isBeyondSkew } from '../core/instants.ts';
import type { QueueReading } from '../ports.ts';

/** One TaskQueue that rules name. */
export interface QueueRecord {
  /** null: the Workspace has no TaskQueue of this name. */
  readonly sid: string | null;
  /** The expression that selects its Workers; null if there is none. */
  readonly target: string | null;
  readonly reading: QueueReading | null;
  /** When it was last requested, epoch ms, and why that failed. */
  readonly triedAt: number;
  readonly fault: string | null;
}

export interface GroupRecord {
  /** epoch ms */
  readonly at: number;
  readonly facts: Known<GroupFacts>;
}

/** One document for all replicas. */
export interface WorkspaceFacts {
  /** When the TaskQueues were listed last, epoch ms; 0: never. */
  readonly listedAt: number;
  /** How many events said that the list may have changed, and how many of them it reflects. */
  readonly told?: number;
  readonly listedFor?: number;
  /** The TaskQueues' expressions, hashed, for which all passes were requested last. */
  readonly passesFor?: number;
  /** Why the latest listing failed; absent: it did not. */
  readonly listFault?: string;
  /** By friendly name. */
  readonly queues: Readonly<Record<string, QueueRecord>>;
  readonly groups: Readonly<Record<string, GroupRecord>>;
}

export const NO_FACTS: WorkspaceFacts = { listedAt: 0, queues: {}, groups: {} };

export function ownProperty<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** `at` and the times of readings are on our clock. */
export interface Staleness {
  readonly at: number;
  readonly staleAfterMs: number;
}

/**
 * What was read, merged with what another replica read meanwhile: of each TaskQueue the later
 * attempt. An instant ahead of our clock does not count as later.
 */
export function mergeNewer(read: WorkspaceFacts, kept: WorkspaceFacts, at: number): WorkspaceFacts {
  const isNewer = (theirs: number, ours: number) => theirs > ours && !isBeyondSkew(theirs, at);
  const list = isNewer(kept.listedAt, read.listedAt) ? kept : read;
  const other = list === kept ? read : kept;
  const queues = Object.entries(list.queues).map(([name, queue]) => {
    const theirs = ownProperty(other.queues, name);
    const same = theirs !== undefined && theirs.sid === queue.sid;
    return [name, same && isNewer(theirs.triedAt, queue.triedAt) ? theirs : queue];
  });
  const { listedAt, listedFor = 0, listFault } = list;
  const { listFault: _, ...others } = kept;
  const fault = listFault === undefined ? {} : { listFault };
  return { ...others, listedAt, listedFor, ...fault, queues: Object.fromEntries(queues) };
}

export function queueFactsOf(
  facts: WorkspaceFacts,
  name: string,
  now: Staleness,
): Known<QueueFacts> {
  const queue = ownProperty(facts.queues, name);
  const called = `the TaskQueue ${JSON.stringify(name)}`;
  if (queue === undefined) {
    const because = facts.listFault === undefined ? '' : `: ${facts.listFault}`;
    return { unknown: `the statistics of ${called} have not been read yet${because}` };
  }
  if (queue.sid === null) return { unknown: `there is no TaskQueue ${JSON.stringify(name)}` };
  const { reading, fault } = queue;
  const because = fault === null ? '' : `: ${fault}`;
  if (reading === null) {
    return { unknown: `the statistics of ${called} have not been read yet${because}` };
  }
  if (isOld(reading.asOf, now)) {
    return { unknown: `the statistics of ${called} are older than ${seconds(now)}${because}` };
  }
  const { waiting, longestWaitMs, eligible, availableWorkers } = reading;
  return { waiting, longestWaitMs, eligible, availableWorkers };
}

/** What status says of one TaskQueue that rules read. */
export interface ReadingView {
  readonly queue: string;
  /** ISO instant of the last reading; null: there was none. */
  readonly asOf: string | null;
  /** Why its statistics are unknown now, a sentence; null if they are known. */
  readonly unknown: string | null;
}

export function readingView(facts: WorkspaceFacts, queue: string, now: Staleness): ReadingView {
  const known = queueFactsOf(facts, queue, now);
  const asOf = ownProperty(facts.queues, queue)?.reading?.asOf ?? null;
  return {
    queue,
    asOf: asOf === null ? null : new Date(asOf).toISOString(),
    unknown: isUnknown(known) ? known.unknown : null,
  };
}

export function groupFactsOf(
  facts: WorkspaceFacts,
  name: string,
  now: Staleness,
): Known<GroupFacts> {
  const group = ownProperty(facts.groups, name);
  const called = `the group ${JSON.stringify(name)}`;
  if (group === undefined) return { unknown: `${called} has not been counted yet` };
  if (isUnknown(group.facts)) return group.facts;
  if (isOld(group.at, now)) {
    return { unknown: `the count of ${called} is older than ${seconds(now)}` };
  }
  return group.facts;
}

/** Also if it was read by a clock that has been set back since: its age is unknown. */
function isOld(asOf: number, { at, staleAfterMs }: Staleness): boolean {
  return at - asOf > staleAfterMs || isBeyondSkew(asOf, at);
}

function seconds({ staleAfterMs }: Staleness): string {
  return `${Math.round(staleAfterMs / 1000)} s`;
}

export function loadOf(group: Known<GroupFacts>): Known<number> {
  return isUnknown(group) ? group : group.load;
}

/** The expressions of all TaskQueues as one number, for comparison. */
export function targetsHash({ queues }: WorkspaceFacts): number {
  const targets = Object.entries(queues).map(([name, { target }]) => [name, target]);
  return hash(JSON.stringify(targets.sort()));
}
