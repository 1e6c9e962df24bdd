/**
 * The emulator as used in-process by tests and the floor: the same operations as the REST API, with
 * names in place of SIDs where that reads better.
 */
import type { Doubts } from '../trouble/doubts.ts';
import type { Faults } from '../trouble/faults.ts';
import type { Engine } from './engine.ts';
import type {
  Activity,
  EventRecord,
  Reservation,
  Task,
  TaskChannel,
  TaskQueue,
  Worker,
  WorkerChannel,
  Workflow,
  Workspace,
} from './model.ts';
import { createQueue, createWorkflow, type QueuePatch, type WorkflowPatch } from './queues.ts';
import { findBy, jsonText as json, type Ref, sidOf } from './refs.ts';
import * as reservations from './reservations.ts';
import { reserve } from './routing.ts';
import type { Space } from './space.ts';
import { createTask, deleteTask, updateTask } from './tasks.ts';
import { type ChannelPatch, updateWorkerChannel } from './worker-channels.ts';
import { createWorker, deleteWorker, updateWorker } from './workers.ts';
import { createActivity, createTaskChannel, updateWorkspace } from './workspaces.ts';
import type { ActorOptions, TaskInput, WorkerInput, WorkerPatch } from './world.types.ts';

export class World {
  readonly engine: Engine;
  readonly space: Space;

  constructor(engine: Engine, space: Space) {
    this.engine = engine;
    this.space = space;
  }

  /** The requested faults. */
  get faults(): Faults {
    return this.engine.faults;
  }

  /** The settings of what is not known for certain; may be changed while it runs. */
  get doubts(): Doubts {
    return this.engine.doubts;
  }

  /** Sets the emulator's clock ahead of the true one, or behind it. */
  skewClock(ms: number): void {
    this.engine.skew(ms);
  }

  get workspace(): Workspace {
    return this.space.workspace;
  }

  now(): number {
    return this.engine.now();
  }

  /** Oldest first. */
  events(type?: string): EventRecord[] {
    return this.engine.events.filter((event) => type === undefined || event.type === type);
  }

  /** Calls `listener` with each event after the operation that caused it; returns how to stop. */
  listen(listener: (event: EventRecord) => void): () => void {
    return this.engine.listen(listener);
  }

  /** Runs what is due by the clock; a running emulator does this by itself. */
  advance(): void {
    this.engine.advance();
  }

  /** When something is due next; null when nothing is. */
  nextDue(): number | null {
    return this.engine.scheduler.next();
  }

  setEventCallbackUrl(url: string, eventsFilter?: string | null): void {
    const patch = eventsFilter === undefined ? {} : { eventsFilter };
    this.#run(() => updateWorkspace(this.space, { eventCallbackUrl: url, ...patch }));
  }

  createActivity(friendlyName: string, available: boolean): Activity {
    return this.#run(() => createActivity(this.space, friendlyName, available));
  }

  createTaskChannel(uniqueName: string, friendlyName = uniqueName): TaskChannel {
    return this.#run(() => createTaskChannel(this.space, friendlyName, uniqueName));
  }

  createQueue(friendlyName: string, targetWorkers = '1==1', more: QueuePatch = {}): TaskQueue {
    return this.#run(() => createQueue(this.space, { ...more, friendlyName, targetWorkers }));
  }

