/**
 * Sits between the engine and delivery: drops, doubles, delays and reorders events as faults
 * request, and shuffles them where their order is in doubt.
 */
import { Chance } from '../world/chance.ts';
import type { Engine } from '../world/engine.ts';
import type { EventRecord } from '../world/model.ts';

/** An event to be overtaken is held at most this long for another to pass it. */
const REORDER_MAX_MS = 1_000;
const SHUFFLE_MAX_MS = 50;

export class FaultInjector {
  readonly #engine: Engine;
  readonly #chance: Chance;
  readonly #log: (line: string) => void;
  #reordered: (() => void)[] = [];
  #held = 0;
  readonly #idle = new Set<() => void>();

  constructor(engine: Engine, options: { seed: number; log: (line: string) => void }) {
    this.#engine = engine;
    this.#chance = new Chance(options.seed);
    this.#log = options.log;
  }

  /** Calls `send` once; with faults, never, several times, or later. */
  relay(event: EventRecord, send: () => void): void {
    const faults = this.#engine.faults.forEvent(event.type);
    const has = (kind: string) => faults.some((fault) => fault.kind === kind);
    if (has('drop')) {
      this.#log(`event ${event.type} ${event.sid} is dropped on request`);
      return;
    }
    const doubled = faults.filter((fault) => fault.kind === 'double').length;
    const sends = Array.from({ length: 1 + doubled }, () => send);
    const waiting = this.#reordered;
    this.#reordered = [];
    if (has('reorder')) this.#holdForReorder(sends);
    else for (const one of sends) this.#later(this.#delay(faults), one);
    for (const one of waiting) one();
  }

  /** Resolves when nothing is held back. */
  async idle(): Promise<void> {
    if (this.#held === 0) return;
    await new Promise<void>((resolve) => this.#idle.add(resolve));
  }

  #delay(faults: readonly { kind: string; ms?: number }[]): number {
    const wanted = faults.reduce(
      (sum, { kind, ms }) => (kind === 'delay' ? sum + (ms ?? 0) : sum),
      0,
    );
    const mixed = this.#engine.doubts.eventOrder === 'mixed';
    return wanted + (mixed ? this.#chance.between(0, SHUFFLE_MAX_MS) : 0);
  }

  #holdForReorder(sends: readonly (() => void)[]): void {
    for (const send of sends) {
      let sent = false;
      const once = () => {
        if (!sent) send();
        sent = true;
      };
      this.#reordered.push(once);
      this.#later(REORDER_MAX_MS, once);
    }
  }

  #later(ms: number, send: () => void): void {
    if (ms <= 0) {
      send();
      return;
    }
    this.#held += 1;
    this.#engine.scheduler.at(this.#engine.now() + Math.ceil(ms), () => {
      send();
      this.#held -= 1;
      if (this.#held > 0) return;
      for (const resolve of this.#idle) resolve();
      this.#idle.clear();
    });
  }
}
