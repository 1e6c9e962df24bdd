/**
 * One person at work: the Tasks in hand and how fast each progresses. A call takes most of a
 * person's attention; chats share the rest; each further Task slows all of them down.
 */
import type { Appointment } from '../world/agenda.ts';
import type { Worker } from '../world/model.ts';
import type { Colleague } from './crowd.ts';
import type { Stage } from './stage.ts';
import type { ChannelName } from './trade.ts';

/** Relative speed of a chat or text during a call, and of email beside a chat. */
const BESIDE_A_CALL = 0.3;
const EMAIL_BESIDE_A_CHAT = 0.4;

export interface Job {
  readonly reservation: string;
  readonly task: string;
  readonly channel: ChannelName;
  /** Remaining work, in ms of an undisturbed person of usual speed. */
  left: number;
  rate: number;
  since: number;
  /** The conversation is over, its notes are not. */
  wrapping: boolean;
  due: Appointment | null;
  /** Remaining work until the customer reads a first word; 0: it is sent. */
  word: number;
  wordDue: Appointment | null;
}

/** What happens to a Task in hand. */
export interface Course {
  finish(job: Job): void;
  answer(job: Job): void;
}

export class Person {
  readonly colleague: Colleague;
  readonly worker: Worker;
  readonly jobs = new Map<string, Job>();
  /** Each channel's configured capacity before any change. */
  readonly baseline: ReadonlyMap<string, number>;
  /** Whether the person is there to notice an offer, whatever the Activity says. */
  atDesk = false;
  /** The Activity that this person intends to be in. */
  means = 'Offline';

  constructor(colleague: Colleague, worker: Worker) {
    this.colleague = colleague;
    this.worker = worker;
    this.baseline = new Map(
      [...worker.channels.values()].map((each) => [
        each.taskChannelUniqueName,
        each.configuredCapacity,
      ]),
    );
  }

  holds(...channels: readonly ChannelName[]): number {
    let n = 0;
    for (const { channel } of this.jobs.values()) if (channels.includes(channel)) n += 1;
    return n;
  }

  get onCall(): boolean {
    for (const job of this.jobs.values()) if (job.channel === 'voice' && !job.wrapping) return true;
    return false;
  }

  /** Accounts for the work done so far and reschedules when each Task will be finished. */
  replan(stage: Stage, { finish, answer }: Course): void {
    const now = stage.world.now();
    for (const job of this.jobs.values()) {
      if (job.wrapping) continue;
      const done = stage.elapsed(job.since) * job.rate;
      job.left -= done;
      if (job.wordDue !== null) job.word = Math.max(1, job.word - done);
      job.since = now;
      job.rate = this.#rateOf(job);
      if (job.due !== null) job.due.canceled = true;
      const takes = Math.max(0, job.left) / job.rate;
      job.due = job.rate > 0 ? stage.later(takes, () => finish(job)) : null;
      if (job.wordDue !== null) job.wordDue.canceled = true;
      const speaks = job.word > 0 && job.rate > 0;
      job.wordDue = speaks ? stage.later(job.word / job.rate, () => answer(job)) : null;
    }
  }

  #rateOf({ channel }: Job): number {
    const { speed, distraction } = this.colleague.habits;
    const others = this.jobs.size - 1;
    const rate = speed / (1 + distraction * others);
    if (channel === 'voice') return rate;
    if (channel === 'email') {
      if (this.onCall) return 0;
      return this.holds('chat', 'sms') > 0 ? rate * EMAIL_BESIDE_A_CHAT : rate;
    }
    return this.onCall ? rate * BESIDE_A_CALL : rate;
  }
}
