// A second opinion on the guardrails that count Workers: one plain value that holds every Worker by
// name and is recomputed for each question. Nothing here scales, and of what it is compared with it
// uses only `admit`, which the simulator uses too, and small helpers.

import type { GuardrailAnswer } from '../../src/core/guardrails/admission.ts';
import { CLAIMABLE, floorName } from '../../src/core/guardrails/floor-memberships.ts';
import {
  admit,
  closes,
  type Floor,
  type Spent,
  type WorkerWrite,
} from '../../src/core/guardrails/guardrails.ts';
import { LEDGER_LIMITS, type WriteRequest } from '../../src/core/guardrails/ledger-transaction.ts';
import { earliest } from '../../src/core/instants.ts';
import { type PlannedWrite, type Refusal, rank } from '../../src/core/plan.ts';
import type { Guardrails } from '../../src/core/rules.ts';

/** Waiting in line for a place, with the writes it was refused. */
export interface Waiting {
  readonly worker: string;
  /** epoch ms */
  readonly since: number;
  /** When it was called because there may be a place. */
  readonly calledAt: number | null;
  readonly writes: readonly {
    readonly channel: string;
    readonly rank: number;
    readonly closes: boolean;
  }[];
}

export interface ReferenceState {
  /** By Worker SID, as `floorMembershipsOf` returns them; Workers without any are left out. */
  readonly memberships: Readonly<Record<string, readonly string[]>>;
  /** Places held for writes that close a channel, until they are seen to have closed it. */
  readonly closing: readonly {
    readonly worker: string;
    readonly floor: string;
    readonly until: number;
  }[];
  readonly spent: Spent;
  /** In order of arrival. */
  readonly line: readonly Waiting[];
}

export const EMPTY_STATE: ReferenceState = { memberships: {}, closing: [], spent: [], line: [] };

export interface ReferenceResult {
  readonly state: ReferenceState;
  readonly answers: ReadonlyMap<string, GuardrailAnswer>;
  /** Workers in line who would be admitted now. */
  readonly call: readonly string[];
}

/** Serves those who ask, after those already in line for the same; mutates nothing. */
export function askReference(
  guardrails: Guardrails,
  before: ReferenceState,
  requests: readonly WriteRequest[],
  at: number,
): ReferenceResult {
  const state = tidied(before, requests, guardrails, at);
  const places = new Map(state.line.map(({ worker }, place) => [worker, place]));
  const placeOf = (worker: string) => places.get(worker) ?? state.line.length;
  const asking = new Set(requests.map(({ worker }) => worker));
  const absent = state.line.filter(({ worker }) => !asking.has(worker));
  const wanted = [
    ...requests.flatMap(({ worker, writes }) => writes.map((write) => ({ worker, write }))),
    ...absent.filter((each) => keepsPlace(each, at)).flatMap(standIns),
  ].sort((a, b) => placeOf(a.worker) - placeOf(b.worker));
  const admitted = admit(guardrails, wanted, ledgerOf(guardrails, state), at);
  const mine = admitted.writes.filter(({ worker }) => asking.has(worker));
  const [granted, refused] = [grouped(mine), grouped(admitted.refused)];
  const answers = new Map(
    requests.map(({ worker }): [string, GuardrailAnswer] => {
      const writes = (granted.get(worker) ?? []).map(({ write }) => write);
      const held = (refused.get(worker) ?? []).map(({ refusal }) => refusal);
      return [worker, { writes, refused: held, lookAt: lookAtOf(writes, held, at) }];
    }),
  );
  const call = callable(absent, new Set(admitted.writes.map(({ worker }) => worker)));
  const called = new Set(call);
  return {
    answers,
    call,
    state: {
      memberships: state.memberships,
      closing: closingAfter(state.closing, reserved(guardrails, state, mine, at)),
      spent: guardrails.maxChange === null ? [] : spentAfter(state.spent, mine, at),
      line: lineAfter(state.line, requests, answers, at).map((each) =>
        called.has(each.worker) ? { ...each, calledAt: at } : each,
      ),
    },
  };
}

/** A Worker that was called and does not come holds nothing up. */
function keepsPlace({ calledAt }: Waiting, at: number): boolean {
  return calledAt === null || at < calledAt + LEDGER_LIMITS.calledMs;
}

function standIns({ worker, writes }: Waiting): readonly WorkerWrite[] {
  return writes.map((write) => ({ worker, write: standIn(write) }));
}

function closingAfter(
  before: ReferenceState['closing'],
  now: ReferenceState['closing'],
): ReferenceState['closing'] {
  const same = (a: ReferenceState['closing'][number]) =>
    now.some((b) => a.worker === b.worker && a.floor === b.floor);
  return [...before.filter((each) => !same(each)), ...now];
}

function spentAfter(before: Spent, writes: readonly WorkerWrite[], at: number): Spent {
  const written = new Set(writes.map(({ worker }) => worker));
  const others = before.filter(({ worker }) => !written.has(worker));
  return [...others, ...[...written].map((worker) => ({ worker, at }))];
}

type Standing = ReferenceState['memberships'];

