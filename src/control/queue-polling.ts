// Reads what rules name of TaskQueues: their list, now and then, and the statistics of each, when
// they are due or an event names it. If a read fails, the last reading stays and grows old.

import { isBeyondSkew, isWithin } from '../core/instants.ts';
import { Failure, type Gateway } from '../ports.ts';
import { ownProperty, type QueueRecord, targetsHash, type WorkspaceFacts } from './facts.ts';
import type { RuleReferences } from './rule-references.ts';

export const POLL_LIMITS = {
  /** TaskQueues that are read; if rules name more, the others are unknown. */
  queues: 200,
  /** Reads at once; the call budget decides how fast. */
  lanes: 4,
  /** How often the list of TaskQueues is read, ms, and how often while a name is missing in it. */
  listMs: 10 * 60_000,
  missingMs: 60_000,
  /** How long after the last reading an event may bring the next one forward, ms. */
  nudgeMs: 3_000,
  /** How soon a failed read is repeated, ms. */
  againMs: 5_000,
} as const;

export interface DueReads {
  readonly list: boolean;
  readonly queues: readonly string[];
}

/** What is due, at one instant (epoch ms). */
export interface DuePoll {
  readonly at: number;
  readonly reads: DueReads;
  readonly countsGroups: boolean;
}

/** What is to be read, counted or requested now; null: nothing. */
export function duePoll(
  facts: WorkspaceFacts,
  references: RuleReferences,
  when: { at: number; periodMs: number; touched: ReadonlySet<string>; allListed: boolean },
): DuePoll | null {
  const { at, periodMs, allListed } = when;
  const reads = dueReads(facts, references, when);
  const counted = [...references.groups].map((g) => ownProperty(facts.groups, g)?.at ?? 0);
  const countsGroups =
    counted.length > 0 && allListed && !isWithin(Math.min(...counted), at, periodMs);
  const isDue = reads.list || reads.queues.length > 0 || countsGroups || owesPasses(facts);
  return isDue ? { at, reads, countsGroups } : null;
}

/** TaskQueues have other expressions, so other Workers may be meant by rules. */
export function owesPasses(facts: WorkspaceFacts): boolean {
  return facts.passesFor !== targetsHash(facts) && facts.listedAt > 0;
}

/** What is to be read now. `touched`: TaskQueues that an event has just named. */
export function dueReads(
  facts: WorkspaceFacts,
  references: RuleReferences,
  { at, periodMs, touched }: { at: number; periodMs: number; touched: ReadonlySet<string> },
): DueReads {
  const all = [...new Set([...references.queues, ...references.targets])];
  const missing = all.some((name) => !ownProperty(facts.queues, name)?.sid);
  const listMs = missing ? POLL_LIMITS.missingMs : POLL_LIMITS.listMs;
  const unlisted = all.some((name) => ownProperty(facts.queues, name) === undefined);
  const isOld =
    (facts.told ?? 0) !== (facts.listedFor ?? 0) || !isWithin(facts.listedAt, at, listMs);
  const list = all.length > 0 && (unlisted || isOld);
  const isDue = (name: string): boolean => {
    const queue = ownProperty(facts.queues, name);
    if (!queue?.sid) return false;
    const asOf = queue.reading?.asOf ?? 0;
    const age = at - asOf;
    if (queue.fault !== null && isWithin(queue.triedAt, at, POLL_LIMITS.againMs)) return false;
    const nudged = touched.has(name) && age >= POLL_LIMITS.nudgeMs;
    return age >= periodMs || isBeyondSkew(asOf, at) || queue.fault !== null || nudged;
  };
  return { list, queues: [...references.queues].slice(0, POLL_LIMITS.queues).filter(isDue) };
}

/** Never rejects with a `Failure`: a TaskQueue that could not be read keeps the reason. */
export async function readQueues(
  before: WorkspaceFacts,
  references: RuleReferences,
  due: DueReads,
  { gateway, now }: { gateway: Pick<Gateway, 'taskQueues' | 'queue'>; now: () => number },
): Promise<WorkspaceFacts> {
  const facts = due.list ? await withQueueList(before, references, gateway, now()) : before;
  const queues: Record<string, QueueRecord> = { ...facts.queues };
  // What has just been listed for the first time is read at once.
  const fresh = due.list
    ? [...references.queues].filter((name) => ownProperty(queues, name)?.reading === null)
    : [];
  const waiting = [...new Set([...due.queues, ...fresh])].slice(0, POLL_LIMITS.queues);
  const lane = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const queue = ownProperty(queues, name);
      if (queue?.sid) queues[name] = await readOne(queue, queue.sid, gateway, now);
    }
  };
  await Promise.all(Array.from({ length: POLL_LIMITS.lanes }, lane));
  return { ...facts, queues };
}

async function withQueueList(
  before: WorkspaceFacts,
  references: RuleReferences,
  gateway: Pick<Gateway, 'taskQueues'>,
  at: number,
): Promise<WorkspaceFacts> {
  const all = new Map<string, { sid: string; targetWorkers: string }>();
  try {
    for (const queue of await gateway.taskQueues()) all.set(queue.friendlyName, queue);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...before, listFault: error.message };
  }
  const queues: Record<string, QueueRecord> = {};
  for (const name of new Set([...references.queues, ...references.targets])) {
    const found = all.get(name);
    const known = ownProperty(before.queues, name);
    const same = known !== undefined && known.sid === found?.sid ? known : NEVER_READ;
    queues[name] = { ...same, sid: found?.sid ?? null, target: found?.targetWorkers ?? null };
  }
  const { listFault: _, ...rest } = before;
  return { ...rest, listedAt: at, listedFor: before.told ?? 0, queues };
}

const NEVER_READ = { reading: null, triedAt: 0, fault: null } as const;

async function readOne(
  before: QueueRecord,
  sid: string,
  gateway: Pick<Gateway, 'queue'>,
  now: () => number,
): Promise<QueueRecord> {
  const triedAt = now();
  try {
    return { ...before, reading: await gateway.queue(sid), triedAt, fault: null };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.kind === 'gone') return { ...NEVER_READ, sid: null, target: null };
    return { ...before, triedAt, fault: error.message };
  }
}
