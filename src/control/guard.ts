// The guardrails that count Workers, in books that all replicas change by compare-and-set. A pass
// reports its Worker's standing and asks for its writes; a permitted write is recorded before it is
// sent, so that no two take the last place. Passes of one process that ask at the same time are
// answered by one change.

import { randomUUID } from 'node:crypto';
import type { World } from '../core/decide.ts';
import {
  answerRequests,
  type GuardrailAnswer,
  type WriteRequest,
} from '../core/guardrails/admission.ts';
import { floorMembershipsOf, mustSeeOpen } from '../core/guardrails/floor-memberships.ts';
import { floorMembers, withoutExpired } from '../core/guardrails/free-places.ts';
import { closes, floorOf } from '../core/guardrails/guardrails.ts';
import { total } from '../core/guardrails/histogram.ts';
import {
  EMPTY_LEDGER,
  flushableWorkers,
  type GuardrailLedger,
  withoutFlushed,
} from '../core/guardrails/ledger-shards.ts';
import { callNext, shouldCall, waitingWorkers } from '../core/guardrails/waiting-line.ts';
import { openWorkers, type WorkerStanding } from '../core/guardrails/worker-standing.ts';
import type { WorkerSid } from '../core/ids.ts';
import { earliest } from '../core/instants.ts';
import { amountOf } from '../core/limit.ts';
import type { Plan, PlannedWrite, Refusal } from '../core/plan.ts';
import type { Guardrails, RuleSet } from '../core/rules.ts';
import type { WorkerState } from '../core/state.ts';
import type { Clock, Queues, Store } from '../ports.ts';
import {
  countGroupSizes,
  type GroupSizeDeps,
  isCountDue,
  unknownGroupSizes,
} from './group-sizes.ts';
import { LedgerShards } from './ledger-shards.ts';
import { SharedDocument } from './shared-document.ts';

export interface GuardDeps {
  readonly store: Store;
  readonly queues: Pick<Queues, 'addPass'>;
  readonly clock: Clock;
  /** All Workers on record; absent: of a group only Workers that reported are counted. */
  readonly groupSizes?: GroupSizeDeps;
  rules(): RuleSet | null;
  world(): World;
}

/** The state of the guardrails, for status. */
export interface GuardView {
  readonly keepOpen: readonly {
    readonly group: string;
    readonly channel: string;
    readonly open: number;
    readonly atLeast: number;
  }[];
  /** Workers written in the window, and how many may be; null: there is no such guardrail. */
  readonly maxChange: { readonly written: number; readonly allowed: number } | null;
  /** Workers waiting for one of them. */
  readonly waiting: number;
}

interface Pending {
  readonly ask: WriteRequest;
  readonly resolve: (answer: GuardrailAnswer) => void;
  readonly reject: (why: unknown) => void;
}

const NOTHING: GuardrailAnswer = { writes: [], refused: [], lookAt: null };
/** More recent standings than this are moved from the books to their shelves. */
const RECENT = 48;
/** How often one change is attempted against other writers. */
const ATTEMPTS = 40;

export class Guard {
  readonly #deps: GuardDeps;
  readonly #ledger: SharedDocument<GuardrailLedger>;
  readonly #shards: LedgerShards;
  readonly #pending: Pending[] = [];
  #serving = false;

  constructor(deps: GuardDeps) {
    this.#deps = deps;
    this.#ledger = new SharedDocument(deps.store, 'guardrails:books', EMPTY_LEDGER);
    this.#shards = new LedgerShards(deps.store);
  }

