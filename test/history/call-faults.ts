// What goes wrong with the calls of a history: lost answers, refusals, writes that land late,
// people who change something meanwhile, and the loop's own death at any point of its work.

import { Failure } from '../../src/ports.ts';

/** The process is gone; nothing it still does has any effect. */
export class Crash extends Error {}

export type CallFault =
  | 'fine'
  /** No answer, and nothing happened. */
  | 'lost-before'
  /** No answer, though it happened. */
  | 'lost-after'
  | 'unavailable-before'
  | 'unavailable-after'
  | 'throttled'
  /** The timeout passes, and the write lands after it. */
  | 'late';

/** Decides when the loop dies: at one of its next points, before or after what it does there. */
export class CrashControl {
  #left: number | null = null;
  #dead = false;

  /** Makes the loop die at the `n`th point from now on. */
  dieAt(n: number | null): void {
    this.#left = n;
  }

  get dead(): boolean {
    return this.#dead;
  }

  die(): void {
    this.#dead = true;
  }

  /** One point at which a process may die. */
  point(): void {
    if (this.#dead) throw new Crash('it is dead');
    if (this.#left === null) return;
    this.#left -= 1;
    if (this.#left > 0) return;
    this.#dead = true;
    throw new Crash('it died');
  }

  /** Every call of `target` passes a point before and after. */
  guard<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (of, name) => {
        const value: unknown = Reflect.get(of, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          this.point();
          const result: unknown = await value.apply(of, args);
          this.point();
          return result;
        };
      },
    });
  }
}

export function failureOf(trouble: CallFault): Failure | null {
  switch (trouble) {
    case 'fine':
      return null;
    case 'throttled':
      return new Failure('throttled', 'too many', { status: 429, retryAfterMs: 2_000 });
    case 'unavailable-before':
    case 'unavailable-after':
      return new Failure('unavailable', 'not now', { status: 503 });
    case 'lost-before':
    case 'lost-after':
    case 'late':
      return new Failure('network', 'no answer');
  }
}

export function happensFirst(trouble: CallFault): boolean {
  return trouble === 'fine' || trouble.endsWith('-after');
}
