// Several Workers under one set of rules: what was known of each after every entry of their common
// history, and what a pass had reported of it when another Worker's write left.

import type { ChannelKnown } from './channel.ts';
import { isFor } from './claims.ts';
import type { Change, Entry } from './history.ts';
import type { Known } from './known.ts';
import { type Amount, CHANNELS, type Floor, type Rule } from './language.ts';
import { candidacies, replay, type Verdict } from './model.ts';

/** How long a place is held for a write whose outcome is unknown. */
const HELD_MS = 600_000;

/** What is known of one Worker. */
export interface WorkerSnapshot {
  readonly team: unknown;
  /** Channels it is open on: in an available Activity, available, capacity at least 1, and read. */
  readonly open: readonly string[];
  /** Whether any rule may claim it, or anything of it still has to be restored. */
  readonly claimable: boolean;
  /** Rules with a limit that could take it, just after one has chosen or at rest. */
  readonly candidacies: readonly string[];
}

export function ownOf(history: readonly Entry[], worker: string): readonly Entry[] {
  return history.filter((entry) => concerns(entry, worker));
}

function concerns({ of }: Entry, worker: string): boolean {
  return of === undefined || of === worker;
}

function snapshotOf(known: Known, { kind }: Entry): WorkerSnapshot {
  const { rules, worker, activity, channels, now } = known;
  const attributes = worker?.attributes ?? {};
  const isAtWork = activity?.available === true;
  const isOut = rules?.optOut === true && attributes.headroom === 'off';
  const isMeant = (rule: Rule) => !isOut && rule.mode !== 'disabled' && isFor(rule, attributes);
  return {
    team: attributes.team,
    open: CHANNELS.filter((channel) => isAtWork && isOpenTo(channels.get(channel), now)),
    claimable: rules !== null && worker !== null && (rules.rules.some(isMeant) || isHeld(known)),
    candidacies: kind === 'members' || kind === 'quiet' ? candidacies(known) : [],
  };
}

/** What still has to be restored was claimed. */
function isHeld({ channels }: Known): boolean {
  return [...channels.values()].some(
    ({ capacity, available }) => capacity.home !== null || available.home !== null,
  );
}

function isOpenTo(it: ChannelKnown | undefined, now: number): boolean {
  if (!it?.is || it.staleSince !== null) return false;
  // A channel that we are closing counts as closed.
  const closing = it.writes.some(
    ({ to, knownAt, at }) => knownAt === null && closes(to as Change) && now < at + HELD_MS,
  );
  return !closing && it.is.available === true && (it.is.capacity as number) >= 1;
}

export function closes({ capacity, available }: Change): boolean {
  return available === false || capacity === 0;
}

/** A percentage of `all`, rounded up. */
export function share({ percent }: { readonly percent: number }, all: number): number {
  return Math.ceil((percent * all) / 100 - 1e-9);
}

export function amountOf(amount: Amount, all: number): number {
  return 'count' in amount ? Math.min(amount.count, all) : Math.min(all, share(amount, all));
}

/**
 * One Worker as the others may know it: what its last pass saw, and what became known
 * since, as a pass that died may have reported that. If they differ, the more permissive counts.
 */
export class WorkerTimeline {
  #seen: WorkerSnapshot = { team: undefined, open: [], claimable: false, candidacies: [] };
  #now: WorkerSnapshot = this.#seen;
  #open = new Set<string>();
  #teams: readonly unknown[] = [];
  #claimable = false;
  /** When a pass last saw that no rule can claim it any more. */
  #outAt = Number.NEGATIVE_INFINITY;

  learn(entry: Entry, snapshot: WorkerSnapshot): void {
    this.#now = snapshot;
    const at = (channel: string) => `${snapshot.team}/${channel}`;
    if (entry.kind === 'look') {
      this.#seen = snapshot;
      this.#open = new Set(snapshot.open.map(at));
      this.#teams = [snapshot.team];
      if (this.#claimable && !snapshot.claimable) this.#outAt = entry.at;
      this.#claimable = snapshot.claimable;
    } else {
      for (const channel of snapshot.open) this.#open.add(at(channel));
      this.#teams = this.#teams.filter((team) => team === snapshot.team);
      this.#claimable ||= snapshot.claimable;
    }
    if (entry.kind !== 'write' || !closes(entry.to)) return;
    for (const key of this.#open) if (key.endsWith(`/${entry.channel}`)) this.#open.delete(key);
  }

  /** Open by what its pass saw, and still open. */
  isOpen({ team, channel }: Floor): boolean {
    return [this.#seen, this.#now].every((s) => s.team === team && s.open.includes(channel));
  }

  mayBeOpen({ team, channel }: Floor): boolean {
    return this.#open.has(`${team}/${channel}`);
  }

  isSurelyIn({ team }: Floor): boolean {
    return this.#teams.includes(team);
  }

  /** Writes of others that were admitted while it counted may still be about to leave. */
  mayBeClaimed(at: number, leavingMs: number): boolean {
    return this.#claimable || Math.abs(at - this.#outAt) < leavingMs;
  }

  get now(): WorkerSnapshot {
    return this.#now;
  }
}

/** How many of these have to stay open, by what was reported of all Workers. */
export function floorOf(floor: Floor, timelines: Iterable<WorkerTimeline>): number {
  const members = [...timelines].filter((each) => each.isSurelyIn(floor)).length;
  return 'count' in floor.atLeast ? floor.atLeast.count : share(floor.atLeast, members);
}

export function openAt(
  floor: Floor,
  timelines: ReadonlyMap<string, WorkerTimeline>,
): readonly string[] {
  return [...timelines].flatMap(([worker, timeline]) =>
    timeline.mayBeOpen(floor) ? [worker] : [],
  );
}

/** One common history with what the model says of each Worker. */
export interface Course {
  readonly history: readonly Entry[];
  readonly now: number;
  /** By Worker, what was known of it after each entry; null if the entry is not about it. */
  readonly snapshots: ReadonlyMap<string, readonly (WorkerSnapshot | null)[]>;
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

export function courseOf(
  workers: readonly string[],
  before: readonly Entry[],
  now: number,
): Course {
  const history: readonly Entry[] = [...before, { at: now, kind: 'quiet' }];
  const [snapshots, verdicts] = [
    new Map<string, (WorkerSnapshot | null)[]>(),
    new Map<string, Verdict>(),
  ];
  for (const worker of workers) {
    const own = history.map((): WorkerSnapshot | null => null);
    const places = history.flatMap((entry, i) => (concerns(entry, worker) ? [i] : []));
    const verdict = replay(ownOf(history, worker), worker, (known, entry, i) => {
      own[places[i] ?? 0] = snapshotOf(known, entry);
    });
    snapshots.set(worker, own);
    verdicts.set(worker, verdict);
  }
  return { history, now, snapshots, verdicts };
}

/** Walks through the common history, with each Worker as known before and after each entry. */
export function walk(
  { history, snapshots }: Course,
  see: {
    before?(entry: Entry, timelines: ReadonlyMap<string, WorkerTimeline>): void;
    after?(entry: Entry, timelines: ReadonlyMap<string, WorkerTimeline>): void;
  },
): ReadonlyMap<string, WorkerTimeline> {
  const timelines = new Map([...snapshots.keys()].map((worker) => [worker, new WorkerTimeline()]));
  for (const [i, entry] of history.entries()) {
    see.before?.(entry, timelines);
    for (const [worker, timeline] of timelines) {
      const snapshot = snapshots.get(worker)?.[i];
      if (snapshot) timeline.learn(entry, snapshot);
    }
    see.after?.(entry, timelines);
  }
  return timelines;
}
