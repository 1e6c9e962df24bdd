// The daemon's stream of server-sent events, reopened when it breaks.

import { addressOf } from './api.ts';
import type { Entry, StatusView, WorkerView } from './types.ts';

export interface Heard {
  /** It is open; `again`: the daemon sends what was missed, or reports a gap. */
  open(again: boolean): void;
  away(): void;
  /** It seems to be open, but nothing has arrived for long. */
  silent(): void;
  refused(): void;
  status(status: StatusView): void;
  journal(entries: readonly Entry[]): void;
  workers(workers: readonly WorkerView[]): void;
  removed(sids: readonly string[]): void;
  /** Something was missed. */
  gap(): void;
}

const AGAIN_MS = 3_000;
/** The daemon sends something every 15 s. After this long without anything it counts as gone. */
const SILENT_MS = 40_000;
const LISTEN_MS = 5_000;

export class Stream {
  readonly #heard: Heard;
  #source: EventSource | null = null;
  #again: ReturnType<typeof setTimeout> | undefined;
  /** Whether this source was open before: then the daemon itself reports whether there is a gap. */
  #opened = false;
  /** Epoch ms, which also advances while the machine sleeps; null: nothing was ever received. */
  #heardAt: number | null = null;
  #waitingFrom = 0;
  #listening: ReturnType<typeof setInterval> | undefined;

  constructor(heard: Heard) {
    this.#heard = heard;
  }

  /** When something was last received, epoch ms. */
  get heardAt(): number | null {
    return this.#heardAt;
  }

  start(): void {
    this.stop();
    this.#opened = false;
    this.#waitingFrom = Date.now();
    this.#listening = setInterval(() => this.#listen(), LISTEN_MS);
    const source = new EventSource(addressOf('stream'));
    this.#source = source;
    const on = (event: string, take: (data: unknown) => void) =>
      source.addEventListener(event, (message) => {
        this.#heardAt = Date.now();
        this.#waitingFrom = this.#heardAt;
        take(JSON.parse(message.data));
      });
    on('hello', () => {
      this.#heard.open(this.#opened);
      this.#opened = true;
    });
    on('status', (data) => this.#heard.status(data as StatusView));
    on('journal', (data) => this.#heard.journal(data as readonly Entry[]));
    on('workers', (data) => this.#heard.workers(data as readonly WorkerView[]));
    on('removed', (data) => this.#heard.removed(data as readonly string[]));
    on('gap', () => this.#heard.gap());
    on('alive', () => undefined);
    source.onerror = () => this.#onError(source);
  }

  stop(): void {
    clearTimeout(this.#again);
    clearInterval(this.#listening);
    this.#source?.close();
    this.#source = null;
  }

  /** A connection that died silently is never closed: only opening another one shows it. */
  #listen(): void {
    const state = this.#source?.readyState ?? EventSource.CLOSED;
    if (state === EventSource.CLOSED || Date.now() - this.#waitingFrom < SILENT_MS) return;
    this.start();
    // A connection that was never open has already been reported as away.
    if (state === EventSource.OPEN) this.#heard.silent();
  }

  #onError(source: EventSource): void {
    if (source !== this.#source) return;
    // The browser retries by itself, unless the answer was something other than a stream.
    if (source.readyState === EventSource.CLOSED) void this.#whyClosed();
    else this.#heard.away();
  }

  async #whyClosed(): Promise<void> {
    const status = await fetch(addressOf('status')).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 401 || status === 403) {
      this.#heard.refused();
      return;
    }
    // The daemon is there but has no stream to give: then everything is read at intervals.
    if (status === 200) this.#heard.open(false);
    else this.#heard.away();
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.start(), AGAIN_MS);
  }
}
