/**
 * People at work in the small contact centre: they log in, take calls and chats, go on a break,
 * come back and log out, from the first seconds and at any hour. Everything they do is a
 * scheduled call on the world's scheduler, drawn from the seed.
 */

import { Chance } from '../world/chance.ts';
import type { EventRecord, Reservation } from '../world/model.ts';
import type { World } from '../world/world.ts';
import type { ActorOptions } from '../world/world.types.ts';
import { PEOPLE, type Person } from './set-up.ts';

const SECOND = 1_000;
/** How each kind of contact is named in the log, how frequent it is, and how long it takes. */
const KINDS: Readonly<Record<string, { noun: string; weight: number; seconds: [number, number] }>> =
  {
    voice: { noun: 'call', weight: 5, seconds: [4, 9] },
    chat: { noun: 'chat', weight: 6, seconds: [8, 20] },
    sms: { noun: 'text message', weight: 1, seconds: [5, 10] },
    email: { noun: 'email', weight: 1, seconds: [10, 20] },
  };
const ARRIVAL_MS: [number, number] = [700, 2_200];
const WAITING_MAX = 12;
/** Short, so that a call ends soon after the emulator starts. */
const FIRST_CALL_SECONDS = [3, 5] as const;
/** How often a person on a call puts off leaving, since calls may follow back to back. */
const CALLS_BEFORE_LEAVING = 4;

export class SmallFloor {
  readonly #world: World;
  readonly #log: (line: string) => void;
  readonly #chance: Chance;
  /** Handling times, in seconds, of Tasks that do not use those of their kind. */
  readonly #handleSeconds = new Map<string, readonly [number, number]>();
  #stopped = false;

  constructor(world: World, options: { seed: number; log: (line: string) => void }) {
    this.#world = world;
    this.#log = options.log;
    this.#chance = new Chance(options.seed);
  }

  /** The first people log in within two seconds, and the first calls arrive right after. */
  start(): () => void {
    const unlisten = this.#world.listen((event) => this.#onEvent(event));
    PEOPLE.forEach((person, index) => {
      this.#later(index < 5 ? 300 + index * 350 : 3_000 + index * 1_500, () => this.#logIn(person));
    });
    for (const delay of [1_000, 1_600, 2_200])
      this.#later(delay, () => this.#arrive('voice', 'support', FIRST_CALL_SECONDS));
    this.#later(1_300, () => this.#arrive('chat', 'support'));
    this.#later(2_600, () => this.#scheduleArrivals());
    return () => {
      this.#stopped = true;
      unlisten();
    };
  }

