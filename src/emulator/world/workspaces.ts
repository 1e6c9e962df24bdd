/** Workspaces, created with default Activities and Task Channels, and further ones of both. */
import type { Engine } from './engine.ts';
import type { Activity, Payload, TaskChannel, Workspace } from './model.ts';
import { invalid } from './refusal.ts';
import { Space } from './space.ts';
import { capitalized, recordStructureEvent } from './structure-events.ts';
import { validateName } from './validation.ts';
import { addWorkerChannel } from './worker-channels.ts';

const DEFAULT_ACTIVITIES: readonly [name: string, available: boolean][] = [
  ['Offline', false],
  ['Available', true],
  ['Unavailable', false],
];
const DEFAULT_CHANNELS = ['default', 'voice', 'sms', 'chat', 'video'];

export interface NewWorkspace {
  readonly sid?: string | undefined;
  readonly friendlyName: string;
  readonly eventCallbackUrl?: string | undefined;
  readonly eventsFilter?: string | undefined;
  readonly multiTaskEnabled?: boolean | undefined;
  readonly prioritizeQueueOrder?: 'FIFO' | 'LIFO' | undefined;
}

export function createWorkspace(engine: Engine, input: NewWorkspace): Space {
  const friendlyName = validateName('FriendlyName', input.friendlyName);
  const now = engine.now();
  const workspace: Workspace = {
    sid: input.sid ?? engine.sids.stable('WS', friendlyName),
    seq: engine.seq(),
    dateCreated: now,
    dateUpdated: now,
    friendlyName,
    eventCallbackUrl: input.eventCallbackUrl ?? '',
    eventsFilter: input.eventsFilter ?? null,
    defaultActivitySid: '',
    timeoutActivitySid: '',
    multiTaskEnabled: input.multiTaskEnabled ?? true,
    prioritizeQueueOrder: input.prioritizeQueueOrder ?? 'FIFO',
  };
  const space = new Space(engine, workspace);
  engine.spaces.set(workspace.sid, space);
  recordStructureEvent(space, 'workspace.created', workspace.sid, {});
  for (const [name, available] of DEFAULT_ACTIVITIES) {
    const { sid } = createActivity(space, name, available);
    if (workspace.defaultActivitySid === '') workspace.defaultActivitySid = sid;
  }
  workspace.timeoutActivitySid = workspace.defaultActivitySid;
  for (const name of DEFAULT_CHANNELS) createTaskChannel(space, capitalized(name), name);
  return space;
}

export function updateWorkspace(space: Space, patch: Partial<Omit<Workspace, 'sid'>>): void {
  if (patch.friendlyName !== undefined) validateName('FriendlyName', patch.friendlyName);
  for (const sid of [patch.defaultActivitySid, patch.timeoutActivitySid])
    if (sid !== undefined && !space.activities.has(sid))
      throw invalid(`Activity ${sid} does not exist`);
  Object.assign(space.workspace, patch, { dateUpdated: space.now() });
  recordStructureEvent(space, 'workspace.updated', space.workspace.sid, {});
}

export function deleteWorkspace(engine: Engine, space: Space): void {
  recordStructureEvent(space, 'workspace.deleted', space.workspace.sid, {});
  engine.spaces.delete(space.workspace.sid);
}

export function createActivity(space: Space, name: string, available: boolean): Activity {
  const friendlyName = validateName('FriendlyName', name);
  const made = space.newResource(space.stableSid('WA', friendlyName));
  const activity: Activity = { ...made, friendlyName, available };
  space.activities.set(activity.sid, activity);
  recordStructureEvent(space, 'activity.created', activity.sid, activityFields(activity));
  return activity;
}

export function renameActivity(space: Space, activity: Activity, name: string): void {
  activity.friendlyName = validateName('FriendlyName', name);
  activity.dateUpdated = space.now();
  space.workersVersion += 1;
  recordStructureEvent(space, 'activity.updated', activity.sid, activityFields(activity));
}

export function deleteActivity(space: Space, activity: Activity): void {
  const { defaultActivitySid, timeoutActivitySid } = space.workspace;
  const used =
    activity.sid === defaultActivitySid ||
    activity.sid === timeoutActivitySid ||
    [...space.workers.values()].some((worker) => worker.activitySid === activity.sid);
  if (used) throw invalid(`Activity ${activity.sid} is in use and cannot be deleted`);
  space.activities.delete(activity.sid);
  recordStructureEvent(space, 'activity.deleted', activity.sid, activityFields(activity));
}

/** Also gives every Worker a Worker Channel on it. */
export function createTaskChannel(
  space: Space,
  name: string,
  uniqueName: string,
  channelOptimizedRouting = false,
): TaskChannel {
  const friendlyName = validateName('FriendlyName', name);
  if (!/^[A-Za-z_$][A-Za-z0-9_$]*$/.test(uniqueName))
    throw invalid(`Invalid UniqueName '${uniqueName}': letters, digits, _ and $ only`);
  if (space.findTaskChannel(uniqueName) !== null)
    throw invalid(`TaskChannel with the unique name ${uniqueName} already exists`);
  const made = space.newResource(space.stableSid('TC', uniqueName));
  const channel: TaskChannel = { ...made, friendlyName, uniqueName, channelOptimizedRouting };
  space.taskChannels.set(channel.sid, channel);
  for (const worker of space.workers.values()) addWorkerChannel(space, worker, channel);
  recordStructureEvent(space, 'task-channel.created', channel.sid, taskChannelFields(channel));
  return channel;
}

export function updateTaskChannel(
  space: Space,
  channel: TaskChannel,
  patch: { friendlyName?: string | undefined; channelOptimizedRouting?: boolean | undefined },
): void {
  if (patch.friendlyName !== undefined)
    channel.friendlyName = validateName('FriendlyName', patch.friendlyName);
  channel.channelOptimizedRouting =
    patch.channelOptimizedRouting ?? channel.channelOptimizedRouting;
  channel.dateUpdated = space.now();
  recordStructureEvent(space, 'task-channel.updated', channel.sid, taskChannelFields(channel));
}

export function deleteTaskChannel(space: Space, channel: TaskChannel): void {
  for (const task of space.tasks.values())
    if (task.taskChannelSid === channel.sid && task.endedAt === null)
      throw invalid(`TaskChannel ${channel.uniqueName} has Tasks and cannot be deleted`);
  space.taskChannels.delete(channel.sid);
  for (const worker of space.workers.values()) worker.channels.delete(channel.sid);
  recordStructureEvent(space, 'task-channel.deleted', channel.sid, taskChannelFields(channel));
}

function activityFields(activity: Activity): Payload {
  return {
    activity_sid: activity.sid,
    activity_name: activity.friendlyName,
    activity_available: activity.available,
  };
}

function taskChannelFields(channel: TaskChannel): Payload {
  return {
    task_channel_sid: channel.sid,
    task_channel_name: channel.friendlyName,
    task_channel_unique_name: channel.uniqueName,
    task_channel_optimized_routing: channel.channelOptimizedRouting,
  };
}
