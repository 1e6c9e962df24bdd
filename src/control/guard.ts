// The guardrails that count Workers, in a ledger that all replicas change by compare-and-set. A
// pass reports its Worker's standing and asks for its writes; a permitted write is recorded before
// it is sent, so that no two take the last place. Passes of one process that ask at the same time
// are answered by one change.

import { randomUUID } from 'node:crypto';
import type { World } from '../core/decide.ts';
import { answerRequests, type GuardrailAnswer } from '../core/guardrails/admission.ts';
import { floorMembershipsOf, mustSeeOpen } from '../core/guardrails/floor-memberships.ts';
import { closes } from '../core/guardrails/guardrails.ts';
import {
  EMPTY_LEDGER,
  flushableWorkers,
  type GuardrailLedger,
  withoutFlushed,
} from '../core/guardrails/ledger-shards.ts';
import type { WriteRequest } from '../core/guardrails/ledger-transaction.ts';
import { callNext, shouldCall, waitingWorkers } from '../core/guardrails/waiting-line.ts';
import type { WorkerStanding } from '../core/guardrails/worker-standing.ts';
import type { WorkerSid } from '../core/ids.ts';
import { earliest } from '../core/instants.ts';
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
import { type GuardView, guardView } from './guard-view.ts';
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

interface Pending {
  readonly request: WriteRequest;
  readonly resolve: (answer: GuardrailAnswer) => void;
  readonly reject: (why: unknown) => void;
}

