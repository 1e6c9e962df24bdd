// The guardrails that count Workers, in books that all replicas change by compare-and-set. A pass
// reports its Worker's standing and asks for its writes; a permitted write is recorded before it is
// sent, so that no two take the last place. Passes of one process that ask at the same time are
// answered by one change.

import { randomUUID } from 'node:crypto';
import type { World } from '../core/decide.ts';
import { type Answer, type Ask, attend } from '../core/guardrails/books.ts';
import { call, inLineOf, mustCall } from '../core/guardrails/calls.ts';
import { closes, floorOf } from '../core/guardrails/guardrails.ts';
import { aged, membersAt } from '../core/guardrails/room.ts';
import { type Books, EMPTY_BOOKS, handedOver, ready } from '../core/guardrails/shelves.ts';
import { openAt, type Standing } from '../core/guardrails/standing.ts';
import { mustSeeOpen, standsOf } from '../core/guardrails/stands.ts';
import { total } from '../core/guardrails/tally.ts';
import type { WorkerSid } from '../core/ids.ts';
import { earliest } from '../core/instants.ts';
import { amountOf } from '../core/limit.ts';
import type { Plan, PlannedWrite, Refusal } from '../core/plan.ts';
import type { Guardrails, RuleSet } from '../core/rules.ts';
import type { WorkerState } from '../core/state.ts';
import type { Clock, Queues, Store } from '../ports.ts';
import { SharedDocument } from './documents.ts';
import { countRoster, mustCount, type RosterDeps, uncounted } from './roster.ts';
import { ShelfDocuments } from './shelf-documents.ts';

export interface GuardDeps {
  readonly store: Store;
  readonly queues: Pick<Queues, 'addPass'>;
  readonly clock: Clock;
  /** All Workers on record; absent: of a group only Workers that reported are counted. */
  readonly roster?: RosterDeps;
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
  readonly ask: Ask;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (why: unknown) => void;
}

const NOTHING: Answer = { writes: [], refused: [], lookAt: null };
/** More recent standings than this are moved from the books to their shelves. */
const RECENT = 48;
/** How often one change is attempted against other writers. */
const ATTEMPTS = 40;

export class Guard {
  readonly #deps: GuardDeps;
  readonly #books: SharedDocument<Books>;
  readonly #shelves: ShelfDocuments;
  readonly #pending: Pending[] = [];
  #serving = false;

  constructor(deps: GuardDeps) {
    this.#deps = deps;
    this.#books = new SharedDocument(deps.store, 'guardrails:books', EMPTY_BOOKS);
    this.#shelves = new ShelfDocuments(deps.store);
  }

