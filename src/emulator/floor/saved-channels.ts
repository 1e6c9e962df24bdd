/**
 * Keeps the settings of the Worker Channels in a file, so that an emulator restarted on the same
 * data continues where the last one stopped. Nothing else of the floor is kept.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { World } from '../world/world.ts';

/** By Worker SID, then by the Task Channel's unique name. */
type SavedChannels = Record<string, Record<string, { capacity: number; available: boolean }>>;

const CHANNEL_EVENTS = new Set(['worker.capacity.update', 'worker.channel.availability.update']);

/** Restores every Worker Channel from `file`, then saves every change there. */
export function persistChannels(world: World, file: string): () => void {
  restore(world, read(file));
  mkdirSync(dirname(file), { recursive: true });
  return world.listen((event) => {
    // Synchronous and atomic, so that a process killed right after its answer has saved it too.
    if (CHANNEL_EVENTS.has(event.type)) write(file, channelsOf(world));
  });
}

function read(file: string): SavedChannels {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as SavedChannels;
  } catch {
    // Missing, or truncated by a full disk: start afresh.
    return {};
  }
}

function restore(world: World, saved: SavedChannels): void {
  for (const worker of world.workers()) {
    for (const channel of worker.channels.values()) {
      const name = channel.taskChannelUniqueName;
      const was = saved[worker.sid]?.[name];
      if (was === undefined) continue;
      world.editChannel(worker, name, { capacity: was.capacity, available: was.available });
    }
  }
}

function channelsOf(world: World): SavedChannels {
  const saved: SavedChannels = {};
  for (const worker of world.workers()) {
    const channels: SavedChannels[string] = {};
    for (const channel of worker.channels.values()) {
      channels[channel.taskChannelUniqueName] = {
        capacity: channel.configuredCapacity,
        available: channel.available,
      };
    }
    saved[worker.sid] = channels;
  }
  return saved;
}

function write(file: string, saved: SavedChannels): void {
  writeFileSync(`${file}.new`, JSON.stringify(saved));
  renameSync(`${file}.new`, file);
}
