// Runs random histories against the daemon as a process, with the real queue, SDK and emulator, and
// kills it where they say. After every step each Worker must be set as the model says, with no
// change that the model did not make.

import { isDeepStrictEqual } from 'node:util';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.ts';
import type { CallFault } from '../../src/emulator/trouble/faults.ts';
import type { EventRecord } from '../../src/emulator/world/model.ts';
import type { Real } from '../model/laws.ts';
import type { Children } from '../support/children.ts';
import { removeKeys } from '../support/redis.ts';
import { postsOf } from '../support/rig.ts';
import { waitFor } from '../support/wait.ts';
import { Ideal } from './ideal.ts';
import type { Kill, KilledPlot, KilledStep } from './kill-plots.ts';
import { Daemon } from './process.ts';
import type { Delivery, HistoryEvent } from './steps.ts';

/** Starting on a busy machine takes seconds, and what a dead process held is freed only later. */
const PATIENCE_MS = 90_000;
/** For what is still to be done without a job: what a failed call asked to wait for. */
const SOON_MS = 30_000;
const FIELDS: Readonly<Record<string, string>> = {
  'worker.capacity.update': 'capacity',
  'worker.channel.availability.update': 'available',
};
/** What a start finds out by reading. */
const READ: readonly HistoryEvent['kind'][] = ['edit', 'activity', 'attributes'];
const CALLS: Readonly<Partial<Record<Kill, CallFault>>> = {
  reading: { kind: 'timeout', when: 'before', method: 'GET', path: '/Channels', next: 1 },
  writing: { kind: 'timeout', when: 'before', method: 'POST', path: '/Channels/', next: 1 },
  written: { kind: 'timeout', when: 'after', method: 'POST', path: '/Channels/', next: 1 },
};

export interface KilledCourse {
  readonly kills: number;
  readonly events: number;
  readonly writes: number;
}

export async function runKilled(plot: KilledPlot, children: Children): Promise<KilledCourse> {
  const emulator = await startEmulator({ floor: 'none' });
  const { world } = emulator;
  const workers = plot.capacities.map((capacity, n) => {
    const { sid } = world.createWorker({ friendlyName: `W${n}`, activity: 'Available' });
    world.editChannel(sid, 'chat', { capacity });
    return sid;
  });
  world.createQueue('Nobody', '1 == 2');
  const daemon = await Daemon.with(children, emulator, plot.rules);
  const run = new Run({ emulator, daemon, workers });
  try {
    await run.begin(plot);
    for (const step of plot.steps) await run.step(step);
    return await run.end();
  } catch (error) {
    const said = daemon.said.slice(-40).join('\n');
    throw new Error(`${(error as Error).message}\n${said}`, { cause: error });
  } finally {
    run.stop();
    await daemon.end();
    await emulator.stop();
    const redis = process.env.TEST_REDIS_URL;
    if (redis !== undefined && daemon.keyPrefix) await removeKeys(redis, daemon.keyPrefix);
  }
}

class Run {
  readonly #emulator: Emulator;
  readonly #daemon: Daemon;
  /** The model's view of each Worker. */
  readonly #ideals: ReadonlyMap<string, Ideal>;
  readonly stop: () => void;
  /** Events in flight: of what happens, and of the daemon's own writes. */
  readonly #sent: EventRecord[] = [];
  readonly #echoes: EventRecord[] = [];
  #late: EventRecord[] = [];
  /** The current change is made by the test, not by the daemon. */
  #ours = false;
  #killOnEffect = false;
  /** Changes made by the daemon, by field. */
  readonly #changes = new Map<string, number>();
  #events = 0;
  #paused = false;

