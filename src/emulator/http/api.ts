/** One REST call as the routes see it, and their answer; parameters are read by name and type. */
import type { Engine } from '../world/engine.ts';
import { invalid, notFound, preconditionFailed } from '../world/refusal.ts';
import type { Space } from '../world/space.ts';

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** Instead of a JSON body. */
  readonly html?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What all routes work on: the engine, and the base address of links. */
export interface ApiContext {
  readonly engine: Engine;
  readonly base: () => string;
  /** By page token, the `seq` at which a list resumes if the token's item is gone by then. */
  readonly pageTokens: Map<string, number>;
}

export type Handler = (call: Call, site: ApiContext) => Answer;

export class Call {
  readonly method: string;
  readonly path: string;
  readonly query: Params;
  readonly form: Params;
  readonly json: unknown;
  /** Why the body could not be parsed as the JSON it claims to be. */
  readonly badJson: string | null;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Values of the path's placeholders. */
  params: Readonly<Record<string, string>> = {};

  constructor(input: {
    method: string;
    path: string;
    query: URLSearchParams;
    form: URLSearchParams;
    json: unknown;
    badJson?: string | null;
    headers: Readonly<Record<string, string | string[] | undefined>>;
  }) {
    this.method = input.method;
    this.path = input.path;
    this.query = new Params(input.query);
    this.form = new Params(input.form);
    this.json = input.json;
    this.badJson = input.badJson ?? null;
    this.headers = input.headers;
  }

  param(name: string): string {
    return this.params[name] ?? '';
  }

  /** The Workspace that the path names. */
  space(site: ApiContext): Space {
    const sid = this.param('workspace');
    const space = site.engine.spaces.get(sid);
    if (space === undefined) throw notFound(`/Workspaces/${sid}`);
    return space;
  }

  /** Refuses a body that claims to be JSON and is not. */
  checkJson(): void {
    if (this.badJson !== null) throw invalid(`The body is no JSON: ${this.badJson}`);
  }

  /** Without the header there is no condition; the tag may be quoted or bare. */
  checkVersion(version: number): void {
    const header = this.headers['if-match'];
    if (typeof header !== 'string' || header === '') return;
    if (header.replace(/^W\//, '').replaceAll('"', '') !== String(version))
      throw preconditionFailed();
  }
}

export class Params {
  readonly #values: URLSearchParams;

  constructor(values: URLSearchParams) {
    this.#values = values;
  }

  /** Undefined when absent; names must match TaskRouter's spelling exactly. */
  text(name: string): string | undefined {
    return this.#values.get(name) ?? undefined;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw invalid(`Missing required parameter ${name}`);
    return value;
  }

  all(name: string): string[] {
    return this.#values.getAll(name);
  }

  int(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^-?\d+$/.test(value.trim())) throw invalid(`Invalid ${name} '${value}': not a number`);
    return Number(value);
  }

  bool(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (value === 'true' || value === '1') return true;
    if (value === 'false' || value === '0') return false;
    throw invalid(`Invalid ${name} '${value}': neither true nor false`);
  }

  date(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const at = Date.parse(value);
    if (Number.isNaN(at)) throw invalid(`Invalid ${name} '${value}': not an ISO 8601 date`);
    return at;
  }

  /**
   * Empty removes it. A URL that nothing can be sent to is refused here; otherwise events would be
   * lost without any explanation.
   */
  webAddress(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined || value === '') return value;
    if (/^https?:\/\//i.test(value) && URL.canParse(value)) return value;
    throw invalid(`Invalid ${name} '${value}': not an http or https URL`);
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = allowed.find((option) => option === value);
    if (found === undefined) throw invalid(`Invalid ${name} '${value}'`);
    return found;
  }

  entries(): [string, string][] {
    return [...this.#values.entries()];
  }
}

export function ok(body: unknown, headers?: Record<string, string>): Answer {
  return headers === undefined ? { status: 200, body } : { status: 200, body, headers };
}

export function created(body: unknown, headers?: Record<string, string>): Answer {
  return { ...ok(body, headers), status: 201 };
}

export function noContent(): Answer {
  return { status: 204 };
}

export function etag(version: number): Record<string, string> {
  return { ETag: `"${version}"` };
}

/** A patch without the parameters that were not sent. */
export function withoutUndefined<T extends object>(
  patch: T,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(patch).filter(([, value]) => value !== undefined),
  ) as never;
}
