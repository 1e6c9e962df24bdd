/**
 * What people do with the Tasks they are offered: notice them or not, accept or reject them, work
 * on them, wrap up. A person on a call misses many messages and is slow to turn to the others.
 */
import type { EventRecord, Reservation } from '../world/model.ts';
import { moveTo } from './attendance.ts';
import { chanceFor } from './draw.ts';
import type { Job, Person } from './person.ts';
import { asWorker, type Stage } from './stage.ts';
import { type ChannelName, TRADES } from './trade.ts';

const SECOND = 1_000;
/** How often a message goes unnoticed during a call, and a call amid two or more chats. */
const UNNOTICED = { onCall: 0.4, amidChats: 0.15 } as const;
/** How long it takes to turn to an offer, undistracted (`free`) and distracted (`torn`). */
const TURNS_MS = { free: [2 * SECOND, 6 * SECOND], torn: [4 * SECOND, 20 * SECOND] } as const;
/** How long until a Worker notices being moved to another Activity after a missed offer. */
const NOTICES_MS = [45 * SECOND, 240 * SECOND] as const;

export interface HandsOptions {
  readonly stage: Stage;
  /** By Worker SID. */
  readonly people: ReadonlyMap<string, Person>;
  /** The Task's work, in ms of an undisturbed person of usual speed. */
  workOf(taskSid: string): number;
  /** The Task was accepted. */
  accepted(taskSid: string): void;
  /** The customer got a first word. */
  answered(taskSid: string): void;
  /** The Tasks that a person has in hand changed. */
  changed(person: Person): void;
}

export class Hands {
  readonly #stage: Stage;
  readonly #options: HandsOptions;

  constructor(options: HandsOptions) {
    this.#stage = options.stage;
    this.#options = options;
  }

  onEvent(event: EventRecord): void {
    const person = this.#options.people.get(String(event.payload.worker_sid));
    if (person === undefined) return;
    if (event.type === 'reservation.created') this.#offered(person, event.resourceSid);
    if (event.type === 'reservation.timeout') this.#missed(person);
  }

  #offered(person: Person, sid: string): void {
    const { world, seed } = this.#stage;
    const reservation = world.reservation(sid);
    const task = world.task(reservation.taskSid);
    const channel = world.space.taskChannel(task.taskChannelSid).uniqueName as ChannelName;
    const number = Number(task.parsed.number ?? 0);
    const chance = chanceFor(seed, 'offer', number, person.colleague.name, task.refusedBy.size);
    const { misses, rejects } = person.colleague.habits;
    const hidden = channel === 'voice' ? this.#amidChats(person) : this.#onCall(person);
    if (!person.atDesk || chance.happens(misses + hidden)) return;
    const refuses = chance.happens(rejects);
    const delay = chance.between(...(hidden > 0 ? TURNS_MS.torn : TURNS_MS.free));
    this.#stage.later(delay, () => {
      if (reservation.status !== 'pending') return;
      const by = asWorker(reservation.workerSid);
      if (refuses) world.reject(reservation, by);
      else this.#take(person, reservation, channel);
    });
  }

  #onCall(person: Person): number {
    return person.onCall ? UNNOTICED.onCall : 0;
  }

  #amidChats(person: Person): number {
    return person.holds('chat', 'sms') >= 2 ? UNNOTICED.amidChats : 0;
  }

  /** TaskRouter has moved the Worker to the timeout Activity. */
  #missed(person: Person): void {
    const { world } = this.#stage;
    const chance = chanceFor(this.#stage.seed, 'notices', person.colleague.name, world.now());
    this.#stage.later(chance.between(...NOTICES_MS), () => {
      if (person.atDesk && person.means === 'Available') moveTo(this.#stage, person, 'Available');
    });
  }

  #take(person: Person, { sid, taskSid, workerSid }: Reservation, channel: ChannelName): void {
    const { world } = this.#stage;
    world.accept(sid, asWorker(workerSid));
    this.#options.accepted(taskSid);
    person.jobs.set(sid, {
      reservation: sid,
      task: taskSid,
      channel,
      left: this.#options.workOf(taskSid),
      rate: 0,
      since: world.now(),
      wrapping: false,
      due: null,
      word: TRADES[channel].firstWordMs,
      wordDue: null,
    });
    if (TRADES[channel].firstWordMs === 0) this.#options.answered(taskSid);
    this.#replan(person);
  }

  #replan(person: Person): void {
    person.replan(this.#stage, {
      finish: (job) => this.#finish(person, job),
      answer: (job) => this.#answer(job),
    });
    this.#options.changed(person);
  }

  #answer(job: Job): void {
    job.word = 0;
    if (job.wordDue !== null) job.wordDue.canceled = true;
    job.wordDue = null;
    this.#options.answered(job.task);
  }

  #finish(person: Person, job: Job): void {
    const { world } = this.#stage;
    if (job.word > 0) this.#answer(job);
    const by = asWorker(person.worker.sid);
    world.wrap(job.reservation, by);
    job.wrapping = true;
    job.due = null;
    this.#replan(person);
    const { wrapUpMs } = TRADES[job.channel];
    this.#stage.later(wrapUpMs / person.colleague.habits.speed, () => {
      person.jobs.delete(job.reservation);
      world.complete(job.reservation, by);
      this.#replan(person);
    });
  }
}
