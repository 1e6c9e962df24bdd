// `GET /api/v1/stream`: changes, as server-sent events. The number of clients is bounded, and so is
// what waits for a slow one, which is then sent a gap, and cut off if it stays behind.

import type { Request, RequestHandler, Response } from 'express';
import { LIMITS } from './limits.ts';
import { sendProblem } from './problem.ts';
import { rejectUnknownParams } from './query.ts';

const STOPPING = 'The daemon is stopping.';

export interface StreamFrame {
  readonly event: string;
  /** Where to resume after it; null: unchanged. */
  readonly id: string | null;
  /** JSON, one line. */
  readonly data: string;
}

export interface StreamFeed {
  subscribe(take: (frame: StreamFrame) => void, lastId: string | null): Promise<() => void>;
  position(): string | null;
}

export interface Streams {
  /** `mayStay` is called now and then: a session also ends while a stream is open. */
  handler(mayStay: (req: Request) => boolean): RequestHandler;
  /** Ends every stream, and starts no more. */
  close(): void;
}

export function createStreams(feed: StreamFeed): Streams {
  const open = new Set<Client>();
  let closed = false;

  const handler: Streams['handler'] = (mayStay) => async (req, res) => {
    rejectUnknownParams(req, []);
    if (closed || open.size >= LIMITS.streams) {
      const why = closed ? STOPPING : `${open.size} streams are open already.`;
      return sendProblem(res, 503, why, { 'Retry-After': `${LIMITS.retryAfterS}` });
    }
    const client = new Client(res, feed, () => mayStay(req));
    open.add(client);
    res.once('close', () => {
      open.delete(client);
      client.end();
    });
    try {
      await client.begin(req.get('Last-Event-ID') ?? null);
    } catch (error) {
      open.delete(client);
      throw error;
    }
  };

  return {
    handler,
    close() {
      closed = true;
      for (const client of open) client.end();
    },
  };
}

class Client {
  readonly #res: Response;
  readonly #feed: StreamFeed;
  readonly #mayStay: () => boolean;
  #leave: (() => void) | null = null;
  #heart: NodeJS.Timeout | undefined;
  #ended = false;
  /**
   * Since when it is behind (`performance.now()`): frames are dropped until its buffer is empty.
   */
  #behindSince: number | null = null;

  constructor(res: Response, feed: StreamFeed, mayStay: () => boolean) {
    this.#res = res;
    this.#feed = feed;
    this.#mayStay = mayStay;
  }

  async begin(lastId: string | null): Promise<void> {
    const leave = await this.#feed.subscribe((frame) => this.#send(frame), lastId);
    this.#leave = leave;
    // It may have disconnected meanwhile.
    if (this.#ended) return leave();
    this.#heart = setInterval(() => this.#beat(), LIMITS.streamBeatMs);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#heart);
    this.#leave?.();
    if (this.#res.headersSent) this.#res.end();
    else sendProblem(this.#res, 503, STOPPING);
  }

  #send(frame: StreamFrame): void {
    if (this.#ended) return;
    if (!this.#res.headersSent) this.#head();
    if (this.#behindSince !== null) this.#seeWhetherBehind();
    else if (this.#res.writableLength > LIMITS.streamBytes) this.#behindSince = performance.now();
    else this.#write(frame);
  }

  #head(): void {
    this.#res.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      // Proxies such as nginx buffer what they are not told to pass on at once.
      'X-Accel-Buffering': 'no',
    });
    this.#res.write(`retry: ${LIMITS.streamRetryMs}\n\n`);
  }

  #write({ event, id, data }: StreamFrame): void {
    const head = id === null ? '' : `id: ${id}\n`;
    this.#res.write(`${head}event: ${event}\ndata: ${data}\n\n`);
  }

  #beat(): void {
    if (!this.#mayStay()) this.end();
    else if (this.#behindSince !== null) this.#seeWhetherBehind();
    // A browser's EventSource ignores the comment, but not the event.
    else this.#res.write(': still here\n\nevent: alive\ndata: {}\n\n');
  }

  #seeWhetherBehind(): void {
    const since = this.#behindSince;
    if (since === null) return;
    if (this.#res.writableLength === 0) {
      this.#behindSince = null;
      this.#write({ event: 'gap', id: this.#feed.position(), data: '{}' });
    } else if (performance.now() - since > LIMITS.streamBehindMs) {
      this.#res.destroy();
    }
  }
}
