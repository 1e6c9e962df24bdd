import { describe, expect, it } from 'vitest';
import { steppedWorld } from './support.ts';

function withAna() {
  const stepped = steppedWorld();
  const ana = stepped.world.createWorker({ friendlyName: 'Ana' });
  stepped.events();
  return { ...stepped, ana };
}

describe('a Worker Channel', () => {
  it('exists for every Task Channel, with capacity 1 and available', () => {
    const { world, ana } = withAna();
    const settings = () =>
      [...ana.channels.values()].map((channel) => [
        channel.taskChannelUniqueName,
        channel.configuredCapacity,
        channel.available,
      ]);
    expect(settings()).toEqual(
      ['default', 'voice', 'sms', 'chat', 'video'].map((name) => [name, 1, true]),
    );
    world.createTaskChannel('email');
    expect(settings().at(-1)).toEqual(['email', 1, true]);
  });

  it("reports a changed capacity with the previous one, and raises its Worker's version", () => {
    const { world, ana, events: told } = withAna();
    world.editChannel(ana, 'chat', { capacity: 3 }, { actor: 'supervisor@example.com' });
    const [event, ...rest] = told();
    expect(rest).toEqual([]);
    expect(event).toMatchObject({
      type: 'worker.capacity.update',
      resourceType: 'worker',
      resourceSid: ana.sid,
      by: { type: 'user', sid: 'supervisor@example.com' },
      payload: {
        worker_sid: ana.sid,
        worker_version: 1,
        worker_channel_available: true,
        worker_channel_available_capacity: 100,
        worker_channel_previous_capacity: 1,
        worker_channel_task_count: 0,
        task_channel_unique_name: 'chat',
      },
    });
    expect(ana.version).toBe(1);
  });

  it('reports a changed availability, and both when both changed', () => {
    const { world, ana, types } = withAna();
    world.editChannel(ana, 'chat', { available: false });
    expect(types()).toEqual(['worker.channel.availability.update']);
    world.editChannel(ana, 'chat', { available: true, capacity: 4 });
    expect(types()).toEqual(['worker.capacity.update', 'worker.channel.availability.update']);
    expect(world.channel(ana, 'chat').configuredCapacity).toBe(4);
  });

  it('reports nothing when nothing changed', () => {
    const { world, ana, types } = withAna();
    world.editChannel(ana, 'chat', { capacity: 1, available: true });
    expect(types()).toEqual([]);
    expect(ana.version).toBe(0);
  });

  it('keeps its capacity while it is unavailable', () => {
    const { world, ana } = withAna();
    world.editChannel(ana, 'chat', { capacity: 4 });
    world.editChannel(ana, 'chat', { available: false });
    expect(world.channel(ana, 'chat').configuredCapacity).toBe(4);
  });
});

describe('a Worker', () => {
  it('reports how long the previous Activity lasted', () => {
    const { world, ana, step, events: told } = withAna();
    step(26_123);
    world.setActivity(ana, 'Available');
    expect(told()).toMatchObject([
      {
        type: 'worker.activity.update',
        payload: {
          worker_activity_name: 'Available',
          worker_previous_activity_name: 'Offline',
          worker_time_in_previous_activity: 26,
          worker_time_in_previous_activity_ms: 26_123,
        },
      },
    ]);
  });

  it('is refused under a taken name, in any case', () => {
    const { world } = withAna();
    expect(() => world.createWorker({ friendlyName: 'ANA' })).toThrow(
      'Worker with the same friendly name already exists',
    );
  });

  it('returns its Tasks when it is deleted', () => {
    const { world, ana, types } = withAna();
    world.createQueue('All');
    world.setActivity(ana, 'Available');
    const task = world.createTask({ queue: 'All' });
    types();
    world.deleteWorker(ana);
    expect(types()).toEqual(['reservation.canceled', 'worker.deleted']);
    expect(task.status).toBe('pending');
  });
});
