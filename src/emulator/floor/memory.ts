/**
 * What the contact centre's Worker Channels were set to, kept in a file, so that an emulator
 * started again on the same data goes on where the last one stopped. Nothing else of the floor is
 * kept: overnight, everybody went home.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { World } from '../world/world.ts';

/** By Worker SID, then by the Task Channel's unique name. */
type Kept = Record<string, Record<string, { capacity: number; available: boolean }>>;

const CHANNEL_EVENTS = new Set(['worker.capacity.update', 'worker.channel.availability.update']);

/** Sets every Worker Channel as `file` says, and from then on keeps `file` as they are. */
export function keepChannels(world: World, file: string): () => void {
  restore(world, read(file));
  mkdirSync(dirname(file), { recursive: true });
  return world.listen((event) => {
    // At once and in one step, so that a process killed right after its answer has kept it too.
    if (CHANNEL_EVENTS.has(event.type)) write(file, channelsOf(world));
  });
}

function read(file: string): Kept {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Kept;
  } catch {
    // None yet, or cut short by a full disk: a floor as new is what is left.
    return {};
  }
}

function restore(world: World, kept: Kept): void {
  for (const worker of world.workers()) {
    for (const channel of worker.channels.values()) {
      const name = channel.taskChannelUniqueName;
      const was = kept[worker.sid]?.[name];
      if (was === undefined) continue;
      world.editChannel(worker, name, { capacity: was.capacity, available: was.available });
    }
  }
}

function channelsOf(world: World): Kept {
  const kept: Kept = {};
  for (const worker of world.workers()) {
    const channels: Kept[string] = {};
    for (const channel of worker.channels.values()) {
      channels[channel.taskChannelUniqueName] = {
        capacity: channel.configuredCapacity,
        available: channel.available,
      };
    }
    kept[worker.sid] = channels;
  }
  return kept;
}

function write(file: string, kept: Kept): void {
  writeFileSync(`${file}.new`, JSON.stringify(kept));
  renameSync(`${file}.new`, file);
}
