// The control loop in one process on a stepped clock: the real absorb, reconcile, ticks and resync
// on a store, queues and a TaskRouter in memory. It can die at any point and restart on what it
// stored. Everything that crosses its border is noted for the model.

import { absorb } from '../../src/control/absorb.ts';
import { CONTROL_LIMITS } from '../../src/control/deps.ts';
import { ruleOfKey } from '../../src/control/keys.ts';
import { Records, stateOf } from '../../src/control/records.ts';
import { tick } from '../../src/control/ticks.ts';
import { decide } from '../../src/core/decide.ts';
import { parseEvent } from '../../src/core/event.ts';
import type { RoutingEvent } from '../../src/core/event.types.ts';
import type { WorkerSid } from '../../src/core/ids.ts';
import type { RuleSet } from '../../src/core/rules.ts';
import { assignedOn } from '../../src/core/state.ts';
import { callbackParams } from '../../src/emulator/delivery/callback-params.ts';
import type { EventRecord } from '../../src/emulator/world/model.ts';
import type { World } from '../../src/emulator/world/world.ts';
import { compileRules } from '../../src/language/compile.ts';
import { Failure, type Store } from '../../src/ports.ts';
import type { Entry } from '../model/history.ts';
import type { Rules } from '../model/language.ts';
import { yamlOf } from '../model/yaml.ts';
import { newWorld } from '../support/memory/gateway.ts';
import { MemoryQueues } from '../support/memory/queues.ts';
import { MemoryStore } from '../support/memory/store.ts';
import {
  type CallFault,
  Crash,
  type CrashControl,
  failureOf,
  happensFirst,
} from './call-faults.ts';
import { LoopProcess } from './loop-process.ts';
import { overrideMethods } from './override-methods.ts';
import { type EntryInput, noteEvent } from './recorder.ts';

/** What a call costs on the clock each way, ms. */
const CALL_MS = 5;
/** When a write that timed out takes effect after all, ms after it began. */
const LATE_MS = 15_000;
/** Jobs at one instant after which the loop counts as running away. */
const MOST_JOBS = 1_000;
/** More entries than one history leads to. */
const MAX_JOURNAL = 100_000;

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
  /** How far TaskRouter's clock is ahead of ours, ms. */
  readonly skewMs?: number;
  /** How many passes over Workers run side by side; absent: as many as allowed. */
  readonly atOnce?: number | undefined;
  /** The attributes of each Worker; absent: there is one Worker, without any. */
  readonly crew?: readonly object[];
}

export class Loop {
  readonly world: World;
  readonly workers: readonly WorkerSid[];
  readonly store: MemoryStore;
  readonly queues: MemoryQueues;
  readonly history: Entry[] = [];
  /** Events that TaskRouter sent and that are still in flight, oldest first. */
  readonly sent: EventRecord[] = [];
  /** What goes wrong with the next calls, in order; when none is left, they succeed. */
  readonly troubles: CallFault[] = [];
  /** Run in the middle of the next calls, before or after they take effect. */
  readonly meanwhile: Meanwhile[] = [];
  /** Events overtake the answer to the write that caused them. */
  echoAhead = false;
  now: number;
  #rules: RuleSet;
  #life: LoopProcess | null = null;
  readonly #absorbed = new Set<string>();
  /** Events that were received from TaskRouter and are not in the record yet. */
  readonly #unabsorbed = new Set<string>();
  #late: { readonly at: number; run(): void }[] = [];
  #writes = 0;
  #setBacks = 0;
  deaths = 0;
  troubled = 0;

  constructor(options: LoopOptions) {
    this.now = options.at;
    const clock = () => this.now;
    this.world = newWorld(clock);
    if (options.skewMs) this.world.skewClock(options.skewMs);
    this.workers = (options.crew ?? [{}]).map((attributes, i) => {
      const friendlyName = `Ann${i || ''}`;
      const { sid } = this.world.createWorker({ friendlyName, activity: 'Available', attributes });
      return sid as WorkerSid;
    });
    this.store = new MemoryStore(clock);
    this.queues = new MemoryQueues({ now: clock, stepped: true, passesAtOnce: options.atOnce });
    this.#rules = compiled(options.rules);
    this.note({ kind: 'rules', rules: options.rules });
    this.world.listen((event) => this.sent.push(event));
  }

