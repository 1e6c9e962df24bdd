/**
 * What is due later, by emulated time. Nothing here waits: a driver (the live emulator's timer, or
 * a simulation that jumps from one instant to the next) asks for the next instant and runs what is
 * due.
 */
export interface ScheduledCall {
  at: number;
  readonly seq: number;
  readonly run: () => void;
  canceled: boolean;
}

export class Scheduler {
  readonly #heap: ScheduledCall[] = [];
  #seq = 0;

  at(at: number, run: () => void): ScheduledCall {
    this.#seq += 1;
    const entry: ScheduledCall = { at, seq: this.#seq, run, canceled: false };
    this.#heap.push(entry);
    this.#up(this.#heap.length - 1);
    return entry;
  }

  /** The instant of the next scheduled call, or null when there is none. */
  next(): number | null {
    this.#dropCanceled();
    return this.#heap[0]?.at ?? null;
  }

  /**
   * Takes the next scheduled call due at `now`; equal instants keep the order in which they were
   * added.
   */
  take(now: number): ScheduledCall | null {
    this.#dropCanceled();
    const first = this.#heap[0];
    return first !== undefined && first.at <= now ? this.#pop() : null;
  }

  /** Moves every scheduled call by as much as the clock was moved. */
  shift(ms: number): void {
    for (const entry of this.#heap) entry.at += ms;
  }

  #dropCanceled(): void {
    while (this.#heap[0]?.canceled === true) this.#pop();
  }

  #pop(): ScheduledCall | null {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return null;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#down(0);
    }
    return first;
  }

  #up(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  #down(start: number): void {
    let index = start;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const least = this.#before(right, left) ? right : left;
      if (!this.#swapIfBefore(least, index)) return;
      index = least;
    }
  }

  #before(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined) return false;
    return first.at < second.at || (first.at === second.at && first.seq < second.seq);
  }

  #swapIfBefore(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined || !this.#before(a, b)) return false;
    this.#heap[a] = second;
    this.#heap[b] = first;
    return true;
  }
}
