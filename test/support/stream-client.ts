// A client of `GET /api/v1/stream` that reads like a browser's EventSource and keeps what it got.

import { waitFor } from './wait.ts';

export interface ReceivedEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: unknown;
}

export interface StreamClient {
  readonly status: number;
  readonly contentType: string | null;
  /** Everything so far, oldest first. */
  readonly received: readonly ReceivedEvent[];
  /** Comments, which the server sends as signs of life. */
  readonly heartbeats: readonly string[];
  /** The last id that the server sent. */
  lastId(): string | null;
  /** The data of this event so far, arrays flattened. */
  dataOf<T>(event: string): T[];
  waitUntil(what: string, holds: () => boolean): Promise<unknown>;
  /** Resolves once the server has ended it. */
  readonly ended: Promise<void>;
  close(): void;
}

export async function openStreamClient(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<StreamClient> {
  const cut = new AbortController();
  const response = await fetch(url, { headers, signal: cut.signal });
  const received: ReceivedEvent[] = [];
  const beats: string[] = [];
  const read = async () => {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      rest += decoder.decode(chunk, { stream: true });
      const blocks = rest.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) take(block);
    }
  };
  const take = (block: string) => {
    const fields = new Map(
      block.split('\n').map((line): [string, string] => {
        const at = line.indexOf(': ');
        return [line.slice(0, at), line.slice(at + 2)];
      }),
    );
    const [event, data] = [fields.get('event'), fields.get('data')];
    if (event !== undefined && data !== undefined) {
      received.push({ event, id: fields.get('id') ?? null, data: JSON.parse(data) });
    } else if (block.startsWith(':')) beats.push(block);
  };
  // Closed by us or by the server: either way it is over.
  const ended = read().catch(() => undefined);
  return {
    status: response.status,
    contentType: response.headers.get('content-type'),
    received,
    heartbeats: beats,
    lastId: () => received.reduce<string | null>((last, { id }) => id ?? last, null),
    dataOf: <T>(event: string) =>
      received.filter((each) => each.event === event).flatMap(({ data }) => data as T[]),
    waitUntil: (what, holds) => waitFor(`heard: ${what}`, holds, 30_000),
    ended,
    close: () => cut.abort(),
  };
}
