import { describe, expect, it } from 'vitest';
import { PEOPLE, setUpSmallFloor } from '../../../src/emulator/floor/set-up.ts';
import { Engine } from '../../../src/emulator/world/engine.ts';
import { Sids } from '../../../src/emulator/world/sids.ts';
import { createWorkspace } from '../../../src/emulator/world/workspaces.ts';
import { World } from '../../../src/emulator/world/world.ts';

describe('SIDs', () => {
  it('are two letters and 32 hex digits', () => {
    const sids = new Sids(1, 0);
    expect(sids.stable('WK', 'ana')).toMatch(/^WK[0-9a-f]{32}$/);
    expect(sids.next('EV')).toMatch(/^EV[0-9a-f]{32}$/);
  });

  it('of what is configured are the same after a restart, of what happens they are not', () => {
    const [first, second] = [new Sids(1, 1_000), new Sids(1, 2_000)];
    expect(first.stable('WK', 'ana')).toBe(second.stable('WK', 'ana'));
    expect(first.next('EV')).not.toBe(second.next('EV'));
  });

  it('of a deleted name are not used again when it is recreated', () => {
    const sids = new Sids(1, 0);
    expect(sids.stable('WK', 'ana')).not.toBe(sids.stable('WK', 'ana'));
  });

  it('of the small floor depend on the seed alone', () => {
    const floor = (seed: number, startedAt: number) => {
      const engine = new Engine({ seed, now: () => startedAt });
      const space = engine.run(() => createWorkspace(engine, { friendlyName: 'F' }));
      const world = new World(engine, space);
      setUpSmallFloor(world);
      return world
        .workers()
        .map(({ sid, channels }) => [sid, [...channels.values()].map((c) => c.sid)]);
    };
    expect(floor(3, 1_000)).toEqual(floor(3, 9_000_000));
    expect(floor(3, 1_000)).not.toEqual(floor(4, 1_000));
    expect(floor(3, 1_000)).toHaveLength(PEOPLE.length);
  });
});
