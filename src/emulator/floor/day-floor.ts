/**
 * A whole day in a contact centre of any size: people arrive, work and leave; customers arrive,
 * wait, and are served or give up. Everything is a scheduled call on the world's scheduler, drawn
 * from the seed, and measured as it happens.
 */
import type { World } from '../world/world.ts';
import { Agent } from './agent.ts';
import { scheduleShift } from './attendance.ts';
import { setUpContactCentre } from './centre.ts';
import { CHANNEL_PROFILES } from './channel-profiles.ts';
import { type Customer, drawCustomers, scheduleArrival } from './customers.ts';
import { AgentMeter, type Contact, type DayFigures, figures } from './metrics.ts';
import { Simulation } from './simulation.ts';
import { drawStaff } from './staff.ts';
import { TaskHandling } from './task-handling.ts';

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
  readonly #stage: Simulation;
  readonly #agents: ReadonlyMap<string, Agent>;
  readonly #meters: ReadonlyMap<string, AgentMeter>;
  readonly #customers: readonly Customer[];
  readonly #contacts = new Map<string, Contact>();
  readonly #work = new Map<string, number>();

  constructor(world: World, options: DayOptions) {
    const { seed, workers, tasks } = options;
    this.#stage = new Simulation(world, options);
    const staff = setUpContactCentre(world, drawStaff(workers, seed));
    this.#agents = new Map(
      staff.map(({ profile, worker }) => [worker.sid, new Agent(profile, worker)]),
    );
    this.#meters = new Map(
      staff.map(({ worker }) => [worker.sid, new AgentMeter(this.#stage.startedAt)]),
    );
    this.#customers = drawCustomers(tasks, seed);
  }

  /** Returns a function that stops it. */
  start(): () => void {
    const { world } = this.#stage;
    const handling = new TaskHandling({
      stage: this.#stage,
      agents: this.#agents,
      workOf: (task) => this.#work.get(task) ?? 0,
      accepted: (task) => this.#markContact(task, 'acceptedAt'),
      answered: (task) => this.#markContact(task, 'answeredAt'),
      changed: (person) => this.#measure(person),
    });
    const unlisten = world.listen((event) => {
      if (event.workspaceSid !== world.workspace.sid || this.#stage.stopped) return;
      handling.onEvent(event);
      const agent = this.#agents.get(String(event.payload.worker_sid));
      if (agent !== undefined && WATCHED.has(event.type)) this.#measure(agent);
    });
    for (const agent of this.#agents.values()) scheduleShift(this.#stage, agent);
    for (const customer of this.#customers)
      if (customer.offsetMs >= this.#stage.skippedMs) this.#scheduleArrival(customer);
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
      agents: [...this.#meters.values()],
      targetMs: Object.fromEntries(
        Object.entries(CHANNEL_PROFILES).map(([channel, { targetMs }]) => [channel, targetMs]),
      ),
      endAt,
    });
  }

  #scheduleArrival(customer: Customer): void {
    scheduleArrival(this.#stage, customer, {
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

  #markContact(task: string, what: 'acceptedAt' | 'answeredAt'): void {
    const contact = this.#contacts.get(task);
    if (contact !== undefined) contact[what] ??= this.#stage.time();
  }

  #measure(person: Agent): void {
    const { world } = this.#stage;
    const { worker, jobs, baseline } = person;
    const available = world.space.activityOf(worker).available;
    let load = 0;
    for (const { channel } of jobs.values()) load += 1 / Math.max(1, baseline.get(channel) ?? 1);
    const raised = [...worker.channels.values()].some(
      ({ taskChannelUniqueName: name, configuredCapacity }) =>
        configuredCapacity > (baseline.get(name) ?? 0) && hasTaskOn(person, name),
    );
    const busy = jobs.size > 0;
    this.#meters
      .get(worker.sid)
      ?.change(this.#stage.time(), { present: available || busy, busy, load, raised });
  }
}

function hasTaskOn({ jobs }: Agent, channel: string): boolean {
  for (const job of jobs.values()) if (job.channel === channel) return true;
  return false;
}
