/**
 * What everyone on the floor of a simulated day shares: the world, the seed and its appointments.
 */
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
  /** When the day began. */
  readonly startedAt: number;
  /** So many times as fast as life; 1 where the clock itself is virtual. */
  readonly pace: number;
  /** The instant that the floor's own calendar begins with: six in the morning of its day. */
  readonly dawn: number;
  /** So much of its day is over already. */
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

  /** At this offset of the day's own time; at once, in the order of asking, where that is over. */
  atOffset(offsetMs: number, act: () => void): Appointment {
    const left = Math.max(0, offsetMs - this.skippedMs);
    return this.#at(this.startedAt + Math.round(left / this.pace), act);
  }

  /**
   * The instant by the day's own clock, which begins with the world's and runs `pace` times as
   * fast.
   */
  time(): number {
    return this.startedAt + this.elapsed(this.startedAt);
  }

  /** How much of the day's own time has gone by since `since`. */
  elapsed(since: number): number {
    return (this.world.now() - since) * this.pace;
  }

  #at(at: number, act: () => void): Appointment {
    return this.world.engine.agenda.at(at, () => {
      if (!this.stopped) act();
    });
  }
}

/** People act through their own desktops, where TaskRouter sees the Worker do it. */
export function asWorker(sid: string): By {
  return { actor: { type: 'worker', sid, sourceIp: null } };
}
