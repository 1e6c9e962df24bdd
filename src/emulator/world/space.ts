/**
 * One Workspace and everything in it, with the look-ups that the other modules share. Implements no
 * TaskRouter behaviour.
 */
import type { EngineContext } from './engine-context.ts';
import type {
  Activity,
  Reservation,
  Task,
  TaskChannel,
  TaskQueue,
  Worker,
  WorkerChannel,
  Workflow,
  Workspace,
} from './model.ts';
import { notFound } from './refusal.ts';
import { WaitingTasks } from './waiting-tasks.ts';

export class Space {
  readonly engine: EngineContext;
  readonly workspace: Workspace;
  readonly activities = new Map<string, Activity>();
  readonly taskChannels = new Map<string, TaskChannel>();
  readonly queues = new Map<string, TaskQueue>();
  readonly workflows = new Map<string, Workflow>();
  readonly workers = new Map<string, Worker>();
  readonly tasks = new Map<string, Task>();
  readonly reservations = new Map<string, Reservation>();
  /** Tasks that may still be offered to a Worker. */
  readonly waiting = new WaitingTasks();
  /** Set by any change that may let a waiting Task find a Worker; cleared by routing. */
  routingWanted = false;
  /** Channels that gained room since the last routing; null: any Worker may match. */
  #freed: Set<WorkerChannel> | null = null;
  /** Rises when Workers, or a Worker's name or attributes, change. */
  workersVersion = 0;
  /** Rises when a Worker moves to another Activity. */
  activityVersion = 0;

  constructor(engine: EngineContext, workspace: Workspace) {
    this.engine = engine;
    this.workspace = workspace;
  }

  /** Any Worker may now match any waiting Task. */
  reroute(): void {
    this.routingWanted = true;
    this.#freed = null;
  }

  /** Only this channel may now take Tasks that found no Worker. */
  rerouteTo(channel: WorkerChannel): void {
    this.routingWanted = true;
    this.#freed?.add(channel);
  }

  takeFreed(): ReadonlySet<WorkerChannel> | null {
    const freed = this.#freed;
    this.routingWanted = false;
    this.#freed = new Set();
    return freed;
  }

  get path(): string {
    return `/Workspaces/${this.workspace.sid}`;
  }

  now(): number {
    return this.engine.now();
  }

  /**
   * The SID and dates of something new; `sid` comes from `lasting` where it should survive a
   * restart.
   */
  newResource(sid: string): { sid: string; seq: number; dateCreated: number; dateUpdated: number } {
    const now = this.now();
    return { sid, seq: this.engine.seq(), dateCreated: now, dateUpdated: now };
  }

  stableSid(prefix: string, ...key: string[]): string {
    return this.engine.sids.stable(prefix, this.workspace.sid, ...key);
  }

  activity(sid: string): Activity {
    return this.#found(this.activities, sid, 'Activities');
  }

  queue(sid: string): TaskQueue {
    return this.#found(this.queues, sid, 'TaskQueues');
  }

  workflow(sid: string): Workflow {
    return this.#found(this.workflows, sid, 'Workflows');
  }

  worker(sid: string): Worker {
    return this.#found(this.workers, sid, 'Workers');
  }

  task(sid: string): Task {
    return this.#found(this.tasks, sid, 'Tasks');
  }

  reservation(sid: string): Reservation {
    return this.#found(this.reservations, sid, 'Reservations');
  }

  /** By SID or unique name. */
  taskChannel(key: string): TaskChannel {
    return this.findTaskChannel(key) ?? this.#missing('TaskChannels', key);
  }

  findTaskChannel(key: string): TaskChannel | null {
    const bySid = this.taskChannels.get(key);
    if (bySid !== undefined) return bySid;
    for (const channel of this.taskChannels.values())
      if (channel.uniqueName === key) return channel;
    return null;
  }

  /** By the Worker Channel's SID or the Task Channel's unique name. */
  workerChannel(worker: Worker, key: string): WorkerChannel {
    const { channelNameCase, taskChannelSidAsChannel } = this.engine.doubts;
    const anyCase = (name: string) => (channelNameCase === 'any' ? name.toLowerCase() : name);
    for (const channel of worker.channels.values())
      if (
        channel.sid === key ||
        anyCase(channel.taskChannelUniqueName) === anyCase(key) ||
        (taskChannelSidAsChannel === 'taken' && channel.taskChannelSid === key)
      )
        return channel;
    return this.#missing(`Workers/${worker.sid}/Channels`, key);
  }

  activityOf(worker: Worker): Activity {
    return this.activity(worker.activitySid);
  }

  reservationsOf(task: Task): Reservation[] {
    return [...task.reservations].flatMap((sid) => this.reservations.get(sid) ?? []);
  }

  #found<T>(items: ReadonlyMap<string, T>, sid: string, folder: string): T {
    return items.get(sid) ?? this.#missing(folder, sid);
  }

  #missing(folder: string, key: string): never {
    throw notFound(`${this.path}/${folder}/${key}`);
  }
}
