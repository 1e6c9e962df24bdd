// What each delivery becomes: every documented event type, and each way in which one is unusable.

import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../src/core/event.ts';

const hex = (digit: string) => digit.repeat(32);
const WS = `WS${hex('a')}`;
const WK = `WK${hex('b')}`;
const WR = `WR${hex('c')}`;
const WT = `WT${hex('d')}`;
const WA = `WA${hex('e')}`;
const EV = `EV${hex('f')}`;

const base = {
  WorkspaceSid: WS,
  Sid: EV,
  Timestamp: '1700000000',
  TimestampMs: '1700000000123',
};
const worker = {
  WorkerSid: WK,
  WorkerName: 'Ann',
  WorkerAttributes: '{"team":"support"}',
  WorkerActivitySid: WA,
  WorkerActivityName: 'Available',
};
const part = {
  workerSid: WK,
  workerName: 'Ann',
  attributes: '{"team":"support"}',
  activitySid: WA,
  activityName: 'Available',
};

function parse(fields: Record<string, string>) {
  return parseEvent({ ...base, ...fields }, WS);
}

describe('a delivery that headroom uses', () => {
  it.each([
    'worker.created',
    'worker.deleted',
    'worker.activity.update',
    'worker.attributes.update',
  ])('%s is about its Worker', (type) => {
    expect(parse({ EventType: type, ...worker })).toEqual({
      sid: EV,
      at: 1700000000123,
      type,
      ...part,
    });
  });

  it.each(['worker.capacity.update', 'worker.channel.availability.update'])(
    '%s names its Worker Channel',
    (type) => {
      const fields = { EventType: type, ...worker, TaskChannelUniqueName: 'voice' };
      expect(parse(fields)).toEqual({
        sid: EV,
        at: 1700000000123,
        type,
        ...part,
        channel: 'voice',
      });
    },
  );

  it.each(
    'created accepted rejected timeout canceled rescinded completed wrapup failed'.split(' '),
  )('reservation.%s names its Reservation, Task and Task Channel', (verb) => {
    const type = `reservation.${verb}`;
    const fields = { EventType: type, ...worker, ReservationSid: WR, TaskSid: WT };
    expect(parse({ ...fields, TaskChannelUniqueName: 'chat' })).toEqual({
      sid: EV,
      at: 1700000000123,
      type,
      ...part,
      reservationSid: WR,
      taskSid: WT,
      channel: 'chat',
    });
    expect(parse(fields)).toMatchObject({ channel: null });
  });

  it.each([
    'activity.created',
    'activity.updated',
    'activity.deleted',
    'task-channel.created',
    'task-channel.updated',
    'task-channel.deleted',
    'task-queue.created',
    'task-queue.deleted',
    'task-queue.expression.updated',
    'workspace.created',
    'workspace.updated',
    'workspace.deleted',
  ])('%s says that the Workspace changed', (type) => {
    expect(parse({ EventType: type })).toEqual({
      sid: EV,
      at: 1700000000123,
      type: 'workspace.changed',
      what: type,
    });
  });

  it('has null for what was not in it', () => {
    expect(parse({ EventType: 'worker.deleted', WorkerSid: WK, WorkerAttributes: '' })).toEqual({
      sid: EV,
      at: 1700000000123,
      type: 'worker.deleted',
      workerSid: WK,
      workerName: null,
      attributes: null,
      activitySid: null,
      activityName: null,
    });
  });

  it.each(['worker', 'Worker', 'WORKER'])('takes ResourceSid if ResourceType is %s', (kind) => {
    const fields = { EventType: 'worker.created', ResourceType: kind, ResourceSid: WK };
    expect(parse(fields)).toMatchObject({ type: 'worker.created', workerSid: WK });
  });
});

