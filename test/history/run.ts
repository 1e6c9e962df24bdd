// Runs one random history against the loop, and returns which laws it broke.

import type { WorkerSid } from '../../src/core/ids.ts';
import { MAX_CLOCK_SKEW_MS } from '../../src/core/instants.ts';
import type { EventRecord } from '../../src/emulator/world/model.ts';
import type { Change, Entry } from '../model/history.ts';
import { Loop } from './loop.ts';
import type { Delivery, EditStep, HistoryEvent, Plot, Step, WorkerEvent } from './steps.ts';
import { violationsIn } from './violations.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Steps lie one minute past the even minutes, at which schedules begin and end. */
const BEGIN = Date.parse('2026-06-10T10:01:00Z');
/** Two changes never happen in the same millisecond. */
const APART_MS = 7;

/** How much happened, for statistics. */
export interface Course {
  writes: number;
  deaths: number;
  events: number;
  troubles: number;
}

export interface Outcome {
  /** What broke a law, as sentences. */
  readonly wrong: readonly string[];
  readonly loop: Loop;
  readonly course: Course;
}

export async function runHistory(plot: Plot): Promise<Outcome> {
  const { rules, skewMs, capacity } = plot;
  const crew = (plot.crew ?? [null]).map((member) => ({
    attributes: member === null ? {} : { team: member.team, level: member.level },
    capacity: member?.capacity ?? capacity,
  }));
  const attributes = crew.map((each) => each.attributes);
  const loop = new Loop({ at: BEGIN, rules, skewMs, crew: attributes, atOnce: plot.atOnce });
  for (const [i, worker] of loop.workers.entries()) {
    loop.world.editChannel(worker, 'chat', { capacity: crew[i]?.capacity ?? capacity });
  }
  loop.world.createQueue('Nobody', '1 == 2');
  loop.sent.length = 0;
  const run = new Run(loop);
  const wrong = await run.all(plot.steps).catch((error: Error) => [error.stack ?? error.message]);
  const of = (kind: Entry['kind']) => loop.history.filter((e) => e.kind === kind).length;
  const events = of('worker') + of('reservation');
  const course = { writes: of('write'), deaths: loop.deaths, events, troubles: loop.troubled };
  return { wrong, loop, course };
}

class Run {
  readonly #loop: Loop;
  /** Events that are delivered late. */
  #late: EventRecord[] = [];
  #at = BEGIN;
  #paused = false;
  /** The Workers that the current step concerns. */
  #who: readonly WorkerSid[] = [];

  constructor(loop: Loop) {
    this.#loop = loop;
  }

  async all(steps: readonly Step[]): Promise<readonly string[]> {
    await this.#loop.start();
    for (const step of steps) await this.#step(step);
    return this.#end();
  }

  async #step(step: Step): Promise<void> {
    const loop = this.#loop;
    const away = step.what.kind === 'away';
    if (away) loop.stop();
    this.#at += step.after * 2 * MINUTE;
    await loop.until(this.#at);
    if (away) await loop.start();
    const late = this.#late.splice(0).reverse();
    loop.troubles.push(...step.troubles);
    loop.echoAhead = step.echo === 'ahead';
    this.#who = this.#whoOf(step);
    this.#plan(step);
    if (step.dies !== null) loop.dieAt(step.dies);
    for (const event of late) await loop.deliver(event);
    await loop.settle();
    await this.#happen(step.what);
    await this.#carry(step.delivery);
    await this.#deliver(step);
    loop.troubles.length = 0;
    loop.meanwhile.length = 0;
    loop.spare();
    await this.#deliver(step);
  }

  /** Everything quiet for long enough, one look at everything, and every respected edit expired. */
  async #end(): Promise<readonly string[]> {
    const loop = this.#loop;
    loop.echoAhead = false;
    await loop.until(this.#at + 30 * MINUTE);
    // A resync reads everything, so what would be forgotten without it has to be checked before.
    const forgotten = await loop.forgotten(MINUTE);
    await loop.resync();
    await this.#rest();
    const soon = [...forgotten, ...(await loop.misbelieved()), ...(await violationsIn(loop))];
    await loop.until(this.#at + 5 * HOUR);
    await this.#rest();
    return [...soon, ...(await violationsIn(loop)), ...(await loop.journalViolations())];
  }

  #whoOf({ who = 0 }: Step): readonly WorkerSid[] {
    const { workers } = this.#loop;
    return who === null ? workers : workers.slice(who % workers.length).slice(0, 1);
  }

