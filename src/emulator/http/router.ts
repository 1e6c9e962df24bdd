/**
 * Finds the handler of a path: literal segments take precedence over placeholders; a known path
 * with another method is 405, anything else 404.
 */
import { notFound, Refusal } from '../world/refusal.ts';
import type { Handler } from './api.ts';

export type Method = 'GET' | 'POST' | 'DELETE';
export interface Route {
  readonly method: Method;
  /** `/Workspaces/:workspace/Workers/:worker` */
  readonly pattern: string;
  readonly handler: Handler;
}

export function route(method: Method, pattern: string, handler: Handler): Route {
  return { method, pattern, handler };
}

export class Router {
  readonly #routes: readonly (Route & { segments: readonly string[] })[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes
      .map((entry) => ({ ...entry, segments: entry.pattern.split('/').slice(1) }))
      .sort((a, b) => placeholders(a.segments) - placeholders(b.segments));
  }

  find(method: string, path: string): { handler: Handler; params: Record<string, string> } {
    const segments = path.split('/').slice(1).map(decode);
    let known = false;
    for (const entry of this.#routes) {
      const params = match(entry.segments, segments);
      if (params === null) continue;
      if (entry.method === method) return { handler: entry.handler, params };
      known = true;
    }
    if (known) throw new Refusal(405, 20004, `Method ${method} is not allowed for ${path}`);
    throw notFound(path);
  }
}

function match(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = segment;
    else if (part !== segment) return null;
  }
  return Object.values(params).includes('') ? null : params;
}

function placeholders(segments: readonly string[]): number {
  return segments.filter((segment) => segment.startsWith(':')).length;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