function tidied(
  { memberships, closing, spent, line }: ReferenceState,
  requests: readonly WriteRequest[],
  { maxChange, keepOpen }: Guardrails,
  at: number,
): ReferenceState {
  const asked = new Map(requests.map((ask) => [ask.worker, ask]));
  const channels = new Map(keepOpen.map((keep) => [floorName(keep), keep.channel]));
  const stillCloses = ({ memberships, writes }: WriteRequest, floor: string) =>
    memberships.includes(`+${floor}`) &&
    writes.some((write) => write.channel === channels.get(floor) && closes(write));
  return {
    memberships: standing(memberships, requests),
    closing: closing.filter(({ worker, floor, until }) => {
      const ask = asked.get(worker);
      // A Worker that asks without closing it has closed it, or changed its mind.
      return at < until && (ask === undefined || stillCloses(ask, floor));
    }),
    spent: maxChange === null ? [] : spent.filter((each) => each.at + maxChange.perMs > at),
    line,
  };
}

function standing(before: Standing, requests: readonly WriteRequest[]): Standing {
  const moved = requests.filter(
    ({ worker, memberships }) => String(before[worker] ?? []) !== String(memberships),
  );
  if (moved.length === 0) return before;
  const after: Record<string, readonly string[]> = { ...before };
  for (const { worker, memberships } of moved) {
    if (memberships.length === 0) delete after[worker];
    else after[worker] = memberships;
  }
  return after;
}

/** What the guardrails see: who is open, except where the place is already taken. */
export function ledgerOf(
  { keepOpen }: Guardrails,
  { memberships, closing, spent }: ReferenceState,
) {
  const floors = keepOpen.map((keep) => ({
    keep,
    name: floorName(keep),
    members: new Set<string>(),
    open: new Set<string>(),
  }));
  let claimable = 0;
  for (const [worker, where] of Object.entries(memberships)) {
    if (where.includes(CLAIMABLE)) claimable += 1;
    for (const { name, members, open } of floors) {
      if (where.includes(`+${name}`)) open.add(worker);
      else if (!where.includes(`=${name}`)) continue;
      members.add(worker);
    }
  }
  for (const { worker, floor } of closing) {
    floors.find(({ name }) => name === floor)?.open.delete(worker);
  }
  return { floors: floors satisfies readonly Floor[], spent, claimable };
}

/** Stands in for the write of a Worker that is in line but not asking now. */
function standIn({ channel, rank, closes }: Waiting['writes'][number]): PlannedWrite {
  return {
    channel,
    from: {},
    to: closes ? { available: false } : {},
    hard: rank === 0,
    protective: rank === 1,
    reason: 'rule.claimed',
    rule: rank === 2 ? null : '',
  };
}

/** Workers that would be admitted and have not been called yet. */
function callable(absent: readonly Waiting[], admitted: ReadonlySet<string>): readonly string[] {
  return absent
    .filter(({ worker, calledAt }) => calledAt === null && admitted.has(worker))
    .map(({ worker }) => worker);
}

function reserved(
  { keepOpen }: Guardrails,
  { memberships }: ReferenceState,
  writes: readonly WorkerWrite[],
  at: number,
): ReferenceState['closing'] {
  const until = at + LEDGER_LIMITS.holdMs;
  return writes.flatMap(({ worker, write }) =>
    keepOpen.flatMap((keep) => {
      const floor = floorName(keep);
      const open = memberships[worker]?.includes(`+${floor}`) ?? false;
      return open && keep.channel === write.channel && closes(write)
        ? [{ worker, floor, until }]
        : [];
    }),
  );
}

/** A Worker that asks again keeps its place. */
function lineAfter(
  before: ReferenceState['line'],
  requests: readonly WriteRequest[],
  answers: ReadonlyMap<string, GuardrailAnswer>,
  at: number,
): readonly Waiting[] {
  const line = new Map(before.map((each) => [each.worker, each]));
  for (const ask of requests) {
    const refused = answers.get(ask.worker)?.refused ?? [];
    if (refused.length === 0) line.delete(ask.worker);
    else line.set(ask.worker, waiting(ask, refused, line.get(ask.worker)?.since ?? at));
  }
  return [...line.values()];
}

function waiting(
  { worker, writes }: WriteRequest,
  refused: readonly Refusal[],
  since: number,
): Waiting {
  const channels = refused.map(({ channel }) => channel);
  return {
    ...{ worker, since, calledAt: null },
    writes: writes
      .filter(({ channel }) => channels.includes(channel))
      .map((write) => ({ channel: write.channel, rank: rank(write), closes: closes(write) })),
  };
}

function lookAtOf(
  writes: readonly PlannedWrite[],
  refused: readonly Refusal[],
  at: number,
): number | null {
  return earliest(
    ...refused.map(({ until }) => until ?? at + LEDGER_LIMITS.againMs),
    writes.some(closes) ? at + LEDGER_LIMITS.confirmMs : null,
  );
}

function grouped<T extends { readonly worker: string }>(
  all: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const group = groups.get(each.worker);
    if (group === undefined) groups.set(each.worker, [each]);
    else group.push(each);
  }
  return groups;
}
