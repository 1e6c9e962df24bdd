// headroom's core inside the emulator's process: its events are folded in, Workers are looked at
// when something happened to them or when their last pass asked for it, and planned writes are made
// at once. No queue, no HTTP, no waiting: the same functions on a virtual clock.

import type { World as Around } from '../core/decide.ts';
import { parseEvent } from '../core/event.ts';
import { evolve } from '../core/evolve.ts';
import { admit, type Spent } from '../core/guardrails/guardrails.ts';
import { earliest } from '../core/instants.ts';
import type { Membership } from '../core/limit.ts';
import { observe, resolveIntent } from '../core/observe.ts';
import type { Change, PlannedWrite } from '../core/plan.ts';
import type { RuleSet } from '../core/rules.ts';
import { MAX_PASSES, type PassOutcome, planPass } from '../core/simulated-pass.ts';
import {
  chooseLimitMembers,
  guardrailState,
  type Simulation,
  type SimulationState,
} from '../core/simulation.ts';
import { type Intent, type WorkerState, withChannel } from '../core/state.ts';
import { callbackParams } from '../emulator/delivery/callback-params.ts';
import type { EventRecord } from '../emulator/world/model.ts';
import type { ScheduledCall } from '../emulator/world/scheduler.ts';
import type { World } from '../emulator/world/world.ts';
import { DayFacts } from './day-facts.ts';
import { readingsOf, recordOf } from './day-records.ts';

/** One change of a Worker Channel that headroom made. */
export interface DayWrite {
  readonly at: number;
  readonly worker: string;
  readonly channel: string;
  readonly from: Change;
  readonly to: Change;
  readonly reason: string;
  readonly rule: string | null;
}

/** The actor that TaskRouter records for these changes. */
const OURSELVES = { type: 'user', sid: 'headroom', sourceIp: null } as const;
/** Every answer arrives at once, and none is lost. */
const AT_ONCE_MS = 0;

export class DayControl {
  readonly writes: DayWrite[] = [];
  readonly #world: World;
  readonly #rules: RuleSet;
  readonly #facts: DayFacts;
  readonly #states = new Map<string, WorkerState>();
  readonly #wakes = new Map<string, ScheduledCall>();
  readonly #dirty = new Set<string>();
  #judging: ScheduledCall | null = null;
  #members: ReadonlyMap<string, Membership> = new Map();
  #spent: Spent = [];

