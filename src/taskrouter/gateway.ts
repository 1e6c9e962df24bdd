// TaskRouter through the official SDK: every read and write that headroom makes, one SDK call each,
// after its turn in the call budget. Always through contexts, because the instances that twilio 6.1
// and 6.2 make from a list refuse to be updated.

import twilio from 'twilio';
import type { ReservationStatus } from 'twilio/lib/rest/taskrouter/v1/workspace/worker/reservation.js';
import type { WorkspaceContext } from 'twilio/lib/rest/taskrouter/v1/workspace.js';
import type { WorkerSid, WorkspaceSid } from '../core/ids.ts';
import { type ChannelChange, type Clock, Failure, type Gateway, type Urgency } from '../ports.ts';
import { failureOfReading } from './failures.ts';
import { Transport } from './http-client.ts';
import {
  activityReading,
  channelOfTask,
  channelReading,
  deliveryOf,
  queueReading,
  reservationReading,
  taskChannelReading,
  taskQueueReading,
  workerReading,
  workerReadings,
} from './readings.ts';

export interface GatewayOptions {
  /** Account SID and auth token, or an API key's SID and secret. */
  readonly username: string;
  readonly password: string;
  readonly accountSid: string;
  readonly workspaceSid: WorkspaceSid;
  /** Another TaskRouter, including its path prefix; null: Twilio. */
  readonly baseUrl: string | null;
  readonly edge: string | null;
  readonly region: string | null;
  /** Time-out of one whole exchange; default 10 s. */
  readonly timeoutMs?: number;
  /**
   * Resolves when a call of this urgency may be made; `away`: its Worker's Activity is not
   * available. What it rejects with is passed on.
   */
  beforeCall(urgency: Urgency, away: boolean): Promise<void>;
  /** TaskRouter answered 429: no calls for this long. */
  onThrottled?(waitMs: number): void;
  /** A call that was sent was answered, or failed with this kind. */
  onOutcome?(outcome: 'answered' | Failure['kind']): void;
  readonly clock: Clock;
}

const LIMITS = {
  timeoutMs: 10_000,
  /** TaskRouter's maximum for a page. */
  pageSize: 1000,
  /** More than any Workspace can hold at 1000 a page. */
  pages: 1000,
  /** How long all calls rest after a 429 without `Retry-After`; each further one doubles it. */
  throttledMs: 125,
  throttledMostMs: 8000,
} as const;

/** A page of a list as the SDK returns it. */
interface Page<T> {
  readonly instances: readonly T[];
  readonly nextPageUrl?: string | undefined;
}

export function createGateway(options: GatewayOptions): Gateway {
  const { transport, workspace } = connect(options);
  const caller = callerOf(options);
  const pageSize = LIMITS.pageSize;

  return {
    async *workers(urgency, onOdd) {
      const list = workspace.workers;
      const pages = caller.pages({ urgency }, () => list.page({ pageSize }), list.getPage);
      for await (const { found } of pages) yield* workerReadings(found, onOdd);
    },
    async worker(sid, urgency = 'read') {
      return caller.one({ urgency }, () => workspace.workers(sid).fetch(), workerReading);
    },
    async channels(worker, urgency = 'read', away = false) {
      const list = workspace.workers(worker).workerChannels;
      const read = [];
      const priority = { urgency, away };
      const pages = caller.pages(priority, () => list.page({ pageSize }), list.getPage);
      for await (const { found, asOf } of pages) {
        read.push(...found.map((each) => channelReading(each, worker, asOf)));
      }
      return read;
    },
    async channel(worker, name, away = false) {
      const context = workspace.workers(worker).workerChannels(segment(name));
      const read = readingOf(worker);
      return caller.one({ urgency: 'read', away }, () => context.fetch(), read);
    },
    async setChannel(worker, name, change, options = {}) {
      const context = workspace.workers(worker).workerChannels(segment(name));
      const fields = onlyFields(change);
      await caller.turn({ urgency: 'lower', ...options });
      if ((await options.beforeSend?.()) === false) return null;
      const { found, asOf } = await caller.now(() => context.update(fields));
      return channelReading(found, worker, asOf);
    },
    async activities() {
      const list = workspace.activities;
      return caller.all(() => list.page({ pageSize }), list.getPage, activityReading);
    },
    async taskChannels() {
      const list = workspace.taskChannels;
      return caller.all(() => list.page({ pageSize }), list.getPage, taskChannelReading);
    },
    async reservations(worker, status) {
      const list = workspace.workers(worker).reservations;
      // The SDK's type is a closed list; TaskRouter answers 400 to a status that it does not know.
      const reservationStatus = status as ReservationStatus;
      const first = () => list.page({ pageSize, reservationStatus });
      return caller.all(first, list.getPage, reservationReading);
    },
    async taskChannelOf(task) {
      return caller.one(READ, () => workspace.tasks(task).fetch(), channelOfTask);
    },
    async taskQueues() {
      const list = workspace.taskQueues;
      return caller.all(() => list.page({ pageSize }), list.getPage, taskQueueReading);
    },
    async queue(sid) {
      const statistics = workspace.taskQueues(sid).realTimeStatistics();
      return caller.one(READ, () => statistics.fetch(), queueReading);
    },
    async *pastEvents(eventType, since, urgency = 'list') {
      const list = workspace.events;
      const query = { pageSize, eventType, startDate: new Date(since) };
      const pages = caller.pages({ urgency }, () => list.page(query), list.getPage);
      for await (const { found } of pages) yield found.map(deliveryOf);
    },
    close() {
      caller.close();
      transport.close();
    },
  };
}

