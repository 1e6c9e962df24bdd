// One Worker stepped through time without I/O: a TaskRouter that holds its Worker Channels, and the
// pass of the control loop made of the core's own functions. Every write is recorded, so that a
// test sees an unwanted write as well as a missing one.

import { type Decision, decide, type World } from '../../src/core/decide.ts';
import type { RoutingEvent } from '../../src/core/event.types.ts';
import { evolve } from '../../src/core/evolve.ts';
import { observe, type Reading, resolveIntent } from '../../src/core/observe.ts';
import type { Change, PlannedWrite, Refusal } from '../../src/core/plan.ts';
import type { Rule, RuleSet } from '../../src/core/rules.ts';
import { MAX_PASSES, planPass } from '../../src/core/simulated-pass.ts';
import { assignedOn, type WorkerState, withChannel } from '../../src/core/state.ts';
import {
  type ChannelSpec,
  channelEvent,
  MINUTE,
  T0,
  type WorkerSpec,
  type WorldSpec,
  worker,
  world,
} from './builders.ts';
import { type RuleSetSpec, ruleSet } from './rules.ts';

export interface Written {
  readonly at: number;
  readonly channel: string;
  readonly to: Change;
  readonly reason: string;
  readonly rule: string | null;
  readonly protective: boolean;
}

export type Fault = 'lost' | 'late' | 'never';
interface Real {
  capacity: number;
  available: boolean;
}

export const REQUEST_MS = 10_000;

export class Timeline {
  state: WorkerState;
  rules: RuleSet;
  now: number;
  readonly world: World;
  readonly real = new Map<string, Real>();
  readonly writes: Written[] = [];
  readonly refusals: (Refusal & { readonly at: number })[] = [];
  readonly unknownBaselines: string[] = [];
  reads = 0;
  #wake: number | null = null;
  #bookedAt = 0;
  #fault: Fault | null = null;
  #late: (() => void)[] = [];
  #events = 1_000;

  constructor(start: { state: WorkerState; rules: RuleSet; world?: World; at?: number }) {
    this.state = start.state;
    this.rules = start.rules;
    this.world = start.world ?? world();
    this.now = start.at ?? T0;
    for (const [name, { observed }] of Object.entries(start.state.channels)) {
      this.real.set(name, { ...{ capacity: 1, available: true }, ...pick(observed) });
    }
    this.look();
  }

  /** TaskRouter's current setting of this Worker Channel. */
  at(channel: string): Change {
    return { ...this.real.get(channel) };
  }

  /** The answer to the next write is lost: it landed, it lands when `land` is called, or never. */
  loseNext(how: Fault | null): this {
    this.#fault = how;
    return this;
  }