describe('the instant of an event', () => {
  it.each([
    ['the exact one', { TimestampMs: '1700000000123', Timestamp: '5' }, 1700000000123],
    ['else whole seconds', { TimestampMs: '', Timestamp: '1700000000' }, 1700000000000],
    ['where the exact one is no number', { TimestampMs: '1e3', Timestamp: '1700000000' }, 17e11],
    ['where the exact one is past all dates', { TimestampMs: '9'.repeat(16) }, 17e11],
  ])('is %s', (_, fields, at) => {
    expect(parse({ EventType: 'workspace.updated', ...fields })).toMatchObject({ at });
  });
});

describe('an event without a usable Sid', () => {
  const fields = { EventType: 'worker.capacity.update', ...worker, TaskChannelUniqueName: 'voice' };

  it.each(['', 'has space', 'a:b', '12345', 'x'.repeat(65)])('gets its own id for %j', (Sid) => {
    const sid = `none-worker.capacity.update-${WK}-voice-1700000000123`;
    expect(parse({ ...fields, Sid })).toMatchObject({ sid });
  });

  it('never has a colon in its id, whatever the channel is called', () => {
    expect(parse({ ...fields, Sid: '', TaskChannelUniqueName: 'a:b c' })).toMatchObject({
      sid: `none-worker.capacity.update-${WK}-a_b_c-1700000000123`,
      channel: 'a:b c',
    });
  });

  it('gets different ids for two Worker Channels changed in one millisecond', () => {
    const one = parse({ ...fields, Sid: '' });
    const other = parse({ ...fields, Sid: '', TaskChannelUniqueName: 'chat' });
    expect(one).not.toMatchObject({ sid: 'sid' in other ? other.sid : '' });
  });
});

describe('a delivery that headroom does not use', () => {
  it.each([
    ...'created updated canceled wrapup completed deleted system-deleted transfer-initiated'
      .split(' ')
      .map((verb) => `task.${verb}`),
    ...'attempt-failed failed canceled completed'.split(' ').map((v) => `task.transfer-${v}`),
    ...'created updated deleted target-matched entered timeout skipped'
      .split(' ')
      .map((verb) => `workflow.${verb}`),
    ...['task-queue.entered', 'task-queue.timeout', 'task-queue.moved'],
  ])('%s is unused', (type) => {
    expect(parse({ EventType: type })).toEqual({
      ignored: 'type.unused',
      detail: `headroom makes no use of ${type}`,
    });
  });

  it.each(['worker.activity', 'Worker.created', '__proto__', 'constructor'])(
    'the type %s is unknown',
    (type) => {
      expect(parse({ EventType: type })).toEqual({
        ignored: 'type.unknown',
        detail: `the event type "${type}" is not known`,
      });
    },
  );

  it('is of another Workspace', () => {
    const other = `WS${hex('9')}`;
    expect(parse({ EventType: 'worker.created', ...worker, WorkspaceSid: other })).toEqual({
      ignored: 'workspace.other',
      detail: `worker.created is of Workspace "${other}"`,
    });
  });

  const full = {
    ...base,
    ...worker,
    EventType: 'reservation.created',
    ReservationSid: WR,
    TaskChannelUniqueName: 'chat',
  };
  it.each([
    ['EventType', { EventType: '' }, 'this delivery carries no valid EventType'],
    ['WorkspaceSid', { WorkspaceSid: '' }, 'reservation.created carries no valid WorkspaceSid'],
    [
      'an instant',
      { Timestamp: '', TimestampMs: '0' },
      'reservation.created carries no valid TimestampMs or Timestamp',
    ],
    ['WorkerSid', { WorkerSid: '' }, 'reservation.created carries no valid WorkerSid'],
    ['a true WorkerSid', { WorkerSid: 'WKx' }, 'reservation.created carries no valid WorkerSid'],
    [
      'ReservationSid',
      { ReservationSid: '' },
      'reservation.created carries no valid ReservationSid',
    ],
    [
      'its Task Channel',
      { EventType: 'worker.capacity.update', TaskChannelUniqueName: '' },
      'worker.capacity.update carries no valid TaskChannelUniqueName',
    ],
  ])('lacks %s', (_, fields, detail) => {
    expect(parseEvent({ ...full, ...fields }, WS)).toEqual({ ignored: 'field.missing', detail });
  });
});
