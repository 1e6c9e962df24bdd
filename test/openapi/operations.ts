/** How each operation of TaskRouter's description is tested: path SIDs, body and order. */
import type { Emulator } from '../../src/emulator/emulator.ts';

/** Operations that the emulator lacks; none. */
export const NOT_EMULATED: readonly string[] = [];

export interface OperationCase {
  readonly path: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

/** A Workspace with everything that an operation may ask for, some of it twice. */
export function seedWorkspace({ world }: Emulator) {
  const queue = world.createQueue('Support', 'team == "support"', {
    reservationActivitySid: world.activity('Unavailable').sid,
  });
  const spareQueue = world.createQueue('Spare');
  const flow = { task_routing: { default_filter: { queue: queue.sid } } };
  const workflow = world.createWorkflow('Flow', flow, {
    assignmentCallbackUrl: 'https://example.com/assign',
  });
  const spareWorkflow = world.createWorkflow('Spare', flow);
  const worker = world.createWorker({
    friendlyName: 'Ana',
    attributes: { team: 'support' },
    activity: 'Available',
    channels: { chat: { capacity: 3 } },
  });
  const spareWorker = world.createWorker({ friendlyName: 'Ben' });
  world.setActivity(spareWorker, 'Unavailable');
  const spareActivity = world.createActivity('Spare', false);
  const spareChannel = world.createTaskChannel('spare');
  const task = world.createTask({ channel: 'chat', workflow, attributes: { topic: 'a' } });
  const spareTask = world.createTask({ channel: 'voice', worker: spareWorker });
  world.createTask({ channel: 'sms', queue });
  const reservation = world.reservations()[0]?.sid ?? '';
  world.accept(reservation);
  world.createTask({ channel: 'chat', workflow });
  const sids = {
    Activities: [world.activity('Available').sid, spareActivity.sid],
    Events: [world.events('worker.activity.update')[0]?.sid ?? '', ''],
    Tasks: [task.sid, spareTask.sid],
    TaskChannels: ['chat', spareChannel.sid],
    TaskQueues: [queue.sid, spareQueue.sid],
    Workers: [worker.sid, spareWorker.sid],
    Workflows: [workflow.sid, spareWorkflow.sid],
    Channels: ['chat', ''],
    Reservations: [reservation, ''],
  } as const satisfies Record<string, readonly [string, string]>;
  return { sids, queue, workflow, worker, task };
}

type SeededWorkspace = ReturnType<typeof seedWorkspace>;

/** Deletions take the spare one of its kind, so that the others still find what they need. */
export function operationCase(
  method: string,
  template: string,
  { sids, queue, workflow, worker, task }: SeededWorkspace,
  workspaceSid: string,
): OperationCase {
  const named: Readonly<Record<string, string>> = {
    WorkspaceSid: workspaceSid,
    TaskQueueSid: queue.sid,
    WorkflowSid: workflow.sid,
    WorkerSid: worker.sid,
    TaskSid: task.sid,
  };
  const path = template.replace(
    /\/(\w+)\/\{Sid\}|\{(\w+)\}/g,
    (_, folder?: string, name?: string) => {
      if (folder === undefined) return named[name ?? ''] ?? '';
      const pair = sids[folder as keyof typeof sids];
      return `/${folder}/${pair === undefined ? workspaceSid : pair[method === 'delete' ? 1 : 0]}`;
    },
  );
  if (method !== 'post') return { path };
  if (template.endsWith('/TaskQueues/RealTimeStatistics'))
    return { path, json: { TaskQueueSids: [queue.sid] } };
  return { path, form: form(template, queue.sid) };
}

function form(template: string, queueSid: string): Record<string, string> {
  const configuration = JSON.stringify({ task_routing: { default_filter: { queue: queueSid } } });
  switch (template.replace('/v1/Workspaces', '').replace('/{WorkspaceSid}', '')) {
    case '':
    case '/Activities':
    case '/TaskQueues':
    case '/Workers':
      return { FriendlyName: 'Another' };
    case '/TaskChannels':
      return { FriendlyName: 'Another', UniqueName: 'another' };
    case '/Workflows':
      return { FriendlyName: 'Another', Configuration: configuration };
    case '/Workers/{WorkerSid}/Channels/{Sid}':
      return { Capacity: '4', Available: 'false' };
    case '/Tasks':
      return { TaskQueueSid: queueSid };
    case '/Tasks/{Sid}':
      return { Priority: '2' };
    case '/Tasks/{TaskSid}/Reservations/{Sid}':
      return { ReservationStatus: 'wrapping' };
    case '/Workers/{WorkerSid}/Reservations/{Sid}':
      return { ReservationStatus: 'completed' };
    default:
      return {};
  }
}