  constructor(world: World, rules: RuleSet) {
    this.#world = world;
    this.#rules = rules;
    for (const worker of world.workers()) this.#states.set(worker.sid, recordOf(world, worker));
    this.#facts = new DayFacts(world, rules, this.#states);
    for (const sid of this.#states.keys()) this.#dirty.add(sid);
    world.listen((event) => this.#absorb(event));
    this.#poll();
  }

  /** The records as they are now, by Worker SID. */
  get states(): ReadonlyMap<string, WorkerState> {
    return this.#states;
  }

  /** Looks at every Worker with news, until nothing is left to do at this instant. */
  settle(): void {
    for (let n = 0; this.#dirty.size > 0; n += 1) {
      if (n > MAX_PASSES) throw new Error('the rules write on and on at one instant');
      const due = [...this.#dirty];
      this.#dirty.clear();
      for (const sid of due) this.#pass(sid);
    }
  }

  #absorb(event: EventRecord): void {
    // Half of all events are about Tasks and Workflows, which headroom ignores.
    if (event.resourceType !== 'reservation' && event.resourceType !== 'worker') return;
    const { engine, workspace } = this.#world;
    const fields = callbackParams(event, engine.accountSid, engine.doubts);
    const parsed = parseEvent(fields, workspace.sid);
    if ('ignored' in parsed || parsed.type === 'workspace.changed') return;
    const before = this.#states.get(parsed.workerSid);
    if (before === undefined) return;
    this.#states.set(parsed.workerSid, evolve(before, parsed));
    this.#dirty.add(parsed.workerSid);
  }

  /** Polls statistics; Workers are looked at again only if a rule now sees other values. */
  #poll(): void {
    if (this.#facts.refresh()) this.#everyone();
    this.#chooseMembers();
    this.#scheduleJudging();
    this.#world.engine.scheduler.at(this.#facts.nextAt(), () => this.#poll());
  }

  #everyone(): void {
    for (const sid of this.#states.keys()) this.#dirty.add(sid);
  }

  /** Rules with one state for all Workers are judged once, not with every Worker. */
  #scheduleJudging(): void {
    if (this.#judging !== null) this.#judging.canceled = true;
    const at = this.#facts.judgeAt;
    if (at === null) return;
    this.#judging = this.#world.engine.scheduler.at(at, () => {
      if (this.#facts.judge()) this.#everyone();
      this.#scheduleJudging();
    });
  }

  #chooseMembers(): void {
    if (this.#rules.rules.every(({ limit }) => limit === null)) return;
    const before = this.#members;
    this.#members = chooseLimitMembers(this.#course(), this.#crew()).members;
    const taken = (of: ReadonlyMap<string, Membership>) =>
      [...of].flatMap(([rule, { members }]) => members.map((sid) => `${sid} ${rule}`));
    const [was, is] = [new Set(taken(before)), new Set(taken(this.#members))];
    for (const each of [...was, ...is]) {
      if (was.has(each) !== is.has(each)) this.#dirty.add(each.slice(0, each.indexOf(' ')));
    }
  }

  #pass(sid: string): void {
    let state = this.#states.get(sid);
    if (state === undefined) return;
    const at = this.#world.now();
    let looked = planPass(this.#rules, state, this.#around(), at);
    if (looked.decision.needs.channels) {
      state = this.#read(state, at);
      looked = planPass(this.#rules, state, this.#around(), at);
    }
    this.#states.set(sid, looked.state);
    const { writes, until } = this.#admitted(sid, looked);
    // A reading begun at the instant of our own write proves nothing, so another has to follow.
    const unread = looked.decision.needs.channels ? at + 1 : null;
    this.#setWake(sid, earliest(looked.lookAt, until, unread));
    for (const write of writes) this.#write(sid, write, at);
  }

  #read(state: WorkerState, at: number): WorkerState {
    const options = {
      at,
      requestTimeoutMs: AT_ONCE_MS,
      respectMs: this.#rules.defaults.respectMs,
      recordAtRequest: state,
    };
    return readingsOf(this.#world.worker(state.sid), at).reduce(
      (next, reading) => observe(next, reading, options).state,
      state,
    );
  }

  /** Applies the guardrails that consider all Workers together. */
  #admitted(worker: string, { writes }: PassOutcome) {
    const { keepOpen, maxChange } = this.#rules.guardrails;
    if (writes.length === 0 || (keepOpen.length === 0 && maxChange === null)) {
      return { writes, until: null };
    }
    const wanted = writes.map((write) => ({ worker, write }));
    const ledger = guardrailState(this.#course(), this.#crew());
    const admitted = admit(this.#rules.guardrails, wanted, ledger, this.#world.now());
    this.#spent = admitted.state.spent;
    return {
      writes: admitted.writes.map(({ write }) => write),
      until: earliest(...admitted.refused.map(({ refusal }) => refusal.until)),
    };
  }

  #setWake(sid: string, lookAt: number | null): void {
    const booked = this.#wakes.get(sid);
    if (booked !== undefined) booked.canceled = true;
    if (lookAt === null) this.#wakes.delete(sid);
    else {
      const wake = () => this.#dirty.add(sid);
      this.#wakes.set(sid, this.#world.engine.scheduler.at(lookAt, wake));
    }
  }

  /** Records the intent, then writes to TaskRouter, whose event arrives before its answer. */
  #write(sid: string, write: PlannedWrite, at: number): void {
    const { channel, from, to, reason, rule } = write;
    const before = this.#states.get(sid);
    if (before === undefined) return;
    this.#states.set(sid, withChannel(before, channel, { intent: intentOf(write, at) }));
    const written = this.#world.editChannel(sid, channel, to, { actor: OURSELVES });
    const [reading] = readingsOf(this.#world.worker(sid), at, written.sid);
    const after = this.#states.get(sid);
    if (reading === undefined || after === undefined) return;
    const options = { at, requestTimeoutMs: AT_ONCE_MS, respectMs: 0 };
    this.#states.set(sid, resolveIntent(after, reading, options).state);
    this.writes.push({ at, worker: sid, channel, from, to, reason, rule });
  }

  #around(): Around {
    return {
      ...this.#facts.around,
      isChosen: (rule, { sid }) => this.#members.get(rule.name)?.members.includes(sid) ?? false,
    };
  }

  #course(): Simulation {
    return {
      rules: this.#rules,
      world: () => this.#facts.around,
      inputs: [],
      crossWorker: true,
    };
  }

  #crew(): SimulationState {
    const [at, workers] = [this.#world.now(), this.#states];
    return { at, workers, members: this.#members, spent: this.#spent };
  }
}

function intentOf({ from, to }: PlannedWrite, at: number): Intent {
  const part = <T>(a: T | undefined, b: T | undefined) =>
    a === undefined || b === undefined ? null : { from: a, to: b };
  return {
    at,
    capacity: part(from.capacity, to.capacity),
    available: part(from.available, to.available),
    echoed: [],
  };
}
