// TaskRouter for one daemon: the SDK's gateway behind the call budget that all replicas share.

import type { Config } from '../config.ts';
import { CONTROL_LIMITS } from '../control/deps.ts';
import type { Metrics } from '../metrics.ts';
import type { Clock, Gateway, Store } from '../ports.ts';
import { type Budget, createBudget, paceOf } from '../taskrouter/budget.ts';
import { createGateway } from '../taskrouter/gateway.ts';
import type { Identity } from './options.ts';

export function wireTaskRouter(
  config: Config,
  identity: Identity,
  { store, clock, metrics }: { store: Store; clock: Clock; metrics: Metrics },
): { readonly gateway: Gateway; readonly budget: Budget } {
  const pace = paceOf(config.rate);
  const budget = createBudget({
    take: () => store.takeCall(pace.limit, pace.windowMs),
    rate: config.rate,
    clock,
  });
  const gateway = createGateway({
    username: config.apiKey?.sid ?? identity.accountSid,
    password: config.apiKey?.secret.reveal() ?? identity.authToken,
    accountSid: identity.accountSid,
    workspaceSid: identity.workspaceSid,
    baseUrl: identity.baseUrl,
    edge: config.edge,
    region: config.region,
    timeoutMs: CONTROL_LIMITS.requestTimeoutMs,
    beforeCall: (urgency, away) => budget.acquire(urgency, away),
    onOutcome: (outcome) => metrics.callFinished(outcome),
    onThrottled: (waitMs) => budget.pauseUntil(clock.now() + waitMs),
    clock,
  });
  return { gateway, budget };
}
