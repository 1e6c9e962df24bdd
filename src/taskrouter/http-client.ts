// The transport below the SDK: sends each request to the configured TaskRouter, over sockets that
// are kept open, with one deadline for the whole exchange, and turns every bad answer into a
// `Failure` while its status and headers are still available (the SDK's exceptions drop them).

import http from 'node:http';
import type https from 'node:https';
import twilio from 'twilio';
import type { RequestOptions } from 'twilio/lib/base/RequestClient.js';
import type * as response from 'twilio/lib/http/response.js';
import { type Clock, Failure } from '../ports.ts';
import { failureOfAnswer, failureOfNoAnswer } from './failures.ts';

/** A page of 1000 Workers, each with the 4,096 characters of attributes that TaskRouter allows. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const MAX_SOCKETS = 20;

export interface TransportOptions {
  /** Another TaskRouter, including its path prefix, without a trailing slash; null: Twilio. */
  readonly baseUrl: string | null;
  /** For one exchange, from the first byte sent to the last byte read. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

export class Transport extends twilio.RequestClient {
  readonly #options: TransportOptions;
  readonly #agents: readonly [http.Agent, https.Agent];

  constructor(options: TransportOptions) {
    super({ timeout: options.timeoutMs, keepAlive: true, maxSockets: MAX_SOCKETS });
    this.#options = options;
    // The SDK creates an agent for https only; with a proxy that one has to stay.
    const plain = new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
    this.#agents = [plain, this.axios.defaults.httpsAgent];
    this.axios.defaults.httpAgent = plain;
    this.axios.defaults.maxContentLength = MAX_ANSWER_BYTES;
    // axios' own time-out restarts with every byte that arrives.
    this.axios.interceptors.request.use((config) => {
      config.signal = AbortSignal.timeout(options.timeoutMs);
      return config;
    });
  }

  override async request<T>(options: RequestOptions<T>): Promise<response.default<T>> {
    const { clock, timeoutMs, baseUrl } = this.#options;
    // At the level `debug` the SDK prints whole requests to standard output.
    const { logLevel: _, ...quiet } = options;
    const uri = targetUrl(options.uri, baseUrl);
    const answer = await super.request<T>({ ...quiet, uri }).catch((error: unknown) => {
      throw failureOfNoAnswer(error, timeoutMs);
    });
    const failure = failureOfAnswer({ ...answer, headers: headersOf(answer) }, clock.now());
    if (failure !== null) throw failure;
    explicitDates(answer.body);
    return answer;
  }

  /** Closes every socket; requests in flight fail. */
  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }
}

/**
 * Where a request goes. Next-page addresses come from the answers, so they too are bound to the
 * configured TaskRouter: our credentials are never sent to a host that an answer names.
 */
export function targetUrl(uri: string, baseUrl: string | null): string {
  const requested = new URL(uri);
  if (baseUrl === null) {
    if (requested.protocol === 'https:' && requested.hostname.endsWith('.twilio.com')) return uri;
    throw new Failure('unavailable', `an answer points to ${requested.host}, which is not Twilio`);
  }
  const base = new URL(baseUrl);
  const prefix = base.pathname.replace(/\/+$/, '');
  // The other TaskRouter may or may not include the prefix that it is reached by.
  const known = prefix !== '' && requested.pathname.startsWith(`${prefix}/`);
  return `${base.origin}${known ? '' : prefix}${requested.pathname}${requested.search}`;
}

/** The SDK reads an absent date as the present instant; one that is null stays null. */
function explicitDates(body: unknown): void {
  for (const record of recordsOf(body)) {
    for (const name of ['date_status_changed', 'date_updated', 'date_created'])
      record[name] ??= null;
  }
}

function recordsOf(body: unknown): Record<string, unknown>[] {
  if (!isRecord(body)) return [];
  const listed = Object.values(body).filter(Array.isArray).flat();
  return [body, ...listed.filter(isRecord)];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The SDK's type of an answer omits its headers. */
function headersOf(answer: object): unknown {
  return Reflect.get(answer, 'headers');
}