  createWorkflow(friendlyName: string, configuration: object, more: WorkflowPatch = {}): Workflow {
    const text = JSON.stringify(configuration);
    return this.#run(() =>
      createWorkflow(this.space, { ...more, friendlyName, configuration: text }),
    );
  }

  createWorker(input: WorkerInput, by: ActorOptions = {}): Worker {
    return this.#run(() => {
      const worker = createWorker(this.space, {
        friendlyName: input.friendlyName,
        attributes: json(input.attributes),
        activitySid: input.activity === undefined ? undefined : this.activity(input.activity).sid,
      });
      for (const [name, patch] of Object.entries(input.channels ?? {}))
        updateWorkerChannel(this.space, this.space.workerChannel(worker, name), patch);
      return worker;
    }, by);
  }

  updateWorker(worker: Ref, patch: WorkerPatch, by: ActorOptions = {}): Worker {
    return this.#run(() => {
      const found = this.worker(worker);
      const { activity, attributes, ...rest } = patch;
      updateWorker(this.space, found, {
        ...rest,
        attributes: json(attributes),
        activitySid: activity === undefined ? undefined : this.activity(activity).sid,
      });
      return found;
    }, by);
  }

  setActivity(worker: Ref, activity: Ref, by: ActorOptions = {}): Worker {
    return this.updateWorker(worker, { activity }, by);
  }

  deleteWorker(worker: Ref, by: ActorOptions = {}): void {
    this.#run(() => deleteWorker(this.space, this.worker(worker)), by);
  }

  /** A change to a Worker Channel, as a person makes it in a console; `by.actor` says who. */
  editChannel(
    worker: Ref,
    channel: string,
    patch: ChannelPatch,
    by: ActorOptions = {},
  ): WorkerChannel {
    return this.#run(() => {
      const found = this.channel(worker, channel);
      updateWorkerChannel(this.space, found, patch);
      return found;
    }, by);
  }

  createTask(input: TaskInput, by: ActorOptions = {}): Task {
    return this.#run(
      () =>
        createTask(this.space, {
          taskChannel: input.channel,
          attributes: json(input.attributes),
          workflowSid: input.workflow === undefined ? undefined : this.workflow(input.workflow).sid,
          taskQueueSid: input.queue === undefined ? undefined : this.queue(input.queue).sid,
          routingTarget: input.worker === undefined ? undefined : this.worker(input.worker).sid,
          ignoreCapacity: input.ignoreCapacity,
          priority: input.priority,
          timeout: input.timeout,
        }),
      by,
    );
  }

  completeTask(task: Ref, reason?: string, by: ActorOptions = {}): Task {
    return this.#moveTask(task, 'completed', reason, by);
  }

  cancelTask(task: Ref, reason?: string, by: ActorOptions = {}): Task {
    return this.#moveTask(task, 'canceled', reason, by);
  }

  deleteTask(task: Ref, by: ActorOptions = {}): void {
    this.#run(() => deleteTask(this.space, this.task(task)), by);
  }

  /** Offers a Task to this Worker, whatever routing would choose. */
  reserve(task: Ref, worker: Ref): Reservation {
    return this.#run(() => reserve(this.space, this.task(task), this.worker(worker)));
  }

  accept(reservation: Ref, by: ActorOptions = {}): Reservation {
    return this.#moveReservation(reservation, reservations.acceptReservation, by);
  }

  reject(reservation: Ref, by: ActorOptions = {}): Reservation {
    return this.#moveReservation(reservation, reservations.rejectReservation, by);
  }

  wrap(reservation: Ref, by: ActorOptions = {}): Reservation {
    return this.#moveReservation(reservation, reservations.wrapReservation, by);
  }

  complete(reservation: Ref, by: ActorOptions = {}): Reservation {
    return this.#moveReservation(reservation, reservations.completeReservation, by);
  }

  workers(): Worker[] {
    return [...this.space.workers.values()];
  }

  tasks(): Task[] {
    return [...this.space.tasks.values()];
  }

  reservations(): Reservation[] {
    return [...this.space.reservations.values()];
  }

  worker(ref: Ref): Worker {
    return findBy(this.space.workers, ref) ?? this.space.worker(sidOf(ref));
  }

  activity(ref: Ref): Activity {
    return findBy(this.space.activities, ref) ?? this.space.activity(sidOf(ref));
  }

  queue(ref: Ref): TaskQueue {
    return findBy(this.space.queues, ref) ?? this.space.queue(sidOf(ref));
  }

  workflow(ref: Ref): Workflow {
    return findBy(this.space.workflows, ref) ?? this.space.workflow(sidOf(ref));
  }

  task(ref: Ref): Task {
    return this.space.task(sidOf(ref));
  }

  reservation(ref: Ref): Reservation {
    return this.space.reservation(sidOf(ref));
  }

  channel(worker: Ref, name: string): WorkerChannel {
    return this.space.workerChannel(this.worker(worker), name);
  }

  #moveTask(task: Ref, status: string, reason: string | undefined, by: ActorOptions): Task {
    return this.#run(() => {
      const found = this.task(task);
      updateTask(this.space, found, { status, reason });
      return found;
    }, by);
  }

  #moveReservation(
    ref: Ref,
    move: (space: Space, reservation: Reservation) => void,
    by: ActorOptions,
  ): Reservation {
    return this.#run(() => {
      const found = this.reservation(ref);
      move(this.space, found);
      return found;
    }, by);
  }

  #run<T>(operation: () => T, { actor }: ActorOptions = {}): T {
    const by = typeof actor === 'string' ? { type: 'user', sid: actor, sourceIp: null } : actor;
    return this.engine.run(operation, by ?? null);
  }
}