  /** Reads what others changed, for callers that change nothing. */
  async ensureFresh(): Promise<void> {
    if (this.#guardrails() !== null) await this.#ledger.ensureFresh();
  }

  /**
   * The part of this plan that may be written, and the record with its Worker's standing. The books
   * are changed only if there is something to report or to ask.
   */
  async permit(
    state: WorkerState,
    planned: Plan,
  ): Promise<{ readonly state: WorkerState; readonly planned: Plan }> {
    const rules = this.#deps.rules();
    const guardrails = this.#guardrails();
    if (rules === null || guardrails === null) return { state, planned };
    const books = await this.#ledger.ensureFresh();
    await this.#shards.refreshFor(books, [state.sid]);
    const known = this.#shards.standing(books, state.sid);
    const before = state.stood?.at ?? [];
    const now = this.#deps.clock.now();
    const at = floorMembershipsOf(rules, state, this.#deps.world(), now, before);
    // The record may not have been stored after the books were changed, and books may be lost.
    const told = [before, known.stands].every((each) => String(each) === String(at));
    const waits = mayHoldPlace(state, known) || isSpentInFuture(known, guardrails, now);
    const concerned = planned.writes.length > 0 || waits;
    if (told && !concerned) return { state, planned };
    const answer = await this.#ask({ worker: state.sid, stands: at, writes: planned.writes });
    const holds = answer.writes.some(closes);
    return { state: { ...state, stood: { at, holds } }, planned: permittedPlan(planned, answer) };
  }

  /** This Worker is no longer on record. */
  async removeWorker(worker: WorkerSid): Promise<void> {
    // It counts in books that exist, whether or not a guardrail is in force now.
    if (this.#ledger.current().id === '') await this.#ledger.refresh();
    if (this.#ledger.current().id === '') return;
    await this.#ask({ worker, stands: [], writes: [] });
  }

  mustSeeOpen(state: WorkerState): boolean {
    const rules = this.#deps.rules();
    if (rules === null || rules.guardrails.keepOpen.length === 0) return false;
    return mustSeeOpen(rules, state, this.#deps.world(), this.#deps.clock.now());
  }

  /** What would be refused if all of them asked now; changes nothing. */
  async preview(
    asked: readonly { readonly state: WorkerState; readonly writes: readonly PlannedWrite[] }[],
  ): Promise<ReadonlyMap<string, GuardrailAnswer>> {
    const rules = this.#deps.rules();
    const guardrails = this.#guardrails();
    if (rules === null || guardrails === null) return new Map();
    const at = this.#deps.clock.now();
    const asks = asked.map(({ state, writes }) => ({
      worker: state.sid,
      stands: floorMembershipsOf(rules, state, this.#deps.world(), at, state.stood?.at ?? []),
      writes,
    }));
    const books = this.#ledger.current();
    await this.#shards.refreshFor(books, workersOf(asks));
    return answerRequests(guardrails, books, this.#standingLookup(books), asks, at).answers;
  }

  /** null: no guardrail counts Workers. */
  view(): GuardView | null {
    const guardrails = this.#guardrails();
    if (guardrails === null) return null;
    const { keepOpen, maxChange } = guardrails;
    const books = withoutExpired(guardrails, this.#ledger.current(), this.#deps.clock.now());
    return {
      keepOpen: keepOpen.map((keep) => {
        const { group, channel } = keep;
        const atLeast = floorOf(keep, floorMembers(books, keep));
        return { group, channel, open: openWorkers(books, keep), atLeast };
      }),
      maxChange: maxChange && {
        written: total(books.spent),
        allowed: amountOf(maxChange.workers, books.claimable),
      },
      waiting: books.waiting,
    };
  }

  #guardrails(): Guardrails | null {
    const guardrails = this.#deps.rules()?.guardrails ?? null;
    if (guardrails === null) return null;
    return guardrails.keepOpen.length > 0 || guardrails.maxChange !== null ? guardrails : null;
  }

  #ask(ask: WriteRequest): Promise<GuardrailAnswer> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ ask, resolve, reject });
      if (!this.#serving) void this.#serve();
    });
  }

  async #serve(): Promise<void> {
    this.#serving = true;
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0);
      try {
        const answers = await this.#answer(batch.map(({ ask }) => ask));
        for (const { ask, resolve } of batch) resolve(answers.get(ask.worker) ?? NOTHING);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      // What could not be stored now stays in the books and is stored after the next batch.
      await this.#tidy().catch(() => undefined);
    }
    this.#serving = false;
  }

  async #answer(asks: readonly WriteRequest[]): Promise<ReadonlyMap<string, GuardrailAnswer>> {
    const rules = this.#deps.rules();
    const guardrails = rules?.guardrails ?? NONE;
    const at = this.#deps.clock.now();
    const roster = await this.#withGroupSizes(asks, at);
    let answers: ReadonlyMap<string, GuardrailAnswer> = new Map();
    let calls = false;
    await this.#change(workersOf(asks), (current) => {
      const books = roster(current);
      const attended = answerRequests(guardrails, books, this.#standingLookup(books), asks, at);
      answers = attended.answers;
      calls = shouldCall(guardrails, current, attended.ledger, at);
      return attended.ledger;
    });
    if (calls) await this.#callWaiting(guardrails, at);
    return answers;
  }

  /** Counts all Workers if that is due; returns what puts the count into books. */
  async #withGroupSizes(
    asks: readonly WriteRequest[],
    at: number,
  ): Promise<(books: GuardrailLedger) => GuardrailLedger> {
    const { groupSizes: deps, rules: inForce, world } = this.#deps;
    const rules = inForce();
    if (rules === null || deps === undefined) return (books) => books;
    const must = (books: GuardrailLedger) => isCountDue(rules, books, asks, at);
    const counted = must(this.#ledger.current())
      ? await countGroupSizes(rules, world(), at, deps)
      : null;
    // The books may have been replaced since they were looked at.
    return (books) =>
      must(books) ? { ...books, roster: counted ?? unknownGroupSizes(rules, at) } : books;
  }

  async #callWaiting(guardrails: Guardrails, at: number): Promise<void> {
    const line = (await this.#shards.waitingLine(this.#ledger.current())).map(
      ({ worker }) => worker,
    );
    let called: readonly string[] = [];
    await this.#change(line, (books) => {
      const after = callNext(
        guardrails,
        books,
        waitingWorkers(line, this.#standingLookup(books)),
        at,
      );
      called = after.called;
      return after.books;
    });
    for (const sid of called) await this.#deps.queues.addPass(sid);
  }

  /** Keeps the books small, whether or not the asks succeeded. */
  async #tidy(): Promise<void> {
    const books = this.#ledger.current();
    if (flushableWorkers(books).length <= RECENT) return;
    const stored = await this.#shards.store(books);
    await this.#ledger.change((now) => (now.id === books.id ? withoutFlushed(now, stored) : now));
  }

  /** Applies `next` to the newest books, once their shelves of these Workers were read. */
  async #change(
    workers: readonly string[],
    next: (books: GuardrailLedger) => GuardrailLedger,
  ): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const current = this.#ledger.current();
      await this.#shards.refreshFor(current, workers);
      if (this.#ledger.current() !== current) continue;
      const before = current.id === '' ? { ...EMPTY_LEDGER, id: randomUUID() } : current;
      const after = next(before);
      // That nothing changes is only certain of the newest books: others may have changed them.
      const newest = after === current ? await this.#ledger.refresh() : null;
      if (newest === current || (newest === null && (await this.#ledger.save(after)))) return;
    }
    throw new Error('the guardrail ledger keeps being changed by other processes');
  }

  #standingLookup(books: GuardrailLedger) {
    return (worker: string) => this.#shards.standing(books, worker);
  }
}

