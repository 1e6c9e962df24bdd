// A Worker's record as its conditions see it at one instant. What would have to be read first is
// noted, so that TaskRouter is asked only for what a rule really looked at.

import {
  type ActivityFacts,
  type Attributes,
  type ChannelFacts,
  type Facts,
  type GroupFacts,
  isUnknown,
  type Known,
  type QueueFacts,
} from './facts.ts';
import {
  type ActivityReport,
  assignedOn,
  channelIn,
  isLater,
  STATE_LIMITS,
  type WorkerState,
} from './state.ts';

/** What the Workspace says about its Activities and its Task Channels. */
export interface Directory {
  readonly activities: Readonly<Record<string, { name: string; available: boolean }>>;
  /** Absent: never read. `edition` differs whenever the Task Channels do. */
  readonly taskChannels?: { readonly edition: number; readonly sids: readonly string[] };
}

/** Facts from outside the Worker's record. */
export interface ExternalFacts {
  readonly directory: Directory;
  queue(friendlyName: string): Known<QueueFacts>;
  group(name: string): Known<GroupFacts>;
  /** Events before this instant (epoch ms) may have been missed. */
  readonly blindUntil: number;
  /**
   * The same for events of one type, where more is known: events from before headroom knew the
   * Worker are then on record too.
   */
  blindTo?(type: string): number;
}

/** What has to be read for a decision. Filled while conditions are evaluated. */
export interface RequiredReads {
  /** The Worker itself: its attributes or its Activity are unknown. */
  worker: boolean;
  /** All its Worker Channels: at least one is unread or stale. */
  channels: boolean;
  /** A condition or a claim uses them, so they are to be read again from time to time. */
  channelsInUse?: boolean;
}

export function factsOf(
  state: WorkerState,
  external: ExternalFacts,
  at: number,
  needs: RequiredReads,
): Facts {
  return {
    at,
    worker: workerOf(state),
    get activity() {
      return activityOf(state, external.directory, needs);
    },
    get channels() {
      return allChannels(state, needs);
    },
    channel: (name) => channelOf(state, name, needs),
    queue: external.queue,
    group: external.group,
    count: (type, windowMs, since = 0) =>
      countOf(
        state,
        type,
        Math.max(at - windowMs, since),
        countableSince(state, external, type, at),
      ),
  };
}

/** null: not known, or possibly changed since, because a listing left them out. */
export function attributesOf({ attributes, hidden }: WorkerState): Attributes | null {
  const isOld = hidden !== undefined && isLater(hidden, attributes);
  return isOld ? null : (attributes?.value ?? null);
}

function workerOf(state: WorkerState): Facts['worker'] {
  const attributes = state.attributes?.value;
  if (!attributes) return { unknown: "the Worker's attributes are not known" };
  return { sid: state.sid, friendlyName: state.name?.value ?? '', attributes };
}

/** `since` is when the Activity began, not when it was last reported. */
export function activityOf(
  state: WorkerState,
  directory: Directory,
  needs?: RequiredReads,
): ActivityFacts {
  const current = state.activities.at(-1);
  if (current === undefined) {
    if (needs) needs.worker = true;
    const unknown = { unknown: "the Worker's Activity is not known" };
    return { name: unknown, available: unknown, since: unknown, availableSince: unknown };
  }
  const available = availableIn(current, directory);
  if (isUnknown(available) && needs) needs.worker = true;
  return {
    // An event contains the name that the Activity had at that time.
    name:
      directory.activities[current.activity]?.name ?? current.name ?? unknownAvailability(current),
    available,
    since: startOfActivity(state.activities),
    availableSince:
      available === true
        ? startOfRun(state.activities, (a) => availableIn(a, directory) === true)
        : isUnknown(available)
          ? available
          : null,
  };
}

/** Only a Worker in an available Activity is affected at once by its channels' settings. */
export function isInAvailableActivity(state: WorkerState, directory: Directory): boolean {
  return activityOf(state, directory).available === true;
}

function availableIn(report: ActivityReport, directory: Directory): Known<boolean> {
  const known = directory.activities[report.activity]?.available ?? report.available;
  return known ?? unknownAvailability(report);
}

function unknownAvailability({ name, activity }: ActivityReport) {
  return { unknown: `the Activity ${name ?? activity} is unknown` };
}

/** When the Worker entered its last reported Activity, epoch ms. */
export function startOfActivity(reports: readonly ActivityReport[]): number {
  const current = reports.at(-1)?.activity;
  return startOfRun(reports, ({ activity }) => activity === current);
}

function startOfRun(
  reports: readonly ActivityReport[],
  belongs: (report: ActivityReport) => boolean,
): number {
  let start = reports.at(-1)?.at ?? 0;
  for (let i = reports.length - 1; i >= 0; i -= 1) {
    const report = reports[i];
    if (report === undefined || !belongs(report)) break;
    start = report.at;
    if (report.anew) break;
  }
  return start;
}

function channelOf(state: WorkerState, name: string, needs: RequiredReads): Known<ChannelFacts> {
  needs.channelsInUse = true;
  const facts = readChannel(state, name, needs);
  if (facts !== null) return facts;
  if (state.listedAt !== null && channelIn(state, name) === undefined) {
    return { unknown: `the Worker has no Worker Channel "${name}"` };
  }
  needs.channels = true;
  return { unknown: `the Worker Channel "${name}" was not read yet` };
}

/** null: it was never read. */
function readChannel(state: WorkerState, name: string, needs: RequiredReads): ChannelFacts | null {
  const channel = channelIn(state, name);
  if (!channel?.observed) return null;
  const { capacity, available } = channel.observed;
  const assigned = assignedOn(state, name);
  if (channel.stale) {
    needs.channels = true;
    // Tasks in hand are known from events, whatever the channel is set to.
    const unknown = {
      unknown: `the Worker Channel "${name}" was changed and has not been read yet`,
    };
    return { capacity: unknown, available: unknown, assigned, load: unknown };
  }
  // A channel without capacity has load 1, not infinity.
  return { capacity, available, assigned, load: capacity === 0 ? 1 : assigned / capacity };
}

function allChannels(state: WorkerState, needs: RequiredReads): Facts['channels'] {
  needs.channelsInUse = true;
  const known = new Map<string, ChannelFacts>();
  for (const name of Object.keys(state.channels)) {
    const facts = readChannel(state, name, needs);
    if (facts !== null) known.set(name, facts);
  }
  if (state.listedAt === null || known.size < Object.keys(state.channels).length) {
    needs.channels = true;
    return { unknown: "the Worker's Worker Channels have not been read yet" };
  }
  return known;
}

/** From when on every event of this type is on record, for `count` (epoch ms). */
export function countableSince(
  state: WorkerState,
  external: Pick<ExternalFacts, 'blindUntil' | 'blindTo'>,
  type: string,
  at: number,
): number {
  const dropped = state.dropped?.[type] ?? 0;
  const blind = external.blindTo?.(type) ?? Math.max(external.blindUntil, state.knownSince);
  return Math.max(blind, at - STATE_LIMITS.countedMs, dropped);
}

function countOf(state: WorkerState, type: string, start: number, from: number): Known<number> {
  if (start < from) {
    const until = Math.abs(from) < 8.64e15 ? new Date(from).toISOString() : 'now';
    return { unknown: `events before ${until} may have been missed` };
  }
  let n = 0;
  for (const c of state.counted) if (c.type === type && c.at > start) n += 1;
  return n;
}
