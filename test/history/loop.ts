// The control loop in one process on a stepped clock: the real absorb, reconcile, ticks and resync on
// the store, the queues and the TaskRouter in memory. It can die at any point and start again on
// what it stored. Everything that crosses its border is noted for the model.

import { absorb } from '../../src/control/absorb.ts';
import { CONTROL_LIMITS, type ControlDeps } from '../../src/control/deps.ts';
import { DirectoryKeeper } from '../../src/control/directory.ts';
import { modeOf } from '../../src/control/mode.ts';
import { Pauses } from '../../src/control/pauses.ts';
import { reconcile } from '../../src/control/reconcile.ts';
import { Records, stateOf } from '../../src/control/records.ts';
import { lookAtAll, type ResyncDeps, Resyncs } from '../../src/control/resync.ts';
import { tick } from '../../src/control/ticks.ts';
import { type World as Around, decide } from '../../src/core/decide.ts';
import { parseEvent } from '../../src/core/event.ts';
import type { RoutingEvent } from '../../src/core/event.types.ts';
import type { WorkerSid } from '../../src/core/ids.ts';
import type { RuleSet } from '../../src/core/rules.ts';
import { assignedOn } from '../../src/core/state.ts';
import { callbackParams } from '../../src/emulator/delivery/form.ts';
import type { EventRecord } from '../../src/emulator/world/model.ts';
import type { World } from '../../src/emulator/world/world.ts';
import { compileRules } from '../../src/language/compile.ts';
import { Failure, type Store } from '../../src/ports.ts';
import type { Entry } from '../model/history.ts';
import type { Rules } from '../model/language.ts';
import { yamlOf } from '../model/yaml.ts';
import { type Carry, memoryGateway, newWorld } from '../support/memory/gateway.ts';
import { MemoryQueues } from '../support/memory/queues.ts';
import { MemoryStore } from '../support/memory/store.ts';
import { Looked } from './looked.ts';
import { noted, noteEvent, type Unstamped } from './notes.ts';
import { type CallTrouble, Crash, Fate, failureOf, happensFirst } from './trouble.ts';

/** What one call costs on the clock, ms. */
const CALL_MS = 5;
/** When a write that was given up lands all the same, ms after it began. */
const LATE_MS = 15_000;
/** Jobs at one instant after which the loop is taken to run away. */
const MOST_JOBS = 1_000;
const HOUR = 3_600_000;
/** More entries than one history leads to. */
const MOST_TOLD = 100_000;

/** One life of the loop, from its start to its death or stop. */
interface Life {
  readonly fate: Fate;
  readonly deps: ResyncDeps;
  readonly pauses: Pauses;
  readonly resyncs: Resyncs;
}

/** Something that happens in the middle of a call, before or after it takes effect. */
export interface Meanwhile {
  /** `turn`: while a write waits for its turn; before or after a call takes effect. */
  readonly when: 'turn' | 'before' | 'after';
  /** Absent: in the next call, whatever it is. */
  readonly of?: 'read' | 'write';
  run(): Promise<void> | void;
}

export interface LoopOptions {
  readonly at: number;
  readonly rules: Rules;
  /** TaskRouter's clock is this much ahead of ours, ms. */
  readonly skewMs?: number;
}

export class Loop {
  readonly world: World;
  readonly worker: WorkerSid;
  readonly store: MemoryStore;
  readonly queues: MemoryQueues;
  readonly history: Entry[] = [];
  /** Events that TaskRouter sent and that are still on their way, oldest first. */
  readonly sent: EventRecord[] = [];
  /** What befalls the next calls, in order; none left: they are fine. */
  readonly troubles: CallTrouble[] = [];
  /** Called in the middle of the next calls, before and after they take effect. */
  readonly meanwhile: Meanwhile[] = [];
  /** Events overtake the answer to the write that caused them. */
  echoAhead = false;
  now: number;
  #rules: RuleSet;
  #life: Life | null = null;
  readonly #absorbed = new Set<string>();
  /** Events that were taken from TaskRouter and are not in the record yet. */
  readonly #unabsorbed = new Set<string>();
  #late: { readonly at: number; run(): void }[] = [];
  #writes = 0;
  /** How often calls failed in the pass at work: such a pass came to no end. */
  failed = 0;
  deaths = 0;
  troubled = 0;

