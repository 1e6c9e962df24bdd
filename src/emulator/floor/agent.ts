/**
 * One person at work: the Tasks in hand and how fast each progresses. A call takes most of a
 * person's attention; chats share the rest; each further Task slows all of them down.
 */

import type { Worker } from '../world/model.ts';
import type { ScheduledCall } from '../world/scheduler.ts';
import type { ChannelName } from './channel-profiles.ts';
import type { Simulation } from './simulation.ts';
import type { AgentProfile } from './staff.ts';

/** Relative speed of a chat or text during a call, and of email beside a chat. */
const BESIDE_A_CALL = 0.3;
const EMAIL_BESIDE_A_CHAT = 0.4;

export interface Job {
  readonly reservation: string;
  readonly task: string;
  readonly channel: ChannelName;
  /** Remaining work, in ms of an undisturbed person of usual speed. */
  remainingMs: number;
  rate: number;
  since: number;
  /** The conversation is over, its notes are not. */
  wrapping: boolean;
  due: ScheduledCall | null;
  /** Remaining work until the customer reads a first word; 0: it is sent. */
  firstResponseLeft: number;
  firstResponseDue: ScheduledCall | null;
}

/** What happens to a Task in hand. */
export interface TaskCallbacks {
  finish(job: Job): void;
  answer(job: Job): void;
}

export class Agent {
  readonly profile: AgentProfile;
  readonly worker: Worker;
  readonly jobs = new Map<string, Job>();
  /** Each channel's configured capacity before any change. */
  readonly baseline: ReadonlyMap<string, number>;
  /** Whether the person is there to notice an offer, whatever the Activity says. */
  atDesk = false;
  /** The Activity that this person intends to be in. */
  intendedActivity = 'Offline';

  constructor(profile: AgentProfile, worker: Worker) {
    this.profile = profile;
    this.worker = worker;
    this.baseline = new Map(
      [...worker.channels.values()].map((each) => [
        each.taskChannelUniqueName,
        each.configuredCapacity,
      ]),
    );
  }

  countActive(...channels: readonly ChannelName[]): number {
    let n = 0;
    for (const { channel } of this.jobs.values()) if (channels.includes(channel)) n += 1;
    return n;
  }

  get onCall(): boolean {
    for (const job of this.jobs.values()) if (job.channel === 'voice' && !job.wrapping) return true;
    return false;
  }

  /** Accounts for the work done so far and reschedules when each Task will be finished. */
  replan(stage: Simulation, { finish, answer }: TaskCallbacks): void {
    const now = stage.world.now();
    for (const job of this.jobs.values()) {
      if (job.wrapping) continue;
      const done = stage.elapsed(job.since) * job.rate;
      job.remainingMs -= done;
      if (job.firstResponseDue !== null)
        job.firstResponseLeft = Math.max(1, job.firstResponseLeft - done);
      job.since = now;
      job.rate = this.#rateOf(job);
      if (job.due !== null) job.due.canceled = true;
      const takes = Math.max(0, job.remainingMs) / job.rate;
      job.due = job.rate > 0 ? stage.later(takes, () => finish(job)) : null;
      if (job.firstResponseDue !== null) job.firstResponseDue.canceled = true;
      const speaks = job.firstResponseLeft > 0 && job.rate > 0;
      job.firstResponseDue = speaks
        ? stage.later(job.firstResponseLeft / job.rate, () => answer(job))
        : null;
    }
  }

  #rateOf({ channel }: Job): number {
    const { speed, distraction } = this.profile.habits;
    const others = this.jobs.size - 1;
    const rate = speed / (1 + distraction * others);
    if (channel === 'voice') return rate;
    if (channel === 'email') {
      if (this.onCall) return 0;
      return this.countActive('chat', 'sms') > 0 ? rate * EMAIL_BESIDE_A_CHAT : rate;
    }
    return this.onCall ? rate * BESIDE_A_CALL : rate;
  }
}
