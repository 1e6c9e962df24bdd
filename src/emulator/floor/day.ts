/**
 * A whole day in a contact centre of any size: people arrive, work and leave; customers arrive,
 * wait, and are served or give up. Everything is an appointment on the world's agenda, drawn from
 * the seed, and measured as it happens.
 */
import type { World } from '../world/world.ts';
import { attend } from './attendance.ts';
import { setUpCentre } from './centre.ts';
import { drawCrowd } from './crowd.ts';
import { type Customer, drawCustomers, expect } from './customers.ts';
import { Hands } from './hands.ts';
import { type Contact, type DayFigures, figures, PersonMeter } from './metrics.ts';
import { Person } from './person.ts';
import { Stage } from './stage.ts';
import { TRADES } from './trade.ts';

export interface DayOptions {
  readonly seed: number;
  readonly workers: number;
  /** Expected number, without bursts. */
  readonly tasks: number;
  /** Speed as a multiple of real time; default 1. */
  readonly pace?: number | undefined;
  /** The instant taken as six in the morning, epoch ms; default: now. */
  readonly dawn?: number | undefined;
  /** How much of the day has passed at the start; default 0. */
  readonly skippedMs?: number | undefined;
}

const WATCHED = new Set([
  'worker.capacity.update',
  'worker.channel.availability.update',
  'worker.activity.update',
]);

export class DayFloor {
  readonly #stage: Stage;
  readonly #people: ReadonlyMap<string, Person>;
  readonly #meters: ReadonlyMap<string, PersonMeter>;
  readonly #customers: readonly Customer[];
  readonly #contacts = new Map<string, Contact>();
  readonly #work = new Map<string, number>();

  constructor(world: World, options: DayOptions) {
    const { seed, workers, tasks } = options;
    this.#stage = new Stage(world, options);
    const staff = setUpCentre(world, drawCrowd(workers, seed));
    this.#people = new Map(
      staff.map(({ colleague, worker }) => [worker.sid, new Person(colleague, worker)]),
    );
    this.#meters = new Map(
      staff.map(({ worker }) => [worker.sid, new PersonMeter(this.#stage.startedAt)]),
    );
    this.#customers = drawCustomers(tasks, seed);
  }

  /** Returns a function that stops it. */
  start(): () => void {
    const { world } = this.#stage;
    const hands = new Hands({
      stage: this.#stage,
      people: this.#people,
      workOf: (task) => this.#work.get(task) ?? 0,
      accepted: (task) => this.#reached(task, 'acceptedAt'),
      answered: (task) => this.#reached(task, 'answeredAt'),
      changed: (person) => this.#measure(person),
    });
    const unlisten = world.listen((event) => {
      if (event.workspaceSid !== world.workspace.sid || this.#stage.stopped) return;
      hands.onEvent(event);
      const person = this.#people.get(String(event.payload.worker_sid));
      if (person !== undefined && WATCHED.has(event.type)) this.#measure(person);
    });
    for (const person of this.#people.values()) attend(this.#stage, person);
    for (const customer of this.#customers)
      if (customer.offsetMs >= this.#stage.skippedMs) this.#expect(customer);
    return () => {
      this.#stage.stopped = true;
      unlisten();
    };
  }

  /** The day's figures so far. */
  result(): DayFigures {
    const endAt = this.#stage.time();
    for (const meter of this.#meters.values()) meter.close(endAt);
    return figures({
      contacts: [...this.#contacts.values()],
      people: [...this.#meters.values()],
      targetMs: Object.fromEntries(
        Object.entries(TRADES).map(([channel, { targetMs }]) => [channel, targetMs]),
      ),
      endAt,
    });
  }

  #expect(customer: Customer): void {
    expect(this.#stage, customer, {
      came: (task) => {
        this.#work.set(task, customer.workMs);
        const { channel } = customer;
        const contact = {
          channel,
          offeredAt: this.#stage.time(),
          acceptedAt: null,
          answeredAt: null,
          abandonedAt: null,
        };
        this.#contacts.set(task, contact);
      },
      left: (task) => {
        const contact = this.#contacts.get(task);
        if (contact !== undefined) contact.abandonedAt = this.#stage.time();
      },
    });
  }

  #reached(task: string, what: 'acceptedAt' | 'answeredAt'): void {
    const contact = this.#contacts.get(task);
    if (contact !== undefined) contact[what] ??= this.#stage.time();
  }

  #measure(person: Person): void {
    const { world } = this.#stage;
    const { worker, jobs, baseline } = person;
    const available = world.space.activityOf(worker).available;
    let load = 0;
    for (const { channel } of jobs.values()) load += 1 / Math.max(1, baseline.get(channel) ?? 1);
    const raised = [...worker.channels.values()].some(
      ({ taskChannelUniqueName: name, configuredCapacity }) =>
        configuredCapacity > (baseline.get(name) ?? 0) && holds(person, name),
    );
    const busy = jobs.size > 0;
    this.#meters
      .get(worker.sid)
      ?.change(this.#stage.time(), { present: available || busy, busy, load, raised });
  }
}

function holds({ jobs }: Person, channel: string): boolean {
  for (const job of jobs.values()) if (job.channel === channel) return true;
  return false;
}
