// How the Worker's channels would be set if nothing bad ever happened to the daemon: the model
// learns what happened, one thing at a time, and everything it wants is written at once.

import { parseEvent } from '../../src/core/event.ts';
import { callbackParams } from '../../src/emulator/delivery/callback-params.ts';
import type { EventRecord } from '../../src/emulator/world/model.ts';
import type { World } from '../../src/emulator/world/world.ts';
import { FIELDS } from '../model/channel.ts';
import type { Change, Entry } from '../model/history.ts';
import type { Rules } from '../model/language.ts';
import type { Real } from '../model/laws.ts';
import { replay } from '../model/model.ts';
import { type EntryInput, noteEvent } from './recorder.ts';

/** The most looks after one thing that happened; rules that want more go in circles. */
const MOST_LOOKS = 10;

export class Ideal {
  readonly world: World;
  readonly history: Entry[] = [];
  readonly #channels: Map<string, { capacity: number; available: boolean }>;
  /** Changes of each field so far, by `chat.capacity` and so on; and the number of writes. */
  readonly changes = new Map<string, number>();
  writes = 0;
  now = 0;

  constructor(world: World, real: Real) {
    this.world = world;
    this.#channels = new Map(Object.entries(structuredClone(real)));
  }

  note(entry: EntryInput): void {
    // Each thing at an instant of its own.
    this.now = Math.max(this.now + 1, this.world.now());
    this.history.push({ at: this.now, ...entry });
  }

  nextWrite(): number {
    this.writes += 1;
    return this.writes;
  }

  channels(): Real {
    return Object.fromEntries(this.#channels);
  }

  rules(rules: Rules): void {
    this.note({ kind: 'rules', rules });
  }

  learn(events: readonly EventRecord[]): void {
    const { world } = this;
    for (const event of events) {
      const fields = callbackParams(event, world.engine.accountSid, world.doubts);
      const parsed = parseEvent(fields, world.workspace.sid);
      if (!('ignored' in parsed)) noteEvent(parsed, this);
    }
  }

  edit(channel: string, change: Change): void {
    Object.assign(this.#channel(channel), change);
  }

  /** Everything is read, and what the model then wants is written, until it wants no more. */
  settle(): void {
    const shown = [...this.#channels].map(([channel, is]) => ({ channel, ...is }));
    this.note({ kind: 'read', began: this.now + 1, channels: shown });
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      this.note({ kind: 'look' });
      const { open } = replay(this.history);
      if (open.length === 0) return;
      for (const { channel, to } of open) this.#write(channel, to);
    }
    throw new Error(`the model goes in circles:\n${JSON.stringify(this.history.at(-1))}`);
  }

  #write(channel: string, to: Change): void {
    const id = this.nextWrite();
    this.note({ kind: 'write', id, channel, to });
    const is = Object.assign(this.#channel(channel), to);
    this.note({ kind: 'written', id, channel, how: 'answered', shows: { channel, ...is } });
    for (const field of FIELDS) {
      if (to[field] === undefined) continue;
      const key = `${channel}.${field}`;
      this.changes.set(key, (this.changes.get(key) ?? 0) + 1);
      this.note({ kind: 'changed', sid: `echo-${id}`, channel, field, happenedAt: this.now });
    }
  }

  #channel(name: string): { capacity: number; available: boolean } {
    const found = this.#channels.get(name);
    if (found === undefined) throw new Error(`the Worker has no channel ${name}`);
    return found;
  }
}
