/**
 * Faults on request: what goes wrong with calls and with events, for how many of them or how often.
 * The draw is seeded, so that a run with faults can be repeated.
 */
import { Chance } from '../world/chance.ts';
import { invalid } from '../world/refusal.ts';

/** Which calls it applies to. */
interface CallMatch {
  /** A method; absent means any. */
  readonly method?: string | undefined;
  /** A substring of the path; absent means any. */
  readonly path?: string | undefined;
}

/** Which events it applies to. */
interface EventMatch {
  /** An event type, or a prefix ending in `*`; absent means any. */
  readonly type?: string | undefined;
}

interface FaultFrequency {
  /** Only the next this many that match. */
  readonly next?: number | undefined;
  /** Each match with this probability (0..1). With neither, every match. */
  readonly rate?: number | undefined;
}

type FaultTiming = { readonly when?: 'before' | 'after' | undefined };

export type CallFault = CallMatch &
  FaultFrequency &
  (
    | { readonly kind: 'latency'; readonly ms: number }
    | ({ readonly kind: 'too-many'; readonly retryAfter?: number | undefined } & FaultTiming)
    | ({ readonly kind: 'server-error'; readonly status?: number | undefined } & FaultTiming)
    | ({ readonly kind: 'timeout' | 'reset' } & FaultTiming)
  );

export type EventFault = EventMatch &
  FaultFrequency &
  (
    | { readonly kind: 'drop' | 'double' | 'reorder' }
    | { readonly kind: 'delay'; readonly ms: number }
  );

export type Fault = CallFault | EventFault;

const CALL_KINDS = ['latency', 'too-many', 'server-error', 'timeout', 'reset'];
const EVENT_KINDS = ['drop', 'double', 'reorder', 'delay'];
export const FAULT_KINDS: readonly string[] = [...CALL_KINDS, ...EVENT_KINDS];

export interface ActiveFault {
  readonly id: number;
  readonly fault: Fault;
  /** How many calls or events it has hit. */
  hits: number;
}

export class Faults {
  readonly #chance: Chance;
  #active: ActiveFault[] = [];
  #lastId = 0;

  constructor(seed: number) {
    this.#chance = new Chance(seed);
  }

  add(fault: Fault): ActiveFault {
    this.#lastId += 1;
    const active = { id: this.#lastId, fault: validateFault(fault), hits: 0 };
    this.#active.push(active);
    return active;
  }

  remove(id: number): boolean {
    const before = this.#active.length;
    this.#active = this.#active.filter((active) => active.id !== id);
    return this.#active.length < before;
  }

  clear(): void {
    this.#active = [];
  }

  all(): readonly ActiveFault[] {
    return this.#active;
  }

  /** The faults of this call; asking counts as a hit. */
  forCall(method: string, path: string): CallFault[] {
    return this.#draw(
      (fault): fault is CallFault =>
        isCallFault(fault) &&
        (fault.method === undefined || fault.method.toUpperCase() === method) &&
        (fault.path === undefined || path.includes(fault.path)),
    );
  }

  forEvent(type: string): EventFault[] {
    return this.#draw(
      (fault): fault is EventFault =>
        !isCallFault(fault) &&
        (fault.type === undefined ||
          fault.type === type ||
          (fault.type.endsWith('*') && type.startsWith(fault.type.slice(0, -1)))),
    );
  }

  #draw<T extends Fault>(matches: (fault: Fault) => fault is T): T[] {
    const drawn: T[] = [];
    for (const active of this.#active) {
      const { fault } = active;
      if (!matches(fault)) continue;
      if (fault.next !== undefined && active.hits >= fault.next) continue;
      if (fault.rate !== undefined && !this.#chance.happens(fault.rate)) continue;
      active.hits += 1;
      drawn.push(fault);
    }
    return drawn;
  }
}

function isCallFault(fault: Fault): fault is CallFault {
  return CALL_KINDS.includes(fault.kind);
}

const DAY_MS = 24 * 3_600_000;
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  next: [1, 1_000_000],
  rate: [0, 1],
  ms: [0, DAY_MS],
  status: [400, 599],
  retryAfter: [0, 86_400],
};

/** Faults also arrive as JSON over HTTP: what is not understood is refused, not ignored. */
export function validateFault(fault: Fault): Fault {
  const given: Record<string, unknown> = { ...fault };
  const { kind } = fault;
  const ofCalls = CALL_KINDS.includes(kind);
  if (!ofCalls && !EVENT_KINDS.includes(kind))
    throw invalid(`'${String(kind)}' is no kind of fault: ${FAULT_KINDS.join(', ')}`);
  const texts = ['kind', 'when', ...(ofCalls ? ['method', 'path'] : ['type'])];
  const numbers = ['next', 'rate', 'ms', 'status', 'retryAfter'];
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const wanted = texts.includes(name) ? 'string' : numbers.includes(name) ? 'number' : null;
    if (wanted === null) throw invalid(`A fault of kind ${kind} has no '${name}'`);
    if (typeof value !== wanted) throw invalid(`'${name}' of a fault must be a ${wanted}`);
    const [least, most] = RANGES[name] ?? [];
    if (typeof value === 'number' && !(value >= (least ?? value) && value <= (most ?? value)))
      throw invalid(`'${name}' of a fault is ${value}: expected ${least} to ${most}`);
  }
  if ((kind === 'latency' || kind === 'delay') && typeof given.ms !== 'number')
    throw invalid(`A fault of kind ${kind} needs 'ms'`);
  if (given.when !== undefined && given.when !== 'before' && given.when !== 'after')
    throw invalid("'when' of a fault is before or after (the effect)");
  return fault;
}
