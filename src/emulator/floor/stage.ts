/** What everyone on the floor of a simulated day shares: the world, the seed and the day's time. */
import type { Appointment } from '../world/agenda.ts';
import type { By, World } from '../world/world.ts';

export interface StageOptions {
  readonly seed: number;
  readonly pace?: number | undefined;
  readonly dawn?: number | undefined;
  readonly skippedMs?: number | undefined;
}

export class Stage {
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

  constructor(world: World, options: StageOptions) {
    this.world = world;
    this.seed = options.seed;
    this.pace = options.pace ?? 1;
    this.startedAt = world.now();
    this.dawn = options.dawn ?? this.startedAt;
    this.skippedMs = options.skippedMs ?? 0;
  }

  later(delayMs: number, act: () => void): Appointment {
    return this.#at(this.world.now() + Math.max(0, Math.round(delayMs / this.pace)), act);
  }

  /** At this offset in the day's own time; at once, in call order, if that has passed. */
  atOffset(offsetMs: number, act: () => void): Appointment {
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

  #at(at: number, act: () => void): Appointment {
    return this.world.engine.agenda.at(at, () => {
      if (!this.stopped) act();
    });
  }
}

/** People act through their own desktops, so TaskRouter records the Worker as the actor. */
export function asWorker(sid: string): By {
  return { actor: { type: 'worker', sid, sourceIp: null } };
}