  constructor(of: { emulator: Emulator; daemon: Daemon; workers: readonly string[] }) {
    this.#emulator = of.emulator;
    this.#daemon = of.daemon;
    const { world } = of.emulator;
    this.#ideals = new Map(of.workers.map((sid) => [sid, new Ideal(world, this.#real(sid))]));
    this.stop = of.emulator.world.listen((event) => this.#hear(event));
  }

  async begin({ rules }: KilledPlot): Promise<void> {
    for (const ideal of this.#ideals.values()) {
      ideal.rules(rules);
      ideal.note({ kind: 'up' });
      const since = ideal.now;
      ideal.note({
        kind: 'worker',
        worker: { since, read: false, attributes: {} },
        activity: { since, read: false, available: true },
      });
      ideal.settle();
    }
    await this.#daemon.start();
    await this.#agreed('at the start');
  }

  async step(step: KilledStep): Promise<void> {
    const { kill } = step;
    for (const event of this.#late.splice(0)) await this.#daemon.deliver(event);
    await this.#quiet('now');
    const away = kill === 'asleep' || kill === 'missed';
    if (away) await this.#daemon.kill();
    else this.#arm(kill);
    const events: EventRecord[] = [];
    for (const [n, worker] of [...this.#ideals.keys()].entries()) {
      const what = step.what[n] ?? { kind: 'quiet' };
      await this.#happen(what, worker, away);
      const sent = this.#sent.splice(0);
      this.#ideals.get(worker)?.learn(sent);
      this.#events += sent.length;
      if (kill !== 'missed' || !READ.includes(what.kind)) events.push(...sent);
    }
    for (const ideal of this.#ideals.values()) ideal.settle();
    await this.#revive();
    const copies = { once: events, twice: [...events, ...events], turned: events.toReversed() };
    await this.#deliver(copies[step.delivery], kill);
    await this.#strike(step);
    await this.#agreed(`after ${JSON.stringify(step)}`, step.echo);
  }

  /** One look at everything by a new process, which must find nothing to do. */
  async end(): Promise<KilledCourse> {
    const { calls } = this.#emulator;
    await this.#daemon.kill();
    const before = postsOf(this.#emulator).length;
    await this.#daemon.start();
    await this.#agreed('at the end');
    const posts = postsOf(this.#emulator).length;
    if (posts > before) throw new Error(`a start wrote: ${JSON.stringify(calls().at(-1))}`);
    const { kills } = this.#daemon;
    const ideals = [...this.#ideals.values()];
    const wanted = ideals.reduce((sum, { writes }) => sum + writes, 0);
    // Each kill may cost every Worker one write that has to be repeated.
    if (posts > wanted + kills * ideals.length) {
      throw new Error(`${posts} writes and ${kills} deaths, for ${wanted} by the model`);
    }
    return { kills, events: this.#events, writes: posts };
  }

  #hear(event: EventRecord): void {
    if (this.#ours) {
      this.#sent.push(event);
      return;
    }
    const field = FIELDS[event.type];
    if (field === undefined) return;
    if (this.#killOnEffect) void this.#daemon.kill();
    const { worker_sid, task_channel_unique_name } = event.payload;
    const key = `${worker_sid} ${task_channel_unique_name}.${field}`;
    this.#changes.set(key, (this.#changes.get(key) ?? 0) + 1);
    this.#echoes.push(event);
  }

  async #happen(what: HistoryEvent, worker: string, away: boolean): Promise<void> {
    const ideals = this.#ideals.values();
    switch (what.kind) {
      case 'reload':
        await this.#daemon.write(what.rules);
        for (const ideal of ideals) ideal.rules(what.rules);
        if (!away) await this.#daemon.order('reload', {});
        return;
      case 'pause':
        if (what.paused === this.#paused) return;
        this.#paused = what.paused;
        for (const ideal of ideals) ideal.note({ kind: 'paused', paused: what.paused });
        return this.#daemon.order(what.paused ? 'pause' : 'resume', { reason: 'test', by: 'test' });
      default:
        this.#ours = true;
        this.#change(what, worker);
        this.#ours = false;
    }
  }

  #change(what: HistoryEvent, worker: string): void {
    const { world } = this.#emulator;
    switch (what.kind) {
      case 'edit': {
        const change = { ...(what.capacity !== undefined && { capacity: what.capacity }) };
        world.editChannel(worker, what.channel, change, { actor: 'a person' });
        this.#ideals.get(worker)?.edit(what.channel, change);
        return;
      }
      case 'activity':
        world.setActivity(worker, what.available ? 'Available' : 'Offline');
        return;
      case 'attributes':
        world.updateWorker(worker, { attributes: what.attributes });
        return;
      case 'task': {
        const task = world.createTask({ channel: what.channel, queue: 'Nobody' });
        const { sid } = world.reserve(task.sid, worker);
        if (what.taken) world.accept(sid);
        else world.reject(sid);
        return;
      }
      case 'done': {
        const open = world
          .reservations()
          .find((r) => r.workerSid === worker && r.status === 'accepted');
        if (open !== undefined) world.completeTask(open.taskSid);
        return;
      }
      case 'quiet':
      case 'reload':
      case 'pause':
      case 'restart':
      case 'away':
      case 'clock-back':
      case 'resync':
        return;
    }
  }

  // ── the kill ───────────────────────────────────────────────────────────────────────────────

  /** Prepares the kill: in a call, which hangs until then, or at the moment of an effect. */
  #arm(kill: Kill | null): void {
    const call = kill === null ? undefined : CALLS[kill];
    if (call !== undefined) this.#emulator.world.faults.add(call);
    this.#killOnEffect = kill === 'taking effect';
  }

  /** Until every event was answered, by whichever process. */
  async #deliver(events: readonly EventRecord[], kill: Kill | null): Promise<void> {
    let left = events;
    let first = kill === 'delivering';
    while (left.length > 0) {
      const taken = await Promise.all(
        left.map(async (event) => {
          const answered = await this.#daemon.deliver(event);
          if (answered && first) void this.#daemon.kill();
          if (answered) first = false;
          return answered;
        }),
      );
      left = left.filter((_, n) => !taken[n]);
      if (left.length > 0) await this.#revive();
    }
    if (kill === 'delivered') await this.#daemon.kill();
  }

  /** Kills it in the call that hangs, if it made one. */
  async #strike({ echo }: KilledStep): Promise<void> {
    const { faults } = this.#emulator.world;
    const hit = () => faults.all().some(({ hits }) => hits > 0);
    await this.#quiet(echo, hit);
    if (hit()) await this.#daemon.kill();
    faults.clear();
    this.#killOnEffect = false;
    await this.#revive();
  }

  async #revive(): Promise<void> {
    if (!this.#daemon.alive) await this.#daemon.start();
  }

  // ── the end of a step ──────────────────────────────────────────────────────────────────────

  /** Until all is delivered, absorbed and looked at; or the daemon was killed, or `or` holds. */
  async #quiet(echo: Delivery, or: () => boolean = () => false): Promise<void> {
    let still = 0;
    const what = 'everything is absorbed and looked at';
    await waitFor(
      what,
      async () => {
        if (or() || !this.#daemon.alive) return true;
        for (const event of this.#echoes.splice(0)) await this.#echo(event, echo);
        const idle = (await this.#daemon.idle()) && this.#echoes.length === 0;
        still = idle ? still + 1 : 0;
        return still >= 3;
      },
      PATIENCE_MS,
    );
  }

  async #echo(event: EventRecord, how: Delivery): Promise<void> {
    if (how === 'late') this.#late.push(event);
    if (how === 'late' || how === 'lost') return;
    await this.#daemon.deliver(event);
    if (how === 'twice') await this.#daemon.deliver(event);
  }

  async #agreed(when: string, echo: Delivery = 'now'): Promise<void> {
    await this.#quiet(echo);
    for (const [worker, ideal] of this.#ideals) {
      const wanted = ideal.channels();
      const agrees = () => isDeepStrictEqual(this.#real(worker), wanted);
      await waitFor('it stands where the model says', agrees, SOON_MS).catch(() => {
        const [is, model] = [this.#real(worker), wanted].map((real) => JSON.stringify(real));
        throw new Error(`${when}: ${worker} is ${is}, and the model says ${model}`);
      });
    }
    await this.#quiet(echo);
    for (const [key, times] of this.#changes) {
      const [worker = '', field = ''] = key.split(' ');
      const most = this.#ideals.get(worker)?.changes.get(field) ?? 0;
      if (times > most) throw new Error(`${when}: ${key} changed ${times} times, not ${most}`);
    }
  }

  #real(worker: string): Real {
    const { channels } = this.#emulator.world.worker(worker);
    return Object.fromEntries(
      [...channels.values()].map(({ taskChannelUniqueName, configuredCapacity, available }) => [
        taskChannelUniqueName,
        { capacity: configuredCapacity, available },
      ]),
    );
  }
}