  #plan({ meanwhile }: Step): void {
    if (meanwhile === null) return;
    const { when, edit, heard } = meanwhile;
    this.#loop.meanwhile.push({
      when,
      run: async () => {
        this.#edit(edit);
        const events = this.#loop.sent.splice(0);
        if (!heard) this.#late.push(...events);
        else for (const event of events) await this.#loop.deliverNow(event);
      },
    });
  }

  #edit({ channel, capacity, available }: EditStep): void {
    const change: Change = {
      ...(capacity !== undefined && { capacity }),
      ...(available !== undefined && { available }),
    };
    for (const worker of this.#who) {
      this.#loop.now += APART_MS;
      if (Object.keys(change).length === 0) continue;
      this.#loop.world.editChannel(worker, channel, change, { actor: 'a person' });
    }
  }

  async #happen(what: HistoryEvent): Promise<void> {
    const loop = this.#loop;
    loop.now += APART_MS;
    switch (what.kind) {
      case 'quiet':
      case 'away':
        return;
      case 'edit':
        return this.#edit(what);
      case 'activity':
      case 'attributes':
      case 'task':
      case 'done':
        for (const worker of this.#who) this.#happenTo(worker, what);
        return;
      case 'reload':
        return loop.reload(what.rules);
      case 'pause':
        if (what.paused === this.#paused) return;
        this.#paused = what.paused;
        return loop.pause(what.paused);
      case 'restart':
        loop.stop();
        return loop.start();
      case 'clock-back':
        loop.setBack(what.seconds * SECOND);
        // So that the next steps come while the clock is still behind.
        this.#at = Math.max(BEGIN, this.#at - what.seconds * SECOND);
        if (what.edit !== null) this.#edit(what.edit);
        // The daemon notices this by its `ClockWatch`.
        return what.seconds * SECOND > MAX_CLOCK_SKEW_MS ? loop.lookAgain() : undefined;
      case 'resync':
        return loop.resync();
    }
  }

  #happenTo(worker: WorkerSid, what: WorkerEvent): void {
    const { world } = this.#loop;
    if (this.#who.length > 1) this.#loop.now += APART_MS;
    switch (what.kind) {
      case 'activity':
        world.setActivity(worker, what.available ? 'Available' : 'Offline');
        return;
      case 'attributes':
        world.updateWorker(worker, { attributes: what.attributes });
        return;
      case 'task':
        this.#task(worker, what.channel, what.taken);
        return;
      case 'done':
        this.#done(worker);
        return;
    }
  }

  #task(worker: WorkerSid, channel: string, taken: boolean): void {
    const { world } = this.#loop;
    const task = world.createTask({ channel, queue: 'Nobody' });
    const reservation = world.reserve(task.sid, worker);
    this.#loop.now += APART_MS;
    if (taken) world.accept(reservation.sid);
    else world.reject(reservation.sid);
  }

  #done(worker: WorkerSid): void {
    const { world } = this.#loop;
    const open = world
      .reservations()
      .find(({ status, workerSid }) => status === 'accepted' && workerSid === worker);
    if (open !== undefined) world.completeTask(open.taskSid);
  }

  async #carry(delivery: Delivery): Promise<void> {
    const events = this.#loop.sent.splice(0);
    if (delivery === 'late') this.#late.push(...events);
    if (delivery === 'late' || delivery === 'lost') return;
    for (const event of events) await this.#loop.deliver(event);
    if (delivery !== 'twice') return;
    await this.#loop.settle();
    for (const event of events) await this.#loop.deliver(event);
  }

  /** Events caused by the loop's own writes are delivered as well, until no more come. */
  async #deliver({ echo }: Step): Promise<void> {
    await this.#loop.settle();
    while (this.#loop.sent.length > 0) {
      await this.#carry(echo === 'ahead' ? 'now' : echo);
      await this.#loop.settle();
    }
  }

  async #rest(): Promise<void> {
    await this.#loop.settle();
    while (this.#loop.sent.length > 0) {
      await this.#carry('now');
      await this.#loop.settle();
    }
  }
}