const NOTHING: GuardrailAnswer = { writes: [], refused: [], lookAt: null };
/** Beyond this many recent standings, they are moved from the ledger to its shards. */
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
   * The part of this plan that may be written, and the record with its Worker's standing. The
   * ledger is changed only if there is something to report or to ask.
   */
  async permit(
    state: WorkerState,
    planned: Plan,
  ): Promise<{ readonly state: WorkerState; readonly planned: Plan }> {
    const rules = this.#deps.rules();
    const guardrails = this.#guardrails();
    if (rules === null || guardrails === null) return { state, planned };
    const ledger = await this.#ledger.ensureFresh();
    await this.#shards.refreshFor(ledger, [state.sid]);
    const known = this.#shards.standing(ledger, state.sid);
    const before = state.stood?.at ?? [];
    const now = this.#deps.clock.now();
    const at = floorMembershipsOf(rules, state, this.#deps.world(), now, before);
    // The record may not have been stored after the ledger was changed, and a ledger may be lost.
    const isReported = [before, known.stands].every((each) => String(each) === String(at));
    const waits = mayHoldPlace(state, known) || isSpentInFuture(known, guardrails, now);
    const concerned = planned.writes.length > 0 || waits;
    if (isReported && !concerned) return { state, planned };
    const answer = await this.#ask({ worker: state.sid, memberships: at, writes: planned.writes });
    const holds = answer.writes.some(closes);
    return { state: { ...state, stood: { at, holds } }, planned: permittedPlan(planned, answer) };
  }

  /** This Worker is no longer on record. */
  async removeWorker(worker: WorkerSid): Promise<void> {
    // It counts in a ledger that exists, whether or not a guardrail is in force now.
    if (this.#ledger.current().id === '') await this.#ledger.refresh();
    if (this.#ledger.current().id === '') return;
    await this.#ask({ worker, memberships: [], writes: [] });
  }

  mustSeeOpen(state: WorkerState): boolean {
    const rules = this.#deps.rules();
    if (rules === null || rules.guardrails.keepOpen.length === 0) return false;
    return mustSeeOpen(rules, state, this.#deps.world(), this.#deps.clock.now());
  }

  /** What would be refused if all of them asked now; changes nothing. */
  async preview(
    planned: readonly { readonly state: WorkerState; readonly writes: readonly PlannedWrite[] }[],
  ): Promise<ReadonlyMap<string, GuardrailAnswer>> {
    const rules = this.#deps.rules();
    const guardrails = this.#guardrails();
    if (rules === null || guardrails === null) return new Map();
    const at = this.#deps.clock.now();
    const requests = planned.map(({ state, writes }) => ({
      worker: state.sid,
      memberships: floorMembershipsOf(rules, state, this.#deps.world(), at, state.stood?.at ?? []),
      writes,
    }));
    const ledger = this.#ledger.current();
    await this.#shards.refreshFor(ledger, workersOf(requests));
    return answerRequests(guardrails, ledger, this.#standingLookup(ledger), requests, at).answers;
  }

  /** null: no guardrail counts Workers. */
  view(): GuardView | null {
    const guardrails = this.#guardrails();
    if (guardrails === null) return null;
    return guardView(guardrails, this.#ledger.current(), this.#deps.clock.now());
  }

  #guardrails(): Guardrails | null {
    const guardrails = this.#deps.rules()?.guardrails ?? null;
    if (guardrails === null) return null;
    return guardrails.keepOpen.length > 0 || guardrails.maxChange !== null ? guardrails : null;
  }

  #ask(request: WriteRequest): Promise<GuardrailAnswer> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ request, resolve, reject });
      if (!this.#serving) void this.#serve();
    });
  }

  async #serve(): Promise<void> {
    this.#serving = true;
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0);
      try {
        const answers = await this.#answer(batch.map(({ request }) => request));
        for (const { request, resolve } of batch) resolve(answers.get(request.worker) ?? NOTHING);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      // What could not be moved now stays in the ledger and is moved after the next batch.
      await this.#tidy().catch(() => undefined);
    }
    this.#serving = false;
  }

  async #answer(requests: readonly WriteRequest[]): Promise<ReadonlyMap<string, GuardrailAnswer>> {
    const rules = this.#deps.rules();
    const guardrails = rules?.guardrails ?? NONE;
    const at = this.#deps.clock.now();
    const withSizes = await this.#withGroupSizes(requests, at);
    let answers: ReadonlyMap<string, GuardrailAnswer> = new Map();
    let calls = false;
    await this.#change(workersOf(requests), (current) => {
      const ledger = withSizes(current);
      const answered = answerRequests(
        guardrails,
        ledger,
        this.#standingLookup(ledger),
        requests,
        at,
      );
      answers = answered.answers;
      calls = shouldCall(guardrails, current, answered.ledger, at);
      return answered.ledger;
    });
    if (calls) await this.#callWaiting(guardrails, at);
    return answers;
  }

  /** Counts all Workers if that is due; returns what puts the count into a ledger. */
  async #withGroupSizes(
    requests: readonly WriteRequest[],
    at: number,
  ): Promise<(ledger: GuardrailLedger) => GuardrailLedger> {
    const { groupSizes: deps, rules: inForce, world } = this.#deps;
    const rules = inForce();
    if (rules === null || deps === undefined) return (ledger) => ledger;
    const must = (ledger: GuardrailLedger) => isCountDue(rules, ledger, requests, at);
    const counted = must(this.#ledger.current())
      ? await countGroupSizes(rules, world(), at, deps)
      : null;
    // The ledger may have been replaced since it was read.
    return (ledger) =>
      must(ledger) ? { ...ledger, roster: counted ?? unknownGroupSizes(rules, at) } : ledger;
  }

  async #callWaiting(guardrails: Guardrails, at: number): Promise<void> {
    const line = (await this.#shards.waitingLine(this.#ledger.current())).map(
      ({ worker }) => worker,
    );
    let called: readonly string[] = [];
    await this.#change(line, (ledger) => {
      const after = callNext(
        guardrails,
        ledger,
        waitingWorkers(line, this.#standingLookup(ledger)),
        at,
      );
      called = after.called;
      return after.ledger;
    });
    for (const sid of called) await this.#deps.queues.addPass(sid);
  }

  /** Keeps the ledger small, whether or not the requests succeeded. */
  async #tidy(): Promise<void> {
    const ledger = this.#ledger.current();
    if (flushableWorkers(ledger).length <= RECENT) return;
    const stored = await this.#shards.store(ledger);
    await this.#ledger.change((now) => (now.id === ledger.id ? withoutFlushed(now, stored) : now));
  }

  /** Applies `next` to the newest ledger, once its shards of these Workers were read. */
  async #change(
    workers: readonly string[],
    next: (ledger: GuardrailLedger) => GuardrailLedger,
  ): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const current = this.#ledger.current();
      await this.#shards.refreshFor(current, workers);
      if (this.#ledger.current() !== current) continue;
      const before = current.id === '' ? { ...EMPTY_LEDGER, id: randomUUID() } : current;
      const after = next(before);
      // That nothing changes is only certain of the newest ledger: others may have changed it.
      const newest = after === current ? await this.#ledger.refresh() : null;
      if (newest === current || (newest === null && (await this.#ledger.save(after)))) return;
    }
    throw new Error('the guardrail ledger keeps being changed by other processes');
  }

  #standingLookup(ledger: GuardrailLedger) {
    return (worker: string) => this.#shards.standing(ledger, worker);
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

function workersOf(requests: readonly WriteRequest[]): readonly string[] {
  return requests.map(({ worker }) => worker);
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