  #later(delayMs: number, act: () => void): void {
    this.#world.engine.scheduler.at(this.#world.now() + Math.round(delayMs), () => {
      if (!this.#stopped) act();
    });
  }

  #between([low, high]: readonly [number, number]): number {
    return this.#chance.between(low, high);
  }

  #logIn(person: Person): void {
    this.#move(person.name, 'Available', 'logs in');
    this.#later(this.#between([25, 70]) * SECOND, () => this.#pause(person));
  }

  /** Mostly a break, sometimes the end of the shift; the person comes back from both. */
  #pause(person: Person, put = 0): void {
    if (put < CALLS_BEFORE_LEAVING && this.#isOnCall(person)) {
      this.#later(2 * SECOND, () => this.#pause(person, put + 1));
      return;
    }
    if (this.#chance.happens(0.65)) {
      this.#move(person.name, 'Break', 'goes on a break');
      this.#later(this.#between([8, 20]) * SECOND, () => {
        this.#move(person.name, 'Available', 'comes back from the break');
        this.#later(this.#between([25, 70]) * SECOND, () => this.#pause(person));
      });
      return;
    }
    this.#move(person.name, 'Offline', 'logs out');
    this.#later(this.#between([10, 25]) * SECOND, () => this.#logIn(person));
  }

  #isOnCall({ name }: Person): boolean {
    const worker = this.#world.workers().find(({ friendlyName }) => friendlyName === name);
    return worker !== undefined && this.#world.channel(worker, 'voice').open.size > 0;
  }

  #move(name: string, activity: string, what: string): void {
    const worker = this.#world.workers().find(({ friendlyName }) => friendlyName === name);
    if (worker === undefined || worker.activitySid === this.#world.activity(activity).sid) return;
    this.#world.setActivity(worker, activity, asWorker(worker.sid));
    this.#log(`${name} ${what}`);
  }

  #scheduleArrivals(): void {
    const waiting = this.#world.space.waiting.size;
    if (waiting < WAITING_MAX) this.#arrive(this.#drawChannel());
    this.#later(this.#between(ARRIVAL_MS), () => this.#scheduleArrivals());
  }

  #drawChannel(): string {
    const total = Object.values(KINDS).reduce((sum, { weight }) => sum + weight, 0);
    let left = this.#chance.next() * total;
    for (const [channel, { weight }] of Object.entries(KINDS)) {
      left -= weight;
      if (left < 0) return channel;
    }
    return 'chat';
  }

  #arrive(channel: string, about?: string, seconds?: readonly [number, number]): void {
    const topic = about ?? this.#chance.pick(['support', 'support', 'sales', 'billing']);
    const language = this.#chance.pick(['en', 'en', 'en', 'es']);
    const task = this.#world.createTask({ channel, attributes: { topic, language } });
    if (seconds !== undefined) this.#handleSeconds.set(task.sid, seconds);
  }

  #onEvent(event: EventRecord): void {
    if (event.type !== 'reservation.created' || this.#stopped) return;
    if (event.workspaceSid !== this.#world.workspace.sid) return;
    const sid = event.resourceSid;
    this.#later(this.#between([0.5, 1.5]) * SECOND, () => this.#take(sid));
  }

  #take(sid: string): void {
    const reservation = this.#open(sid, 'pending');
    if (reservation === null) return;
    const { name, channel } = this.#describe(reservation);
    const kind = KINDS[channel] ?? { noun: 'task', seconds: [4, 10] as [number, number] };
    if (this.#chance.happens(0.03)) {
      this.#world.reject(sid, asWorker(reservation.workerSid));
      this.#log(`${name} declines a ${kind.noun}`);
      return;
    }
    this.#world.accept(sid, asWorker(reservation.workerSid));
    this.#log(`${name} takes ${article(kind.noun)}`);
    const length = this.#handleSeconds.get(reservation.taskSid) ?? kind.seconds;
    this.#later(this.#between(length) * SECOND, () => this.#finish(sid, kind.noun));
  }

  #finish(sid: string, noun: string): void {
    const reservation = this.#open(sid, 'accepted');
    if (reservation === null) return;
    const { name } = this.#describe(reservation);
    const by = asWorker(reservation.workerSid);
    this.#log(`${name} ends the ${noun}`);
    if (noun !== 'call' || this.#chance.happens(0.5)) {
      this.#world.complete(sid, by);
      return;
    }
    this.#world.wrap(sid, by);
    this.#later(this.#between([1, 3]) * SECOND, () => {
      if (this.#open(sid, 'wrapping') !== null) this.#world.complete(sid, by);
    });
  }

  #open(sid: string, status: Reservation['status']): Reservation | null {
    const reservation = this.#world.space.reservations.get(sid);
    return reservation?.status === status ? reservation : null;
  }

  #describe(reservation: Reservation): { name: string; channel: string } {
    const task = this.#world.task(reservation.taskSid);
    const worker = this.#world.space.workers.get(reservation.workerSid);
    return {
      name: worker?.friendlyName ?? 'Somebody',
      channel: this.#world.space.taskChannel(task.taskChannelSid).uniqueName,
    };
  }
}

/** People act through their own desktops, so TaskRouter records the Worker as the actor. */
function asWorker(sid: string): ActorOptions {
  return { actor: { type: 'worker', sid, sourceIp: null } };
}

function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
