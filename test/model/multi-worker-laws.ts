// What must hold of several Workers together: `keep_open`, `max_change` and `limit`. Which of them
// are refused, and which a rule takes, depends on the order in which they ask, so no law says
// which; each says how many, and why.

import type { Entry } from './history.ts';
import type { Floor, Limit, Rules } from './language.ts';
import type { Planned } from './model.ts';
import {
  amountOf,
  type Course,
  closes,
  floorOf,
  openAt,
  type WorkerTimeline,
  walk,
} from './workers.ts';

/** A place is taken before the write leaves: one call may lie between. */
const LEAVING_MS = 15_000;

type Write = Entry & { readonly kind: 'write' };

/**
 * 17: no write of ours closes one too many, by what passes had seen of the others when its own took
 * the place. A Worker who is not open may always be paused, and what people close is up to them.
 */
export function respectsKeepOpen(course: Course): readonly string[] {
  const wrong: string[] = [];
  const set = new InForce();
  const seen = new Seen();
  walk(course, {
    before: (entry, timelines) => {
      set.learn(entry);
      if (entry.kind !== 'write' || !closes(entry.to)) return;
      const { of = '', channel } = entry;
      for (const floor of set.rules?.keepOpen ?? []) {
        if (floor.channel !== channel || timelines.get(of)?.isOpen(floor) !== true) continue;
        const [open, least] = [seen.open(of, floor, timelines), floorOf(floor, timelines.values())];
        if (open > least) continue;
        wrong.push(
          `${describeWrite(entry)}, one of ${open} that are open where ${text(floor)} stay`,
        );
      }
      seen.closed(entry);
    },
    after: (entry, timelines) => {
      if (entry.kind === 'look') seen.passed(entry.of ?? '', set.rules?.keepOpen ?? [], timelines);
    },
  });
  return wrong;
}

/** Who was open when a Worker's pass took its place, except those whom our writes closed since. */
class Seen {
  readonly #open = new Map<string, Map<Floor, Set<string>>>();

  passed(
    worker: string,
    floors: readonly Floor[],
    timelines: ReadonlyMap<string, WorkerTimeline>,
  ): void {
    this.#open.set(worker, new Map(floors.map((each) => [each, new Set(openAt(each, timelines))])));
  }

  closed({ of = '', channel }: Write): void {
    for (const floors of this.#open.values()) {
      for (const [floor, open] of floors) if (floor.channel === channel) open.delete(of);
    }
  }