  /** Reads what others changed, for callers that change nothing. */
  async fresh(): Promise<void> {
    if (this.#guardrails() !== null) await this.#books.fresh();
  }

  /**
   * The part of this plan that may be written, and the record with its Worker's standing. The books
   * are changed only if there is something to report or to ask.
   */
  async attend(
    state: WorkerState,
    planned: Plan,
  ): Promise<{ readonly state: WorkerState; readonly planned: Plan }> {
    const rules = this.#deps.rules();
    const guardrails = this.#guardrails();
    if (rules === null || guardrails === null) return { state, planned };
    const books = await this.#books.fresh();
    await this.#shelves.catchUp(books, [state.sid]);
    const known = this.#shelves.standing(books, state.sid);
    const before = state.stood?.at ?? [];
    const now = this.#deps.clock.now();
    const at = standsOf(rules, state, this.#deps.world(), now, before);
    // The record may not have been stored after the books were changed, and books may be lost.
    const told = [before, known.stands].every((each) => String(each) === String(at));
    const waits = awaits(state, known) || isFromAhead(known, guardrails, now);
    const concerned = planned.writes.length > 0 || waits;
    if (told && !concerned) return { state, planned };
    const answer = await this.#ask({ worker: state.sid, stands: at, writes: planned.writes });
    const holds = answer.writes.some(closes);
    return { state: { ...state, stood: { at, holds } }, planned: after(planned, answer) };
  }

  /** This Worker is no longer on record. */
  async gone(worker: WorkerSid): Promise<void> {
    // It counts in books that exist, whether or not a guardrail is in force now.
    if (this.#books.current().id === '') await this.#books.refresh();
    if (this.#books.current().id === '') return;
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
  ): Promise<ReadonlyMap<string, Answer>> {
    const rules = this.#deps.rules();
    const guardrails = this.#guardrails();
    if (rules === null || guardrails === null) return new Map();
    const at = this.#deps.clock.now();
    const asks = asked.map(({ state, writes }) => ({
      worker: state.sid,
      stands: standsOf(rules, state, this.#deps.world(), at, state.stood?.at ?? []),
      writes,
    }));
    const books = this.#books.current();
    await this.#shelves.catchUp(books, workersOf(asks));
    return attend(guardrails, books, this.#knownTo(books), asks, at).answers;
  }

  /** null: no guardrail counts Workers. */
  view(): GuardView | null {
    const guardrails = this.#guardrails();
    if (guardrails === null) return null;
    const { keepOpen, maxChange } = guardrails;
    const books = aged(guardrails, this.#books.current(), this.#deps.clock.now());
    return {
      keepOpen: keepOpen.map((keep) => {
        const { group, channel } = keep;
        const atLeast = floorOf(keep, membersAt(books, keep));
        return { group, channel, open: openAt(books, keep), atLeast };
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

  #ask(ask: Ask): Promise<Answer> {
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

  async #answer(asks: readonly Ask[]): Promise<ReadonlyMap<string, Answer>> {
    const rules = this.#deps.rules();
    const guardrails = rules?.guardrails ?? NONE;
    const at = this.#deps.clock.now();
    const roster = await this.#roster(asks, at);
    let answers: ReadonlyMap<string, Answer> = new Map();
    let calls = false;
    await this.#change(workersOf(asks), (current) => {
      const books = roster(current);
      const attended = attend(guardrails, books, this.#knownTo(books), asks, at);
      answers = attended.answers;
      calls = mustCall(guardrails, current, attended.books, at);
      return attended.books;
    });
    if (calls) await this.#call(guardrails, at);
    return answers;
  }

  /** Counts all Workers if that is due; returns what puts the count into books. */
  async #roster(asks: readonly Ask[], at: number): Promise<(books: Books) => Books> {
    const { roster: deps, rules: inForce, world } = this.#deps;
    const rules = inForce();
    if (rules === null || deps === undefined) return (books) => books;
    const must = (books: Books) => mustCount(rules, books, asks, at);
    const counted = must(this.#books.current())
      ? await countRoster(rules, world(), at, deps)
      : null;
    // The books may have been replaced since they were looked at.
    return (books) => (must(books) ? { ...books, roster: counted ?? uncounted(rules, at) } : books);
  }

  async #call(guardrails: Guardrails, at: number): Promise<void> {
    const line = (await this.#shelves.line(this.#books.current())).map(({ worker }) => worker);
    let called: readonly string[] = [];
    await this.#change(line, (books) => {
      const after = call(guardrails, books, inLineOf(line, this.#knownTo(books)), at);
      called = after.called;
      return after.books;
    });
    for (const sid of called) await this.#deps.queues.addPass(sid);
  }

  /** Keeps the books small, whether or not the asks succeeded. */
  async #tidy(): Promise<void> {
    const books = this.#books.current();
    if (ready(books).length <= RECENT) return;
    const stored = await this.#shelves.store(books);
    await this.#books.change((now) => (now.id === books.id ? handedOver(now, stored) : now));
  }

  /** Applies `next` to the newest books, once their shelves of these Workers were read. */
  async #change(workers: readonly string[], next: (books: Books) => Books): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const current = this.#books.current();
      await this.#shelves.catchUp(current, workers);
      if (this.#books.current() !== current) continue;
      const before = current.id === '' ? { ...EMPTY_BOOKS, id: randomUUID() } : current;
      const after = next(before);
      // That nothing changes is only certain of the newest books: others may have changed them.
      const newest = after === current ? await this.#books.refresh() : null;
      if (newest === current || (newest === null && (await this.#books.save(after)))) return;
    }
    throw new Error('the books of the guardrails are being changed by others all the time');
  }

  #knownTo(books: Books) {
    return (worker: string) => this.#shelves.standing(books, worker);
  }
}

/** Whether this Worker may be in line, or hold a place that it no longer needs. */
function awaits({ channels, stood }: WorkerState, known: Standing): boolean {
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
function isFromAhead({ spentAt }: Standing, { maxChange }: Guardrails, now: number): boolean {
  return maxChange !== null && spentAt !== null && spentAt - now >= maxChange.perMs;
}

function workersOf(asks: readonly Ask[]): readonly string[] {
  return asks.map(({ worker }) => worker);
}

const NONE: Guardrails = { bounds: new Map(), keepOpen: [], maxChange: null, minDwellMs: 0 };
const REFUSED: ReadonlySet<string> = new Set(['keep_open.floor', 'max_change.spent']);

function after(planned: Plan, { writes, refused, lookAt }: Answer): Plan {
  // One reason is reported per channel: the one that keeps all of it from being written.
  const held = new Set(refused.map(({ channel }) => channel));
  const others = planned.refusals.filter(({ channel }) => !held.has(channel));
  const refusals: readonly Refusal[] = [...others, ...refused];
  const mayWrite = planned.writes.filter((write) => writes.includes(write));
  return { writes: mayWrite, refusals, lookAt: earliest(planned.lookAt, lookAt) };
}