  constructor(options: LoopOptions) {
    this.now = options.at;
    const clock = () => this.now;
    this.world = newWorld(clock);
    if (options.skewMs) this.world.skewClock(options.skewMs);
    this.worker = this.world.createWorker({ friendlyName: 'Ann', activity: 'Available' })
      .sid as WorkerSid;
    this.store = new MemoryStore(clock);
    this.queues = new MemoryQueues({ now: clock, stepped: true });
    this.#rules = compiled(options.rules);
    this.note({ kind: 'rules', rules: options.rules });
    this.world.listen((event) => this.sent.push(event));
  }

  note(entry: Unstamped): void {
    this.history.push({ at: this.now, ...entry });
  }

  // ── its life ───────────────────────────────────────────────────────────────────────────────

  async start(): Promise<void> {
    const life = this.#newLife();
    this.#life = life;
    const { deps, fate, pauses, resyncs } = life;
    try {
      await deps.directory.restore();
      await pauses.refresh();
      await this.queues.consume({
        event: (event) => this.#alive(fate, () => this.#absorb(event, life)),
        pass: (key) => this.#alive(fate, () => this.#pass(key as WorkerSid, life)),
      });
      this.note({ kind: 'up' });
      await resyncs.run();
      await lookAtAll(deps);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    await this.settle();
  }

  /** It stops between two jobs; what is queued stays. */
  stop(): void {
    this.#life?.fate.die();
    this.#life = null;
    this.queues.abandon();
    this.note({ kind: 'down' });
  }

  /** Lets it die at the `n`th point of its work from now on; it is started again at once. */
  dieAt(n: number): void {
    this.#life?.fate.dieAt(n);
  }

  /** It dies here and now; it is started again as soon as it is asked to work. */
  die(): void {
    this.#life?.fate.die();
  }

  /** Whatever death was still to come does not come. */
  spare(): void {
    this.#life?.fate.dieAt(null);
  }

  async reload(rules: Rules): Promise<void> {
    this.#rules = compiled(rules);
    this.note({ kind: 'rules', rules });
    await this.#order(({ deps }) => lookAtAll(deps));
  }

  async pause(paused: boolean): Promise<void> {
    const scope = { rule: null, worker: null, channel: null };
    await this.#order(async ({ deps, pauses }) => {
      const more = { since: this.now, until: null, reason: 'test', by: 'test', released: false };
      if (paused) await pauses.begin({ ...scope, ...more });
      else await pauses.end(scope);
      this.note({ kind: 'paused', paused });
      await lookAtAll(deps);
    });
  }

  async resync(): Promise<void> {
    await this.#order(({ resyncs }) => resyncs.run(true));
    await this.settle();
  }

  /** People's orders come over HTTP: one that meets a dying process is given again. */
  async #order(give: (life: Life) => Promise<unknown>): Promise<void> {
    for (;;) {
      if (this.#life === null) await this.start();
      const life = this.#life;
      if (life === null) continue;
      try {
        await give(life);
        if (!life.fate.dead) return;
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
      await this.#reviveIfDead();
    }
  }

  // ── time ───────────────────────────────────────────────────────────────────────────────────

  /** Works until nothing is left to do at this instant, waiting out what asked for a wait. */
  async settle(): Promise<void> {
    for (let jobs = 0; jobs < MOST_JOBS; jobs += 1) {
      if (await this.#reviveIfDead()) continue;
      if (await this.queues.step()) continue;
      const due = this.queues.nextDue();
      if (due === null || this.#life === null) return;
      this.#reach(due);
    }
    throw new Error('it works on and on');
  }

  /** Goes on to this instant, with everything that comes due on the way. */
  async until(at: number): Promise<void> {
    await this.settle();
    let [since, ticks] = [this.now, 0];
    for (;;) {
      const wake = this.#life === null ? null : this.store.nextWake();
      const next = least([wake, this.#late[0]?.at ?? null]);
      if (next === null || next > at) break;
      this.#reach(next);
      ticks = this.now > since ? 0 : ticks + 1;
      since = this.now;
      if (ticks > MOST_JOBS) throw new Error('it wakes on and on');
      await this.#tick();
      await this.settle();
    }
    this.#reach(at);
    await this.settle();
  }

  /** The clock of this machine is set back; TaskRouter's goes on. */
  setBack(ms: number): void {
    this.now -= ms;
    this.world.skewClock(this.world.now() - this.now + ms);
  }

  /**
   * Channels that headroom holds and that have to be read, of which nothing that is booked would
   * come about within `ms`.
   */
  async forgotten(ms: number): Promise<readonly string[]> {
    const found = await this.store.loadWorker(this.worker);
    if (found === null || this.#life === null) return [];
    const { channels } = stateOf(found.value);
    const stale = Object.entries(channels).filter(
      ([, c]) => c.stale && (c.capacity.baseline ?? c.available.baseline) !== null,
    );
    const next = this.store.nextWake();
    if (next !== null && next <= this.now + ms) return [];
    return stale.map(([channel]) => `${channel} has to be read, and nobody will`);
  }

  /** Tasks in hand as the record has them where rules look at that, and TaskRouter counts others. */
  async misbelieved(): Promise<readonly string[]> {
    const found = await this.store.loadWorker(this.worker);
    if (found === null || this.#life === null) return [];
    const state = stateOf(found.value);
    const { needs } = decide(this.#rules, state, this.#life.deps.world(), this.now);
    if (!needs.looked) return [];
    const channels = [...this.world.worker(this.worker).channels.values()];
    return channels.flatMap(({ taskChannelUniqueName: name, accepted }) => {
      const believed = assignedOn(state, name);
      return believed === accepted.size
        ? []
        : [`${believed} Tasks of ${name} are believed in hand where there are ${accepted.size}`];
    });
  }

  #reach(at: number): void {
    this.now = Math.max(this.now, at);
    for (const late of this.#late.filter((each) => each.at <= this.now)) late.run();
    this.#late = this.#late.filter((each) => each.at > this.now);
  }

  async #tick(): Promise<void> {
    const life = this.#life;
    if (life === null) return;
    try {
      await tick({
        store: life.deps.store,
        queues: life.deps.queues,
        clock: life.deps.clock,
        resync: () => void life.resyncs.run(),
        pauseEnded: async () => {},
        onError: (error) => {
          throw error;
        },
      });
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    await life.resyncs.idle();
  }

  // ── events ─────────────────────────────────────────────────────────────────────────────────

  /** Hands one event to the queue, as the receiver does. */
  async deliver(event: EventRecord): Promise<void> {
    const { engine } = this.world;
    const fields = callbackParams(event, engine.accountSid, this.world.doubts);
    const parsed = parseEvent(fields, this.world.workspace.sid);
    if ('ignored' in parsed || parsed.type === 'workspace.changed') return;
    if (!this.#absorbed.has(parsed.sid)) this.#unabsorbed.add(parsed.sid);
    await this.queues.addEvent(parsed);
  }

  unabsorbed(): readonly string[] {
    return [...this.#unabsorbed];
  }

  /** What the journal tells twice, or was never told. */
  async toldOnce(): Promise<readonly string[]> {
    const { entries } = await this.store.readJournal({ limit: MOST_TOLD });
    const told = entries.map(({ id: _, ...entry }) => JSON.stringify(entry));
    const twice = told.filter((entry, i) => told.indexOf(entry) !== i);
    const { state } = (await new Records(this.store).load(this.worker)) ?? { state: null };
    return [
      ...twice.map((entry) => `the journal tells twice: ${entry}`),
      ...(state?.untold ?? []).map(({ text }) => `the journal was never told: ${text}`),
    ];
  }

  /** The same, and absorbed before anything else goes on. */
  async deliverNow(event: EventRecord): Promise<void> {
    await this.deliver(event);
    while (await this.queues.step('events'));
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────

  #newLife(): Life {
    const fate = new Fate();
    const store: Store = fate.guard(this.store);
    const queues = { addPass: fate.guard(this.queues).addPass };
    const clock = { now: () => this.now };
    const records = new Records(store);
    const carry: Carry = (call) => this.#carry(call, fate);
    const inner = memoryGateway(this.world, {
      ...{ now: clock.now, carry },
      turn: () => this.#meanwhile('turn', 'write'),
    });
    const gateway = noted(inner, this);
    const directory = new DirectoryKeeper(store, gateway);
    const pauses = new Pauses(store, clock.now);
    const deps: ResyncDeps = {
      ...{ store, records, gateway, clock, queues, directory, pauses },
      journal: { append: (entries) => store.appendJournal(entries) },
      rules: () => this.#rules,
      world: () => this.#around(directory),
      observing: () => false,
      limits: { ...CONTROL_LIMITS, resyncMs: 6 * HOUR },
    };
    const resyncs = new Resyncs(deps, { info: () => {}, error: () => {} });
    return { fate, deps, pauses, resyncs };
  }

  #around(directory: DirectoryKeeper): Around {
    return {
      directory: directory.current(),
      queue: () => ({ unknown: 'no queues here' }),
      group: () => ({ unknown: 'no groups here' }),
      blindUntil: 0,
      blindTo: () => 0,
      queueTarget: () => null,
      barred: () => null,
      modeOf: (rule) => modeOf(rule, this.#rules, { live: false, observeAll: false }),
    };
  }

  async #alive(fate: Fate, work: () => Promise<void>): Promise<void> {
    try {
      fate.point();
      await work();
      fate.point();
    } catch (error) {
      // Whatever it had in hand waits for the next life.
      if (error instanceof Crash) this.queues.abandon();
      throw error;
    }
  }

  async #absorb(event: RoutingEvent, { deps }: Life): Promise<void> {
    const before = await this.#version();
    try {
      await absorb(event, { ...deps, workspaceChanged: async () => {} });
    } finally {
      // Also where it died of it: what is stored is known.
      if ((await this.#version()) !== before) {
        this.#unabsorbed.delete(event.sid);
        this.#absorbed.add(event.sid);
        noteEvent(event, this);
      }
    }
  }

  async #version(): Promise<number> {
    return (await this.store.loadWorker(this.worker))?.version ?? 0;
  }

  async #pass(worker: WorkerSid, { deps }: Life): Promise<void> {
    this.failed = 0;
    const looked = new Looked(deps, this);
    const passing: ControlDeps = { ...deps, store: looked.store(), records: looked.records() };
    await reconcile(worker, passing);
  }

  /** One call on its way to TaskRouter and back. */
  async #carry<T>(
    call: { readonly what: 'read' | 'write'; readonly effect: () => T },
    fate: Fate,
  ): Promise<T> {
    fate.point();
    const trouble = this.troubles.shift() ?? 'fine';
    this.now += CALL_MS;
    await this.#meanwhile('before', call.what);
    fate.point();
    if (trouble === 'late' && call.what === 'write') {
      this.#late.push({ at: this.now + LATE_MS, run: () => void call.effect() });
      this.#reach(this.now + CONTROL_LIMITS.requestTimeoutMs);
    }
    const result = happensFirst(trouble) ? { value: call.effect() } : null;
    this.now += CALL_MS;
    await this.#meanwhile('after', call.what);
    if (this.echoAhead && call.what === 'write') {
      for (const event of this.sent.splice(0)) await this.deliverNow(event);
    }
    fate.point();
    const failure = failureOf(trouble);
    if (failure !== null || result === null) {
      this.failed += 1;
      this.troubled += 1;
      throw failure ?? new Failure('network', 'no answer');
    }
    return result.value;
  }

  async #meanwhile(when: Meanwhile['when'], what: 'read' | 'write'): Promise<void> {
    const [next] = this.meanwhile;
    if (next?.when !== when || (next.of ?? what) !== what) return;
    this.meanwhile.shift();
    await next.run();
  }

  async #reviveIfDead(): Promise<boolean> {
    if (this.#life === null || !this.#life.fate.dead) return false;
    this.deaths += 1;
    await this.#life.resyncs.idle();
    this.queues.abandon();
    await this.start();
    return true;
  }

  nextWrite(): number {
    this.#writes += 1;
    return this.#writes;
  }
}

export function compiled(rules: Rules): RuleSet {
  const { ruleSet, diagnostics } = compileRules([{ name: 'rules.yaml', text: yamlOf(rules) }]);
  if (ruleSet !== null) return ruleSet;
  throw new Error(diagnostics.map(({ message }) => message).join('\n'));
}

function least(instants: readonly (number | null)[]): number | null {
  const known = instants.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}
