/** What everyone on the floor of a simulated day shares: the world, the seed and the day's time. */
import type { ScheduledCall } from '../world/scheduler.ts';
import type { World } from '../world/world.ts';
import type { ActorOptions } from '../world/world.types.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly pace?: number | undefined;
  readonly dawn?: number | undefined;
  readonly skippedMs?: number | undefined;
}

export class Simulation {
  readonly world: World;
  readonly seed: number;
  /** When the simulation started, epoch ms. */
  readonly startedAt: number;
  /** Speed as a multiple of real time; 1 where the clock itself is virtual. */
  readonly pace: number;
  /** The instant the floor's own calendar begins with: six in the morning of its day. */
  readonly dawn: number;
  /** How much of its day had passed at the start. */
  readonly skippedMs: number;
  stopped = false;

  constructor(world: World, options: SimulationOptions) {
    this.world = world;
    this.seed = options.seed;
    this.pace = options.pace ?? 1;
    this.startedAt = world.now();
    this.dawn = options.dawn ?? this.startedAt;
    this.skippedMs = options.skippedMs ?? 0;
  }

  later(delayMs: number, act: () => void): ScheduledCall {
    return this.#at(this.world.now() + Math.max(0, Math.round(delayMs / this.pace)), act);
  }

  /** At this offset in the day's own time; at once, in call order, if that has passed. */
  atOffset(offsetMs: number, act: () => void): ScheduledCall {
    const left = Math.max(0, offsetMs - this.skippedMs);
    return this.#at(this.startedAt + Math.round(left / this.pace), act);
  }

  /**
   * The instant on the day's own clock, which starts with the world's and runs `pace` times as
   * fast.
   */
  time(): number {
    return this.startedAt + this.elapsed(this.startedAt);
  }

  /** How much of the day's own time has passed since `since`. */
  elapsed(since: number): number {
    return (this.world.now() - since) * this.pace;
  }

  #at(at: number, act: () => void): ScheduledCall {
    return this.world.engine.scheduler.at(at, () => {
      if (!this.stopped) act();
    });
  }
}

/** People act through their own desktops, so TaskRouter records the Worker as the actor. */
export function asWorker(sid: string): ActorOptions {
  return { actor: { type: 'worker', sid, sourceIp: null } };
}
