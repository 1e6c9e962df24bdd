/** The most recent calls, for tests and for inspection. */
export interface CallRecord {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
  /** 0 when a fault left it unanswered. */
  readonly status: number;
  /** The Basic auth user, valid or not; null without one. */
  readonly who: string | null;
  readonly userAgent: string | null;
  readonly requestId: string;
}

const RECORDS_MAX = 10_000;

/** Keeps the newest `RECORDS_MAX`, oldest first. */
export class Records<T> {
  #items: T[] = [];

  add(item: T): void {
    this.#items.push(item);
    if (this.#items.length > RECORDS_MAX * 1.1) this.#items = this.#items.slice(-RECORDS_MAX);
  }

  all(): T[] {
    return this.#items.slice(-RECORDS_MAX);
  }

  clear(): void {
    this.#items = [];
  }
}
