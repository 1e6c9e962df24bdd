// A client of `GET /api/v1/stream` that reads like a browser's EventSource and keeps what it got.

import { waitFor } from './wait.ts';

export interface Heard {
  readonly event: string;
  readonly id: string | null;
  readonly data: unknown;
}

export interface Listening {
  readonly status: number;
  readonly contentType: string | null;
  /** Everything so far, oldest first. */
  readonly heard: readonly Heard[];
  /** Comments, which the server sends as signs of life. */
  readonly beats: readonly string[];
  /** The last id that the server sent. */
  lastId(): string | null;
  /** The data of this event so far, arrays flattened. */
  told<T>(event: string): T[];
  hears(what: string, holds: () => boolean): Promise<unknown>;
  /** Resolves once the server has ended it. */
  readonly ended: Promise<void>;
  leave(): void;
}

export async function listenTo(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Listening> {
  const cut = new AbortController();
  const response = await fetch(url, { headers, signal: cut.signal });
  const heard: Heard[] = [];
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
      heard.push({ event, id: fields.get('id') ?? null, data: JSON.parse(data) });
    } else if (block.startsWith(':')) beats.push(block);
  };
  // Closed by us or by the server: either way it is over.
  const ended = read().catch(() => undefined);
  return {
    status: response.status,
    contentType: response.headers.get('content-type'),
    heard,
    beats,
    lastId: () => heard.reduce<string | null>((last, { id }) => id ?? last, null),
    told: <T>(event: string) =>
      heard.filter((each) => each.event === event).flatMap(({ data }) => data as T[]),
    hears: (what, holds) => waitFor(`heard: ${what}`, holds, 30_000),
    ended,
    leave: () => cut.abort(),
  };
}
