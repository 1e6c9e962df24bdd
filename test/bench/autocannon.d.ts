// The part of autocannon that is used here: the package has no types.

declare module 'autocannon' {
  export interface Request {
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  }
  export interface Options {
    readonly url: string;
    readonly method: 'POST';
    readonly connections: number;
    /** Seconds. */
    readonly duration: number;
    readonly requests: readonly {
      /** Called before each request; `context` is passed on to its answer. */
      setupRequest(request: Request, context: Record<string, unknown>): Request;
      onResponse(status: number, body: string, context: Record<string, unknown>): void;
    }[];
  }
  export interface Result {
    /** Seconds, as measured. */
    readonly duration: number;
    readonly errors: number;
    /** Milliseconds. */
    readonly latency: { readonly p50: number; readonly p99: number };
  }
  export default function autocannon(options: Options): Promise<Result>;
}
