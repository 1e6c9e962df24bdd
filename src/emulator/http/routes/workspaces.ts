/** `/Workspaces`, its Activities and its Task Channels. */
import { createQueue, createWorkflow } from '../../world/queues.ts';
import type { Space } from '../../world/space.ts';
import {
  createActivity,
  createTaskChannel,
  createWorkspace,
  deleteActivity,
  deleteTaskChannel,
  deleteWorkspace,
  renameActivity,
  updateTaskChannel,
  updateWorkspace,
} from '../../world/workspaces.ts';
import { type Call, created, noContent, ok, withoutUndefined } from '../api.ts';
import { list } from '../paging.ts';
import { type Route, route } from '../router.ts';
import { activityView, taskChannelView, workspaceView } from '../views.ts';

const ORDERS = ['FIFO', 'LIFO'] as const;
const TEMPLATES = ['NONE', 'FIFO'] as const;

export function isAvailable(text: string): boolean {
  return ['true', '1', 'yes'].includes(text);
}

const workspaces: Route[] = [
  route('GET', '/v1/Workspaces', (call, site) => {
    const name = call.query.text('FriendlyName');
    const spaces = [...site.engine.spaces.values()].filter(
      ({ workspace }) => name === undefined || workspace.friendlyName === name,
    );
    const items = spaces.map((space) => ({
      sid: space.workspace.sid,
      seq: space.workspace.seq,
      space,
    }));
    return list(call, site, {
      key: 'workspaces',
      items,
      view: ({ space }) => workspaceView(site.base(), space),
    });
  }),
  route('POST', '/v1/Workspaces', (call, site) => {
    const space = createWorkspace(site.engine, {
      friendlyName: call.form.required('FriendlyName'),
      eventCallbackUrl: call.form.webAddress('EventCallbackUrl'),
      eventsFilter: call.form.text('EventsFilter'),
      multiTaskEnabled: call.form.bool('MultiTaskEnabled'),
      prioritizeQueueOrder: call.form.oneOf('PrioritizeQueueOrder', ORDERS),
    });
    if (call.form.oneOf('Template', TEMPLATES) === 'FIFO') furnishFifo(space);
    return created(workspaceView(site.base(), space));
  }),
  route('GET', '/v1/Workspaces/:workspace', (call, site) =>
    ok(workspaceView(site.base(), call.space(site))),
  ),
  route('POST', '/v1/Workspaces/:workspace', (call, site) => {
    const space = call.space(site);
    updateWorkspace(space, workspacePatch(call));
    return ok(workspaceView(site.base(), space));
  }),
  route('DELETE', '/v1/Workspaces/:workspace', (call, site) => {
    deleteWorkspace(site.engine, call.space(site));
    return noContent();
  }),
];

/** One TaskQueue for all Workers, and one Workflow that leads to it. */
function furnishFifo(space: Space): void {
  const queue = createQueue(space, { friendlyName: 'Sample Queue' });
  const configuration = JSON.stringify({ task_routing: { default_filter: { queue: queue.sid } } });
  createWorkflow(space, { friendlyName: 'Default Fifo Workflow', configuration });
}

function workspacePatch(call: Call) {
  const filter = call.form.text('EventsFilter');
  return withoutUndefined({
    friendlyName: call.form.text('FriendlyName'),
    eventCallbackUrl: call.form.webAddress('EventCallbackUrl'),
    eventsFilter: filter === '' ? null : filter,
    multiTaskEnabled: call.form.bool('MultiTaskEnabled'),
    prioritizeQueueOrder: call.form.oneOf('PrioritizeQueueOrder', ORDERS),
    defaultActivitySid: call.form.text('DefaultActivitySid'),
    timeoutActivitySid: call.form.text('TimeoutActivitySid'),
  });
}

const activities: Route[] = [
  route('GET', '/v1/Workspaces/:workspace/Activities', (call, site) => {
    const space = call.space(site);
    const name = call.query.text('FriendlyName');
    const available = call.query.text('Available');
    const items = [...space.activities.values()].filter(
      (activity) =>
        (name === undefined || activity.friendlyName === name) &&
        (available === undefined || activity.available === isAvailable(available)),
    );
    const view = (activity: (typeof items)[number]) => activityView(site.base(), space, activity);
    return list(call, site, { key: 'activities', items, view });
  }),
  route('POST', '/v1/Workspaces/:workspace/Activities', (call, site) => {
    const space = call.space(site);
    const name = call.form.required('FriendlyName');
    const activity = createActivity(space, name, call.form.bool('Available') ?? false);
    return created(activityView(site.base(), space, activity));
  }),
  route('GET', '/v1/Workspaces/:workspace/Activities/:sid', (call, site) => {
    const space = call.space(site);
    return ok(activityView(site.base(), space, space.activity(call.param('sid'))));
  }),
  route('POST', '/v1/Workspaces/:workspace/Activities/:sid', (call, site) => {
    const space = call.space(site);
    const activity = space.activity(call.param('sid'));
    // `Available` cannot be changed: the parameter is accepted and ignored.
    const name = call.form.text('FriendlyName');
    if (name !== undefined) renameActivity(space, activity, name);
    return ok(activityView(site.base(), space, activity));
  }),
  route('DELETE', '/v1/Workspaces/:workspace/Activities/:sid', (call, site) => {
    const space = call.space(site);
    deleteActivity(space, space.activity(call.param('sid')));
    return noContent();
  }),
];

const taskChannels: Route[] = [
  route('GET', '/v1/Workspaces/:workspace/TaskChannels', (call, site) => {
    const space = call.space(site);
    const items = [...space.taskChannels.values()];
    const view = (channel: (typeof items)[number]) => taskChannelView(site.base(), space, channel);
    return list(call, site, { key: 'channels', items, view });
  }),
  route('POST', '/v1/Workspaces/:workspace/TaskChannels', (call, site) => {
    const space = call.space(site);
    const channel = createTaskChannel(
      space,
      call.form.required('FriendlyName'),
      call.form.required('UniqueName'),
      call.form.bool('ChannelOptimizedRouting'),
    );
    return created(taskChannelView(site.base(), space, channel));
  }),
  route('GET', '/v1/Workspaces/:workspace/TaskChannels/:sid', (call, site) => {
    const space = call.space(site);
    return ok(taskChannelView(site.base(), space, taskChannelOf(call, space)));
  }),
  route('POST', '/v1/Workspaces/:workspace/TaskChannels/:sid', (call, site) => {
    const space = call.space(site);
    const channel = taskChannelOf(call, space);
    updateTaskChannel(space, channel, {
      friendlyName: call.form.text('FriendlyName'),
      channelOptimizedRouting: call.form.bool('ChannelOptimizedRouting'),
    });
    return ok(taskChannelView(site.base(), space, channel));
  }),
  route('DELETE', '/v1/Workspaces/:workspace/TaskChannels/:sid', (call, site) => {
    const space = call.space(site);
    deleteTaskChannel(space, taskChannelOf(call, space));
    return noContent();
  }),
];

function taskChannelOf(call: Call, space: Space) {
  return space.taskChannel(call.param('sid'));
}

export const workspaceRoutes: Route[] = [...workspaces, ...activities, ...taskChannels];
