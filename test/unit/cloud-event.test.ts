// What each CloudEvent becomes: the fields of the callback for the same event.

import { describe, expect, it } from 'vitest';
import { fieldsOfCloudEvent } from '../../src/core/cloud-event.ts';
import { parseEvent } from '../../src/core/event.ts';
import { sid } from '../support/builders.ts';

const WS = sid('WS', 1);
const EV = sid('EV', 2);
const payload = {
  sid: EV,
  eventtype: 'worker.capacity.update',
  timestamp: '2026-06-10T10:00:00.123Z',
  workspace_sid: WS,
  resource_type: 'worker',
  resource_sid: sid('WK', 3),
  worker_sid: sid('WK', 3),
  worker_name: 'Ann',
  worker_attributes: '{"team":"support"}',
  worker_activity_sid: null,
  worker_version: 7,
  worker_channel_available: 1,
  worker_channel_capacity: 3,
  task_channel_unique_name: 'chat',
};
const event = {
  specversion: '1.0',
  type: 'com.twilio.taskrouter.worker.capacity.update',
  id: sid('EZ', 9),
  time: '2026-06-10T10:00:01.000Z',
  data: { sid: EV, timestamp: '2026-06-10T10:00:00.500Z', payload },
};

const read = (value: unknown) => {
  const fields = fieldsOfCloudEvent(value);
  return fields === null ? null : parseEvent(fields, WS);
};

describe('a CloudEvent of TaskRouter', () => {
  it('has the fields of the callback, the SID of the event and its own time', () => {
    expect(read(event)).toEqual({
      sid: EV,
      at: Date.parse('2026-06-10T10:00:00.123Z'),
      type: 'worker.capacity.update',
      version: 7,
      workerSid: sid('WK', 3),
      workerName: 'Ann',
      attributes: '{"team":"support"}',
      activitySid: null,
      activityName: null,
      channel: 'chat',
    });
  });

  it.each([
    ['the payload', {}, { timestamp: '2026-06-10T10:00:00.123Z' }, '10:00:00.123'],
    ['the data', {}, { timestamp: null }, '10:00:00.500'],
    ['the envelope', { timestamp: 'yesterday' }, { timestamp: 5 }, '10:00:01.000'],
  ])('takes its time from %s', (_, data, more, time) => {
    const given = { ...event, data: { ...event.data, ...data, payload: { ...payload, ...more } } };
    expect(read(given)).toMatchObject({ at: Date.parse(`2026-06-10T${time}Z`) });
  });

  it.each([
    ['only the data', { sid: EV }, { sid: undefined }],
    ['only the payload', { sid: 'ES123' }, { sid: EV }],
  ])('is identified by the EV… in %s', (_, data, more) => {
    const given = { ...event, data: { ...data, payload: { ...payload, ...more } } };
    expect(read(given)).toMatchObject({ sid: EV });
  });

  it("without one gets the same id as a callback without one, never the envelope's", () => {
    const { sid: _, ...rest } = payload;
    const found = read({ ...event, data: { payload: rest } });
    const at = Date.parse(payload.timestamp);
    const name = `none-worker.capacity.update-${payload.worker_sid}-chat-${at}`;
    expect(found).toMatchObject({ sid: name });
  });

  it('spelled with a hyphen where callbacks have a dot is the same type', () => {
    const type = 'com.twilio.taskrouter.task-queue.expression-updated';
    expect(read({ ...event, type })).toMatchObject({
      type: 'workspace.changed',
      what: 'task-queue.expression.updated',
    });
  });

  it.each([
    ['a type of no use', 'com.twilio.taskrouter.workflow.rejected', 'type.unused'],
    ['an unknown type', 'com.twilio.taskrouter.worker.promoted', 'type.unknown'],
    ["another product's type", 'com.twilio.messaging.message.sent', 'type.unknown'],
    ['the test of a sink', 'com.twilio.eventstreams.test-event', 'type.unknown'],
  ])('of %s is ignored, with the reason', (_, type, ignored) => {
    expect(read({ ...event, type })).toEqual({ ignored, detail: expect.stringContaining('') });
    expect(JSON.stringify(read({ ...event, type }))).toContain(
      type.replace('com.twilio.taskrouter.', ''),
    );
  });

  it.each([
    ['no payload', { ...event, data: {} }],
    ['no data', { ...event, data: null }],
    ['a payload of text', { ...event, data: { payload: 'x' } }],
  ])('with %s lacks a required field', (_, given) => {
    expect(read(given)).toMatchObject({ ignored: 'field.missing' });
  });

  it.each([null, 1, 'x', [], {}, { type: '' }, { type: 7 }, [event]])('%j is not one', (value) => {
    expect(fieldsOfCloudEvent(value)).toBeNull();
  });
});
