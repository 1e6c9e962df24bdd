// The daemon's stream of server-sent events, opened again when it breaks.

import { addressOf } from './api.ts';
import type { Entry, StatusView, WorkerView } from './types.ts';

export interface Heard {
  /** It is open; `again`: what was missed meanwhile is told, or a gap is. */
  open(again: boolean): void;
  away(): void;
  refused(): void;
  status(status: StatusView): void;
  journal(entries: readonly Entry[]): void;
  workers(workers: readonly WorkerView[]): void;
  removed(sids: readonly string[]): void;
  /** Something was missed. */
  gap(): void;
}

const AGAIN_MS = 3_000;

export class Stream {
  readonly #heard: Heard;
  #source: EventSource | null = null;
  #again: ReturnType<typeof setTimeout> | undefined;
  /** Whether this source was open before: then the daemon says itself whether there is a gap. */
  #opened = false;

  constructor(heard: Heard) {
    this.#heard = heard;
  }

  start(): void {
    this.stop();
    this.#opened = false;
    const source = new EventSource(addressOf('stream'));
    this.#source = source;
    const on = (event: string, take: (data: unknown) => void) =>
      source.addEventListener(event, (message) => take(JSON.parse(message.data)));
    on('hello', () => {
      this.#heard.open(this.#opened);
      this.#opened = true;
    });
    on('status', (data) => this.#heard.status(data as StatusView));
    on('journal', (data) => this.#heard.journal(data as readonly Entry[]));
    on('workers', (data) => this.#heard.workers(data as readonly WorkerView[]));
    on('removed', (data) => this.#heard.removed(data as readonly string[]));
    on('gap', () => this.#heard.gap());
    source.onerror = () => this.#onError(source);
  }

  stop(): void {
    clearTimeout(this.#again);
    this.#source?.close();
    this.#source = null;
  }

  #onError(source: EventSource): void {
    if (source !== this.#source) return;
    // The browser tries again by itself, unless it was answered with something else than a stream.
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
    // The daemon is there but has no stream to give: then everything is read now and then.
    if (status === 200) this.#heard.open(false);
    else this.#heard.away();
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.start(), AGAIN_MS);
  }
}
