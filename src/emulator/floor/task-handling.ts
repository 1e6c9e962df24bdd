/**
 * What people do with the Tasks they are offered: notice them or not, accept or reject them, work
 * on them, wrap up. A person on a call misses many messages and is slow to turn to the others.
 */
import type { EventRecord, Reservation } from '../world/model.ts';
import type { Agent, Job } from './agent.ts';
import { changeActivity } from './attendance.ts';
import { CHANNEL_PROFILES, type ChannelName } from './channel-profiles.ts';
import { chanceFor } from './distributions.ts';
import { asWorker, type Simulation } from './simulation.ts';

const SECOND = 1_000;
/** How often a message goes unnoticed during a call, and a call amid two or more chats. */
const MISSED_OFFER_RATE = { onCall: 0.4, amidChats: 0.15 } as const;
/** How long it takes to turn to an offer, undistracted (`free`) and distracted (`torn`). */
const RESPONSE_DELAY_MS = {
  focused: [2 * SECOND, 6 * SECOND],
  distracted: [4 * SECOND, 20 * SECOND],
} as const;
/** How long until a Worker notices being moved to another Activity after a missed offer. */
const NOTICE_DELAY_MS = [45 * SECOND, 240 * SECOND] as const;

export interface TaskHandlingOptions {
  readonly stage: Simulation;
  /** By Worker SID. */
  readonly agents: ReadonlyMap<string, Agent>;
  /** The Task's work, in ms of an undisturbed person of usual speed. */
  workOf(taskSid: string): number;
  /** The Task was accepted. */
  accepted(taskSid: string): void;
  /** The customer got a first word. */
  answered(taskSid: string): void;
  /** The Tasks that a person has in hand changed. */
  changed(agent: Agent): void;
}

export class TaskHandling {
  readonly #stage: Simulation;
  readonly #options: TaskHandlingOptions;

  constructor(options: TaskHandlingOptions) {
    this.#stage = options.stage;
    this.#options = options;
  }

  onEvent(event: EventRecord): void {
    const agent = this.#options.agents.get(String(event.payload.worker_sid));
    if (agent === undefined) return;
    if (event.type === 'reservation.created') this.#onOffer(agent, event.resourceSid);
    if (event.type === 'reservation.timeout') this.#onTimeout(agent);
  }

  #onOffer(agent: Agent, sid: string): void {
    const { world, seed } = this.#stage;
    const reservation = world.reservation(sid);
    const task = world.task(reservation.taskSid);
    const channel = world.space.taskChannel(task.taskChannelSid).uniqueName as ChannelName;
    const number = Number(task.parsed.number ?? 0);
    const chance = chanceFor(seed, 'offer', number, agent.profile.name, task.refusedBy.size);
    const { misses, rejects } = agent.profile.habits;
    const hidden = channel === 'voice' ? this.#amidChats(agent) : this.#onCall(agent);
    if (!agent.atDesk || chance.happens(misses + hidden)) return;
    const refuses = chance.happens(rejects);
    const delay = chance.between(
      ...(hidden > 0 ? RESPONSE_DELAY_MS.distracted : RESPONSE_DELAY_MS.focused),
    );
    this.#stage.later(delay, () => {
      if (reservation.status !== 'pending') return;
      const by = asWorker(reservation.workerSid);
      if (refuses) world.reject(reservation, by);
      else this.#take(agent, reservation, channel);
    });
  }

  #onCall(agent: Agent): number {
    return agent.onCall ? MISSED_OFFER_RATE.onCall : 0;
  }

  #amidChats(agent: Agent): number {
    return agent.countActive('chat', 'sms') >= 2 ? MISSED_OFFER_RATE.amidChats : 0;
  }

  /** TaskRouter has moved the Worker to the timeout Activity. */
  #onTimeout(agent: Agent): void {
    const { world } = this.#stage;
    const chance = chanceFor(this.#stage.seed, 'notices', agent.profile.name, world.now());
    this.#stage.later(chance.between(...NOTICE_DELAY_MS), () => {
      if (agent.atDesk && agent.intendedActivity === 'Available')
        changeActivity(this.#stage, agent, 'Available');
    });
  }

  #take(agent: Agent, { sid, taskSid, workerSid }: Reservation, channel: ChannelName): void {
    const { world } = this.#stage;
    world.accept(sid, asWorker(workerSid));
    this.#options.accepted(taskSid);
    agent.jobs.set(sid, {
      reservation: sid,
      task: taskSid,
      channel,
      remainingMs: this.#options.workOf(taskSid),
      rate: 0,
      since: world.now(),
      wrapping: false,
      due: null,
      firstResponseLeft: CHANNEL_PROFILES[channel].firstResponseMs,
      firstResponseDue: null,
    });
    if (CHANNEL_PROFILES[channel].firstResponseMs === 0) this.#options.answered(taskSid);
    this.#replan(agent);
  }

  #replan(agent: Agent): void {
    agent.replan(this.#stage, {
      finish: (job) => this.#finish(agent, job),
      answer: (job) => this.#answer(job),
    });
    this.#options.changed(agent);
  }

  #answer(job: Job): void {
    job.firstResponseLeft = 0;
    if (job.firstResponseDue !== null) job.firstResponseDue.canceled = true;
    job.firstResponseDue = null;
    this.#options.answered(job.task);
  }

  #finish(agent: Agent, job: Job): void {
    const { world } = this.#stage;
    if (job.firstResponseLeft > 0) this.#answer(job);
    const by = asWorker(agent.worker.sid);
    world.wrap(job.reservation, by);
    job.wrapping = true;
    job.due = null;
    this.#replan(agent);
    const { wrapUpMs } = CHANNEL_PROFILES[job.channel];
    this.#stage.later(wrapUpMs / agent.profile.habits.speed, () => {
      agent.jobs.delete(job.reservation);
      world.complete(job.reservation, by);
      this.#replan(agent);
    });
  }
}