  land(): this {
    for (const late of this.#late.splice(0)) late();
    return this;
  }

  /** Runs a pass at every booked instant up to and including `at`. */
  until(at: number): this {
    for (;;) {
      const next = this.#wake;
      if (next === null || next > at) break;
      if (next <= this.#bookedAt) throw new Error(`a look at ${next} was booked too late`);
      this.now = Math.max(this.now, next);
      this.look();
    }
    this.now = Math.max(this.now, at);
    return this.look();
  }

  /** Somebody else sets it, TaskRouter sends the event, and headroom looks. */
  edit(channel: string, to: Change): this {
    this.#apply(channel, to);
    return this.look();
  }

  tell(...events: readonly RoutingEvent[]): this {
    for (const event of events) this.state = evolve(this.state, event);
    return this.look();
  }

  reload(rules: RuleSet): this {
    this.rules = rules;
    return this.look();
  }

  /** Runs passes until one writes nothing or gets no answer. */
  look(): this {
    for (let n = 0; n < MAX_PASSES; n += 1) if (!this.#pass()) return this;
    throw new Error('it writes on and on');
  }

  #pass(): boolean {
    let outcome = planPass(this.rules, this.state, this.world, this.now);
    if (outcome.decision.needs.channels || this.#unresolved()) {
      this.#read();
      outcome = planPass(this.rules, this.state, this.world, this.now);
    }
    this.state = outcome.state;
    this.unknownBaselines.push(...outcome.unknownBaseline);
    this.refusals.push(...outcome.refusals.map((r) => ({ ...r, at: this.now })));
    this.#wake = outcome.lookAt;
    this.#bookedAt = this.now;
    // An unanswered write ends the pass, as it does in the control loop.
    for (const each of outcome.writes) if (!this.#write(each)) return false;
    return outcome.writes.length > 0;
  }

  decision(): Decision {
    return decide(this.rules, this.state, this.world, this.now);
  }

  #unresolved(): boolean {
    return Object.values(this.state.channels).some((c) => c.intent !== null);
  }

  #read(): void {
    this.reads += 1;
    for (const name of this.real.keys()) {
      this.state = observe(this.state, this.#reading(name), this.#options()).state;
    }
  }

  #reading(name: string): Reading {
    const real = this.real.get(name) ?? { capacity: 0, available: false };
    const assignedTasks = assignedOn(this.state, name);
    return { sid: 'WC', uniqueName: name, ...real, assignedTasks, asOf: this.now };
  }

  #options() {
    const respectMs = this.rules.defaults.respectMs;
    return { at: this.now, requestTimeoutMs: REQUEST_MS, respectMs };
  }

  #write({ channel, from, to, reason, rule, protective }: PlannedWrite): boolean {
    this.writes.push({ at: this.now, channel, to, reason, rule, protective });
    const part = <T>(a: T | undefined, b: T | undefined) =>
      a === undefined || b === undefined ? null : { from: a, to: b };
    const capacity = part(from.capacity, to.capacity);
    const available = part(from.available, to.available);
    const intent = { at: this.now, capacity, available, echoed: [] };
    this.state = withChannel(this.state, channel, { intent });
    const fault = this.#fault;
    this.#fault = null;
    if (fault === 'late') this.#late.push(() => this.#apply(channel, to));
    if (fault === null || fault === 'lost') this.#apply(channel, to);
    // A request takes time: a read may not begin at the very instant of the write.
    this.now += 1;
    if (fault !== null) return false;
    this.state = resolveIntent(this.state, this.#reading(channel), this.#options()).state;
    return true;
  }

  /** TaskRouter changes it, and sends one event per changed field. */
  #apply(channel: string, to: Change): void {
    const before = this.real.get(channel) ?? { capacity: 0, available: false };
    this.real.set(channel, { ...before, ...to });
    const append = (type: 'worker.capacity.update' | 'worker.channel.availability.update') => {
      this.#events += 1;
      this.state = evolve(this.state, channelEvent(type, this.now, { n: this.#events, channel }));
    };
    if (to.capacity !== undefined && to.capacity !== before.capacity) {
      append('worker.capacity.update');
    }
    if (to.available !== undefined && to.available !== before.available) {
      append('worker.channel.availability.update');
    }
  }
}

export interface Given extends RuleSetSpec {
  /** The Worker Channel chat, if that is the only one. */
  readonly chat?: ChannelSpec;
  readonly who?: WorkerSpec;
  readonly around?: WorldSpec;
}

export function timeline(rules: readonly Rule[], given: Given = {}): Timeline {
  const { chat = {}, who, around, ...spec } = given;
  const state = worker({ channels: { chat }, ...who });
  return new Timeline({ state, rules: ruleSet(rules, spec), world: world(around) });
}

/** Each write as minutes since T0, what was set, and why. */
export function writes(line: Timeline): readonly (readonly [number, Change, string])[] {
  return line.writes.map((w) => [Math.floor((w.at - T0) / MINUTE), w.to, w.reason]);
}

function pick(observed: { capacity: number; available: boolean } | null): Partial<Real> {
  return observed === null ? {} : { capacity: observed.capacity, available: observed.available };
}
