/** A world without HTTP on a clock that the test steps from one due thing to the next. */
import { Engine } from '../../../src/emulator/world/engine.ts';
import type { EventRecord } from '../../../src/emulator/world/model.ts';
import { createWorkspace } from '../../../src/emulator/world/workspaces.ts';
import { World } from '../../../src/emulator/world/world.ts';

export const START = Date.parse('2026-06-10T10:00:00Z');

export function steppedWorld(seed = 7) {
  let at = START;
  const engine = new Engine({ seed, now: () => at });
  const world = new World(
    engine,
    engine.run(() => createWorkspace(engine, { friendlyName: 'Test Workspace' })),
  );
  const recorded: EventRecord[] = [];
  world.listen((event) => recorded.push(event));
  return {
    world,
    /** Runs everything due within `ms`, each at its own instant. */
    step(ms: number): void {
      const end = at + ms;
      for (let next = world.nextDue(); next !== null && next <= end; next = world.nextDue()) {
        at = Math.max(at, next);
        world.advance();
      }
      at = end;
    },
    /** The types of the events since the last call, in order. */
    types(): string[] {
      return recorded.splice(0).map(({ type }) => type);
    },
    events(): EventRecord[] {
      return recorded.splice(0);
    },
  };
}
