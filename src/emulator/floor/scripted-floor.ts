/**
 * The small contact centre on a script: the caller decides who logs in and what arrives when; its
 * people accept what they are offered and work on it. Made for demos that show one thing at a time.
 */
import type { EventRecord } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { setUpSmallFloor } from './set-up.ts';
import { asWorker } from './simulation.ts';

const SECOND = 1_000;

export class ScriptedFloor {
  readonly #world: World;
  readonly #handleSeconds = new Map<string, number>();
  readonly #unlisten: () => void;
  #stopped = false;

  constructor(world: World) {
    this.#world = world;
    setUpSmallFloor(world);
    this.#unlisten = world.listen((event) => this.#onEvent(event));
  }

  logIn(...names: readonly string[]): void {
    for (const name of names) this.#move(name, 'Available');
  }

  logOut(...names: readonly string[]): void {
    for (const name of names) this.#move(name, 'Offline');
  }

  /** `count` Tasks of one kind at once, each `seconds` of work or slightly more. */
  createTasks(count: number, channel: string, topic: string, seconds: number): void {
    for (let n = 0; n < count; n += 1) {
      const task = this.#world.createTask({ channel, attributes: { topic } });
      // Staggered, so that they do not all end at the same moment.
      this.#handleSeconds.set(task.sid, seconds + n);
    }
  }

  /** A supervisor changes a Worker Channel in a console of their own. */
  supervisorSets(name: string, channel: string, capacity: number): void {
    this.#world.editChannel(this.#world.worker(name), channel, { capacity }, { actor: 'Sam' });
  }

  stop(): void {
    this.#stopped = true;
    this.#unlisten();
  }

  #move(name: string, activity: string): void {
    const worker = this.#world.worker(name);
    this.#world.setActivity(worker, activity, asWorker(worker.sid));
  }

  #onEvent(event: EventRecord): void {
    if (event.type !== 'reservation.created') return;
    const reservation = this.#world.reservation(event.resourceSid);
    const by = asWorker(reservation.workerSid);
    this.#later(SECOND, () => {
      if (reservation.status !== 'pending') return;
      this.#world.accept(reservation, by);
      const seconds = this.#handleSeconds.get(reservation.taskSid) ?? 10;
      this.#later(seconds * SECOND, () => {
        if (reservation.status === 'accepted') this.#world.complete(reservation, by);
      });
    });
  }

  #later(ms: number, act: () => void): void {
    this.#world.engine.scheduler.at(this.#world.now() + ms, () => {
      if (!this.#stopped) act();
    });
  }
}
