/** `/Events`: what happened, newest first, with who did it. */
import type { EventRecord } from '../../world/model.ts';
import { notFound } from '../../world/refusal.ts';
import type { Space } from '../../world/space.ts';
import { ok, type Params } from '../api.ts';
import { list } from '../paging.ts';
import { type Route, route } from '../router.ts';
import { eventView } from '../work-views.ts';

const MINUTES = 15;

export const eventRoutes: Route[] = [
  route('GET', '/v1/Workspaces/:workspace/Events', (call, site) => {
    const space = call.space(site);
    const items = chosen(space, call.query);
    const view = (event: EventRecord) => eventView(site.base(), space, event);
    return list(call, site, { key: 'events', items, view });
  }),
  route('GET', '/v1/Workspaces/:workspace/Events/:sid', (call, site) => {
    const space = call.space(site);
    const event = space.engine.events.find(
      ({ sid, workspaceSid }) => sid === call.param('sid') && workspaceSid === space.workspace.sid,
    );
    if (event === undefined) throw notFound(call.path);
    return ok(eventView(site.base(), space, event));
  }),
];

function chosen(space: Space, query: Params): EventRecord[] {
  const end = query.date('EndDate') ?? space.now();
  const start = query.date('StartDate') ?? end - (query.int('Minutes') ?? MINUTES) * 60_000;
  const type = query.text('EventType');
  const sid = query.text('Sid');
  const channel = query.text('TaskChannel');
  const is = (name: string, value: unknown) =>
    query.text(name) === undefined || query.text(name) === value;
  return space.engine.events
    .filter(
      ({ payload, ...event }) =>
        event.workspaceSid === space.workspace.sid &&
        event.at >= start &&
        event.at <= end &&
        (type === undefined || event.type === type) &&
        (sid === undefined || event.sid === sid) &&
        (channel === undefined ||
          payload.task_channel_sid === channel ||
          payload.task_channel_unique_name === channel) &&
        is('WorkerSid', payload.worker_sid) &&
        is('TaskSid', payload.task_sid) &&
        is('TaskQueueSid', payload.task_queue_sid) &&
        is('WorkflowSid', payload.workflow_sid) &&
        is('ReservationSid', payload.reservation_sid),
    )
    .reverse();
}