/** Whether this Worker may be in line, or hold a place that it no longer needs. */
function mayHoldPlace({ channels, stood }: WorkerState, known: WorkerStanding): boolean {
  return (
    known.waits !== null ||
    Object.keys(known.held).length > 0 ||
    // Another replica may have answered it a moment ago.
    stood?.holds === true ||
    Object.values(channels).some(({ refused }) => refused !== null && REFUSED.has(refused))
  );
}

/**
 * It was written before the clock was set back by more than the window. That has to be forgotten,
 * or it would count as just written when the clock gets there again.
 */
function isSpentInFuture(
  { spentAt }: WorkerStanding,
  { maxChange }: Guardrails,
  now: number,
): boolean {
  return maxChange !== null && spentAt !== null && spentAt - now >= maxChange.perMs;
}

function workersOf(asks: readonly WriteRequest[]): readonly string[] {
  return asks.map(({ worker }) => worker);
}

const NONE: Guardrails = { bounds: new Map(), keepOpen: [], maxChange: null, minDwellMs: 0 };
const REFUSED: ReadonlySet<string> = new Set(['keep_open.floor', 'max_change.spent']);

function permittedPlan(planned: Plan, { writes, refused, lookAt }: GuardrailAnswer): Plan {
  // One reason is reported per channel: the one that keeps all of it from being written.
  const held = new Set(refused.map(({ channel }) => channel));
  const others = planned.refusals.filter(({ channel }) => !held.has(channel));
  const refusals: readonly Refusal[] = [...others, ...refused];
  const mayWrite = planned.writes.filter((write) => writes.includes(write));
  return { writes: mayWrite, refusals, lookAt: earliest(planned.lookAt, lookAt) };
}