  open(worker: string, floor: Floor, timelines: ReadonlyMap<string, WorkerTimeline>): number {
    return new Set([...(this.#open.get(worker)?.get(floor) ?? []), ...openAt(floor, timelines)])
      .size;
  }
}

/** The rules in force, and which Workers were written in the window of their `max_change`. */
class InForce {
  rules: Rules | null = null;
  readonly #written = new Map<string, number>();
  /** Of those, the ones written while this window applied. */
  readonly #counted = new Set<string>();
  #perMs = 0;

  learn(entry: Entry): void {
    // A far future instant was recorded before the clock was set back: how long ago is unknown.
    for (const [worker, at] of this.#written) {
      if (at - entry.at >= this.#perMs) this.#written.delete(worker);
      // Once out of the window, it stays out.
      if (entry.at - at >= this.#perMs) this.#counted.delete(worker);
    }
    if (entry.kind === 'write') {
      this.#written.set(entry.of ?? '', entry.at);
      this.#counted.add(entry.of ?? '');
    }
    if (entry.kind !== 'rules') return;
    const perMs = (entry.rules.maxChange?.perS ?? 0) * 1000;
    // Writes from before this guardrail existed, or while its window was shorter, no longer count.
    if (perMs > this.#perMs) this.#counted.clear();
    this.#perMs = perMs;
    this.rules = entry.rules;
  }

  /** `by`: how much longer or shorter than the window to look back. */
  count(now: number, by: number): number {
    return [...this.#counted].filter((worker) => this.has(worker, now, by)).length;
  }

  has(worker: string, now: number, by: number): boolean {
    const at = this.#written.get(worker);
    return at !== undefined && Math.abs(now - at) < this.#perMs + by;
  }

  /** How many Workers may be written in one window. */
  most(timelines: ReadonlyMap<string, WorkerTimeline>, at: number): number {
    const maxChange = this.rules?.maxChange ?? null;
    if (maxChange === null) return Number.POSITIVE_INFINITY;
    const claimable = [...timelines.values()].filter((each) =>
      each.mayBeClaimed(at, LEAVING_MS),
    ).length;
    return amountOf(maxChange.workers, claimable);
  }

  /** Rules with a limit, and the named ones. */
  limited(names: Iterable<string>): ReadonlySet<string> {
    const limited = (this.rules?.rules ?? []).filter(({ limit }) => limit);
    return new Set([...names, ...limited.map(({ name }) => name)]);
  }

  limit(name: string): Limit | null {
    return this.rules?.rules.find((rule) => rule.name === name)?.limit ?? null;
  }
}

/** 18: in no window are more Workers written than `max_change` allows. */
export function respectsMaxChange(course: Course): readonly string[] {
  const wrong: string[] = [];
  const set = new InForce();
  walk(course, {
    before: (entry, timelines) => {
      const isFree = set.has(entry.of ?? '', entry.at, LEAVING_MS);
      set.learn(entry);
      if (entry.kind !== 'write' || isFree) return;
      const [written, most] = [set.count(entry.at, -LEAVING_MS), set.most(timelines, entry.at)];
      if (written <= most) return;
      wrong.push(
        `${describeWrite(entry)}, the ${written}th Worker in a window that has room for ${most}`,
      );
    },
  });
  return wrong;
}

/** 19: the Workers that a rule takes are candidates, as many as its limit says, at every choice. */
export function respectsLimits(course: Course): readonly string[] {
  const wrong: string[] = [];
  const set = new InForce();
  const chosen = new Map<string, Entry & { readonly kind: 'members' }>();
  walk(course, {
    after: (entry, timelines) => {
      set.learn(entry);
      if (entry.kind !== 'members' && entry.kind !== 'quiet') return;
      if (entry.kind === 'members') chosen.set(entry.rule, entry);
      const rest = entry.kind === 'quiet';
      for (const rule of rest ? set.limited(chosen.keys()) : [entry.rule]) {
        const { members = [], at = 0 } = chosen.get(rule) ?? {};
        const limit = set.limit(rule);
        // At rest nothing can have been missed, and each step was taken when it was due.
        const whole = !limit?.step || (rest && entry.at > at + limit.step.everyS * 1000);
        const faults = faultsOf({ rule, members, limit, whole }, timelines);
        wrong.push(...faults.map((fault) => `${iso(entry.at)} ${fault}`));
      }
    },
  });
  return wrong;
}

function faultsOf(
  choice: {
    readonly rule: string;
    readonly members: readonly string[];
    readonly limit: Limit | null;
    /** Whether all places should be open by now. */
    readonly whole: boolean;
  },
  timelines: ReadonlyMap<string, WorkerTimeline>,
): readonly string[] {
  const { rule, members, limit, whole } = choice;
  if (limit === null)
    return members.length > 0 ? [`${rule} has no limit, and holds ${members}`] : [];
  const candidates = [...timelines].flatMap(([w, { now }]) =>
    now.candidacies.includes(rule) ? [w] : [],
  );
  const others = members.filter((worker) => !candidates.includes(worker));
  const most = amountOf(limit.workers, candidates.length);
  const enough = whole ? members.length === most : members.length <= most;
  return [
    ...others.map((worker) => `${rule} has ${worker}, who is no candidate`),
    ...(enough ? [] : [`${rule} has ${members.length} of ${candidates.length}, not ${most}`]),
  ];
}

/** What is held back at the end, with the guardrails that leave no room for it. */
export interface Held {
  readonly worker: string;
  readonly planned: Planned;
  readonly by: readonly Short[];
}
type Short = 'keep_open.floor' | 'max_change.spent';

/** What the rules want but was not written, and which guardrails have no room for it. */
export function heldBack(course: Course): readonly Held[] {
  const set = new InForce();
  const timelines = walk(course, { before: (entry) => set.learn(entry) });
  const { now, verdicts } = course;
  const full = (worker: string, { channel, to }: Planned) =>
    (set.rules?.keepOpen ?? []).some(
      (floor) =>
        closes(to) &&
        floor.channel === channel &&
        timelines.get(worker)?.isOpen(floor) === true &&
        openAt(floor, timelines).length <= floorOf(floor, timelines.values()),
    );
  const spent = (worker: string) =>
    !set.has(worker, now, 0) && set.count(now, 0) >= set.most(timelines, now);
  return [...verdicts].flatMap(([worker, { open }]) =>
    open.map((planned): Held => {
      const floor: readonly Short[] = full(worker, planned) ? ['keep_open.floor'] : [];
      const budget: readonly Short[] = spent(worker) ? ['max_change.spent'] : [];
      return { worker, planned, by: [...floor, ...budget] };
    }),
  );
}

/** 17, 18: no guardrail holds anything back while it has room. */
export function nothingHeldNeedlessly(held: readonly Held[]): readonly string[] {
  return held
    .filter(({ by }) => by.length === 0)
    .map(
      ({ worker, planned: { channel, to } }) =>
        `${worker} ${channel} should have been written ${text(to)}, and no guardrail is short`,
    );
}

/** The reason given for each unwritten one is a guardrail without room. */
export function explainsRefusals(
  held: readonly Held[],
  toldOf: (worker: string, channel: string) => string | null,
): readonly string[] {
  return held.flatMap(({ worker, planned: { channel }, by }) => {
    const why = toldOf(worker, channel);
    if (by.length === 0 || by.some((each) => each === why)) return [];
    return [`${worker} ${channel} is held back by ${by.join()}, and ${why} is told`];
  });
}

function describeWrite({ at, of, channel, to }: Write): string {
  return `${iso(at)} ${of} ${channel} was written ${text(to)}`;
}

function text(value: unknown): string {
  return JSON.stringify(value);
}

function iso(at: number): string {
  return new Date(at).toISOString().slice(11, 23);
}