  /** The first Worker, or the only one. */
  get worker(): WorkerSid {
    const [first] = this.workers;
    if (first === undefined) throw new Error('the loop has no Worker');
    return first;
  }

  note(entry: EntryInput, at = this.now): void {
    this.history.push({ at, ...entry });
  }

  // ── its life ───────────────────────────────────────────────────────────────────────────────

  async start(): Promise<void> {
    const life = this.#newLife();
    this.#life = life;
    const { fate, resyncs } = life;
    try {
      await life.restore();
      await this.queues.consume({
        event: (event) => this.#alive(fate, () => this.#absorb(event, life)),
        pass: (key) => this.#alive(fate, () => life.pass(key)),
      });
      this.note({ kind: 'up' });
      await resyncs.request(true);
      await resyncs.run();
      await life.lookAgain();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    await this.settle();
  }

  /** Stops it between two jobs; what is queued stays. */
  stop(): void {
    this.#life?.fate.die();
    this.#life = null;
    this.queues.abandon();
    this.note({ kind: 'down' });
  }

  /** Makes it die at the `n`th point of its work from now on; it is restarted at once. */
  dieAt(n: number): void {
    this.#life?.fate.dieAt(n);
  }

  /** Makes it die here and now; it is restarted as soon as it is asked to work. */
  die(): void {
    this.#life?.fate.die();
  }

  /** Cancels a death that is still to come. */
  spare(): void {
    this.#life?.fate.dieAt(null);
  }

  async reload(rules: Rules): Promise<void> {
    this.#rules = compiled(rules);
    this.note({ kind: 'rules', rules });
    await this.#order((life) => life.lookAgain());
  }

  async pause(paused: boolean): Promise<void> {
    const scope = { rule: null, worker: null, channel: null };
    await this.#order(async (life) => {
      const { pauses } = life;
      const more = { since: this.now, until: null, reason: 'test', by: 'test', released: false };
      if (paused) await pauses.begin({ ...scope, ...more });
      else await pauses.end(scope);
      await life.lookAgain();
    });
  }

  async lookAgain(): Promise<void> {
    await this.#order((life) => life.lookAgain());
  }

  async resync(): Promise<void> {
    await this.#order(async ({ resyncs }) => {
      await resyncs.request(true);
      await resyncs.run();
    });
    await this.settle();
  }

  /** People's orders come over HTTP: one that meets a dying process is repeated. */
  async #order(give: (life: LoopProcess) => Promise<unknown>): Promise<void> {
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

  /** Works until nothing is left to do at this instant, including delayed jobs. */
  async settle(): Promise<void> {
    for (let jobs = 0; jobs < MOST_JOBS; jobs += 1) {
      if (await this.#reviveIfDead()) continue;
      if (await this.queues.step(undefined, isOfWorker)) continue;
      const due = this.queues.nextDue();
      if (due === null || this.#life === null) return;
      this.#reach(due);
    }
    throw new Error('it works on and on');
  }

  /** Advances to this instant, with everything that comes due on the way. */
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

  /** The machine's clock is set back; TaskRouter's goes on. */
  setBack(ms: number): void {
    this.#setBacks += 1;
    this.now -= ms;
    this.world.skewClock(this.world.now() - this.now + ms);
  }

  /**
   * Channels that headroom holds and that have to be read, although nothing booked would read them
   * within `ms`.
   */
  async forgotten(ms: number): Promise<readonly string[]> {
    const next = this.store.nextWake();
    if (this.#life === null || (next !== null && next <= this.now + ms)) return [];
    const stale: string[] = [];
    for (const worker of this.workers) {
      const channels = Object.entries((await this.#channelsOf(worker)) ?? {});
      for (const [name, c] of channels) {
        const isHeld = (c.capacity.baseline ?? c.available.baseline) !== null;
        if (c.stale && isHeld) stale.push(`${name} has to be read, and nobody will`);
      }
    }
    return stale;
  }

  /** The reason recorded for each channel that is not written, by Worker. */
  async refused(): Promise<ReadonlyMap<string, Readonly<Record<string, string | null>>>> {
    const all = new Map<string, Readonly<Record<string, string | null>>>();
    for (const worker of this.workers) {
      const channels = Object.entries((await this.#channelsOf(worker)) ?? {});
      all.set(worker, Object.fromEntries(channels.map(([name, { refused }]) => [name, refused])));
    }
    return all;
  }

  async #channelsOf(worker: WorkerSid) {
    const found = await this.store.loadWorker(worker);
    return found === null ? null : stateOf(found.value).channels;
  }

  /** Channels whose Tasks in hand rules read, and for which record and TaskRouter differ. */
  async misbelieved(): Promise<readonly string[]> {
    const wrong: string[] = [];
    for (const worker of this.#life === null ? [] : this.workers) {
      const found = await this.store.loadWorker(worker);
      if (found === null || this.#life === null) continue;
      const state = stateOf(found.value);
      const { needs } = decide(this.#rules, state, this.#life.deps.world(), this.now);
      if (!needs.channelsInUse) continue;
      for (const { taskChannelUniqueName: name, accepted } of this.world
        .worker(worker)
        .channels.values()) {
        const believed = assignedOn(state, name);
        if (believed === accepted.size) continue;
        wrong.push(
          `${believed} Tasks of ${name} are believed in hand where there are ${accepted.size}`,
        );
      }
    }
    return wrong;
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

  /** Passes one event to the queue, as the receiver does. */
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

  /** What the journal has twice, or lacks. */
  async journalViolations(): Promise<readonly string[]> {
    const { entries } = await this.store.readJournal({ limit: MAX_JOURNAL });
    const texts = entries.map(({ id: _, ...entry }) => JSON.stringify(entry));
    const times = new Map<string, number>();
    for (const entry of texts) times.set(entry, (times.get(entry) ?? 0) + 1);
    // An instant that the clock reaches again may repeat an entry, as where a schedule begins.
    const twice = [...times].flatMap(([entry, n]) => (n > 1 + this.#setBacks ? [entry] : []));
    const wrong = twice.map((entry) => `the journal has twice: ${entry}`);
    for (const worker of this.workers) {
      const { state } = (await new Records(this.store).load(worker)) ?? { state: null };
      const untold = state?.untold ?? [];
      wrong.push(...untold.map(({ text }) => `the journal lacks: ${text}`));
    }
    return wrong;
  }

  /** Delivers an event and absorbs it before anything else goes on. */
  async deliverNow(event: EventRecord): Promise<void> {
    await this.deliver(event);
    while (await this.queues.step('events'));
  }

  // ── inside ─────────────────────────────────────────────────────────────────────────────────

  #newLife(): LoopProcess {
    const loop = this;
    return new LoopProcess({
      ...{ world: this.world, store: this.store, queues: this.queues },
      get now() {
        return loop.now;
      },
      set now(at: number) {
        loop.now = at;
      },
      note: (entry, at) => this.note(entry, at),
      nextWrite: () => this.nextWrite(),
      rules: () => this.#rules,
      carry: (fate) => (call) => this.#carry(call, fate),
      turn: () => this.#meanwhile('turn', 'write'),
    });
  }

  async #alive(fate: CrashControl, work: () => Promise<void>): Promise<void> {
    try {
      fate.point();
      await work();
      fate.point();
    } catch (error) {
      // The jobs it was working on wait for the next life.
      if (error instanceof Crash) this.queues.abandon();
      throw error;
    }
  }

  /** An event is known once its record is stored, even if the loop dies at that. */
  async #absorb(event: RoutingEvent, { deps, fate }: LoopProcess): Promise<void> {
    const saveWorker: Store['saveWorker'] = async (...record) => {
      fate.point();
      const [place, at] = [this.history.length, this.now];
      const saved = await this.store.saveWorker(...record);
      if (saved) this.#noteEvent(event, place, at);
      fate.point();
      return saved;
    };
    const store = overrideMethods(deps.store, { saveWorker });
    const records = new Records(store);
    await absorb(event, { ...deps, store, records, workspaceChanged: async () => {} });
  }

  #noteEvent(event: RoutingEvent, place: number, at: number): void {
    this.#unabsorbed.delete(event.sid);
    this.#absorbed.add(event.sid);
    const entries: Entry[] = [];
    noteEvent(event, { world: this.world, note: (entry) => void entries.push({ at, ...entry }) });
    this.history.splice(place, 0, ...entries);
  }

  /** One call to TaskRouter and back. */
  async #carry<T>(
    call: { readonly what: 'read' | 'write'; readonly effect: () => T },
    fate: CrashControl,
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

function isOfWorker(key: string): boolean {
  return ruleOfKey(key) === null;
}

function least(instants: readonly (number | null)[]): number | null {
  const known = instants.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}
