// The daemon's stream of server-sent events, reopened when it breaks.

import { apiUrl } from './api.ts';
import type { Entry, StatusView, WorkerView } from './types.ts';

export interface StreamHandlers {
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

const RETRY_MS = 3_000;
/** The daemon sends something every 15 s. After this long without anything it counts as gone. */
const SILENT_MS = 40_000;
const LISTEN_MS = 5_000;

export class Stream {
  readonly #handlers: StreamHandlers;
  #source: EventSource | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  /** Whether this source was open before: then the daemon itself reports whether there is a gap. */
  #opened = false;
  /** Epoch ms, which also advances while the machine sleeps; null: nothing was ever received. */
  #heardAt: number | null = null;
  #silentSince = 0;
  #silenceTimer: ReturnType<typeof setInterval> | undefined;

  constructor(heard: StreamHandlers) {
    this.#handlers = heard;
  }

  /** When something was last received, epoch ms. */
  get heardAt(): number | null {
    return this.#heardAt;
  }

  start(): void {
    this.stop();
    this.#opened = false;
    this.#silentSince = Date.now();
    this.#silenceTimer = setInterval(() => this.#checkSilence(), LISTEN_MS);
    const source = new EventSource(apiUrl('stream'));
    this.#source = source;
    const on = (event: string, take: (data: unknown) => void) =>
      source.addEventListener(event, (message) => {
        this.#heardAt = Date.now();
        this.#silentSince = this.#heardAt;
        take(JSON.parse(message.data));
      });
    on('hello', () => {
      this.#handlers.open(this.#opened);
      this.#opened = true;
    });
    on('status', (data) => this.#handlers.status(data as StatusView));
    on('journal', (data) => this.#handlers.journal(data as readonly Entry[]));
    on('workers', (data) => this.#handlers.workers(data as readonly WorkerView[]));
    on('removed', (data) => this.#handlers.removed(data as readonly string[]));
    on('gap', () => this.#handlers.gap());
    on('alive', () => undefined);
    source.onerror = () => this.#onError(source);
  }

  stop(): void {
    clearTimeout(this.#retryTimer);
    clearInterval(this.#silenceTimer);
    this.#source?.close();
    this.#source = null;
  }

  /** A connection that died silently is never closed: only opening another one shows it. */
  #checkSilence(): void {
    const state = this.#source?.readyState ?? EventSource.CLOSED;
    if (state === EventSource.CLOSED || Date.now() - this.#silentSince < SILENT_MS) return;
    this.start();
    // A connection that was never open has already been reported as away.
    if (state === EventSource.OPEN) this.#handlers.silent();
  }

  #onError(source: EventSource): void {
    if (source !== this.#source) return;
    // The browser retries by itself, unless the answer was something other than a stream.
    if (source.readyState === EventSource.CLOSED) void this.#whyClosed();
    else this.#handlers.away();
  }

  async #whyClosed(): Promise<void> {
    const status = await fetch(apiUrl('status')).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 401 || status === 403) {
      this.#handlers.refused();
      return;
    }
    // The daemon is there but has no stream to give: then everything is read at intervals.
    if (status === 200) this.#handlers.open(false);
    else this.#handlers.away();
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.start(), RETRY_MS);
  }
}
