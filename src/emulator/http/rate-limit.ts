/**
 * The limit that Twilio publishes for lists filtered by an expression: three a second for each kind
 * of list, per Workspace, as a token bucket.
 */
import { Refusal } from '../world/refusal.ts';
import type { Call } from './api.ts';

const PER_SECOND = 3;

const LIMITED: readonly [collection: string, parameter: string, key: string][] = [
  ['Tasks', 'EvaluateTaskAttributes', 'Task-List-EvaluateTaskAttributes'],
  ['Workers', 'TargetWorkersExpression', 'Worker-List-TargetWorkersExpression'],
  ['TaskQueues', 'EvaluateWorkerAttributes', 'TaskQueue-List-EvaluateWorkerAttributes'],
];

export class RateLimit {
  readonly #now: () => number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Throws a 429; a refused call is neither processed nor counted. */
  check(call: Call): void {
    const [, , , workspace, collection, ...rest] = call.path.split('/');
    const limited = LIMITED.find(
      ([name, parameter]) => name === collection && call.query.text(parameter) !== undefined,
    );
    if (call.method !== 'GET' || rest.length > 0 || limited === undefined) return;
    const key = `${workspace}/${limited[2]}`;
    const now = this.#now();
    const bucket = this.#buckets.get(key) ?? { tokens: PER_SECOND, at: now };
    const refilled = bucket.tokens + ((now - bucket.at) / 1000) * PER_SECOND;
    const tokens = Math.min(PER_SECOND, refilled);
    if (tokens < 1) throw new Refusal(429, 20429, 'Too Many Requests');
    this.#buckets.set(key, { tokens: tokens - 1, at: now });
  }
}
