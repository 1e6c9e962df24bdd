// Forwarding for one daemon; null if it is not configured.

import { Forwarder, type ForwarderState } from '../ingress/forwarder.ts';
import type { Metrics } from '../metrics.ts';
import type { Clock, Forwards, QueueCounts } from '../ports.ts';
import { redactUrl } from '../urls.ts';
import type { ServiceOptions } from './options.ts';

export interface Forwarding {
  readonly enqueue: Forwarder['enqueue'];
  /** Starts forwarding. */
  run(): void;
  view(): Promise<ForwardView>;
  stop(graceMs: number): Promise<void>;
}

export interface ForwardView extends ForwarderState {
  /** Scheme, host and path. */
  readonly target: string;
  readonly queue: QueueCounts;
}

export function wireForward(
  { config, identity, log }: ServiceOptions,
  clock: Clock,
  parts: { readonly metrics: Metrics; readonly forwards: () => Forwards },
): Forwarding | null {
  const { forwardUrl } = config;
  if (forwardUrl === null) return null;
  const queue = parts.forwards();
  const target = redactUrl(forwardUrl);
  const forwarder = new Forwarder({
    url: forwardUrl,
    signature: config.forwardSignature,
    authToken: identity.authToken,
    label: target,
    queue,
    clock,
    log: log.child({ part: 'forward' }),
    onOutcome: (what) => parts.metrics.forwarded(what),
  });
  return {
    enqueue: (delivery) => forwarder.enqueue(delivery),
    run: () => queue.consume((forward) => forwarder.send(forward)),
    view: async () => ({ target, ...forwarder.state(), queue: await queue.counts() }),
    stop: (graceMs) => queue.close(graceMs),
  };
}