export function connect(options: GatewayOptions): {
  transport: Transport;
  workspace: WorkspaceContext;
} {
  const { baseUrl, clock, accountSid, edge, region } = options;
  const transport = new Transport({
    baseUrl,
    clock,
    timeoutMs: options.timeoutMs ?? LIMITS.timeoutMs,
  });
  const client = twilio(options.username, options.password, {
    accountSid,
    httpClient: transport,
    ...(edge === null ? {} : { edge }),
    ...(region === null ? {} : { region }),
  });
  return { transport, workspace: client.taskrouter.v1.workspaces(options.workspaceSid) };
}

/** How long to rest after 429s without `Retry-After`; those under way together count as one. */
function throttleBackoff() {
  let inRow = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  return {
    answered() {
      inRow = 0;
    },
    throttled(beganAt: number, now: number): number {
      if (beganAt >= lastAt) inRow += 1;
      lastAt = now;
      return Math.min(LIMITS.throttledMostMs, LIMITS.throttledMs * 2 ** Math.max(0, inRow - 1));
    },
  };
}

/** The place of a call in the line for the rate. */
interface CallPriority {
  readonly urgency: Urgency;
  readonly away?: boolean;
}

const READ: CallPriority = { urgency: 'read' };

/** Makes SDK calls: waits for the turn, notes when it began, turns every fault into a `Failure`. */
function callerOf(options: GatewayOptions) {
  let closed = false;
  const rest = throttleBackoff();

  async function awaitTurn({ urgency, away = false }: CallPriority): Promise<void> {
    await options.beforeCall(urgency, away);
    if (closed) throw new Failure('network', 'the gateway is closed');
  }

  async function call<T>(inLine: CallPriority, make: () => Promise<T>) {
    await awaitTurn(inLine);
    return await now(make);
  }

  /** For a call whose turn has come already. */
  async function now<T>(make: () => Promise<T>) {
    const asOf = options.clock.now();
    try {
      const found = await make();
      options.onOutcome?.('answered');
      rest.answered();
      return { found, asOf };
    } catch (error) {
      const failure = failureOfReading(error);
      options.onOutcome?.(failure.kind);
      if (failure.kind === 'throttled') {
        const restMs = rest.throttled(asOf, options.clock.now());
        options.onThrottled?.(failure.retryAfterMs ?? restMs);
      }
      throw failure;
    }
  }

  async function one<T, R>(
    inLine: CallPriority,
    make: () => Promise<T>,
    read: (found: T, asOf: number) => R,
  ): Promise<R> {
    const { found, asOf } = await call(inLine, make);
    return read(found, asOf);
  }

  /** Page after page; the next is requested only when the one before has been consumed. */
  async function* pages<T>(
    inLine: CallPriority,
    first: () => Promise<Page<T>>,
    next: (url: string) => Promise<Page<T>>,
  ) {
    const asked = new Set<string>();
    let page = await call(inLine, first);
    for (;;) {
      yield { found: page.found.instances, asOf: page.asOf };
      const url = page.found.nextPageUrl;
      if (!url) return;
      if (asked.has(url) || asked.size >= LIMITS.pages) {
        throw new Failure('unavailable', 'a list from TaskRouter never ends');
      }
      asked.add(url);
      page = await call(inLine, () => next(url));
    }
  }

  async function all<T, R>(
    first: () => Promise<Page<T>>,
    next: (url: string) => Promise<Page<T>>,
    read: (found: T) => R,
  ): Promise<R[]> {
    const found: R[] = [];
    const all = pages(READ, first, next);
    for await (const page of all) found.push(...page.found.map(read));
    return found;
  }

  return {
    turn: awaitTurn,
    now,
    one,
    pages,
    all,
    close() {
      closed = true;
    },
  };
}

const readingOf =
  (worker: WorkerSid) =>
  (found: Parameters<typeof channelReading>[0], asOf: number): ReturnType<typeof channelReading> =>
    channelReading(found, worker, asOf);

/** A SID or unique name as one segment of a path: the SDK does not encode it. */
function segment(name: string): string {
  if (name === '' || name === '.' || name === '..') {
    throw new Failure('invalid', `${JSON.stringify(name)} is not the name of a Worker Channel`);
  }
  return encodeURIComponent(name).replaceAll('%24', '$');
}

/** Exactly the fields that are to be set. */
function onlyFields(change: ChannelChange): ChannelChange {
  const { capacity, available } = change;
  if (capacity === undefined && available === undefined) {
    throw new Failure('invalid', 'a change of a Worker Channel names no field');
  }
  return {
    ...(capacity === undefined ? {} : { capacity }),
    ...(available === undefined ? {} : { available }),
  };
}
