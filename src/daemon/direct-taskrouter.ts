// TaskRouter for commands without a daemon: the same gateway at the same rate, without a shared
// budget.

import type { Config } from '../config.ts';
import type { Clock, Gateway } from '../ports.ts';
import { createBudget, paceOf } from '../taskrouter/budget.ts';
import { createGateway, type GatewayOptions } from '../taskrouter/gateway.ts';
import { openWorkspace, type WorkspaceAccess } from '../taskrouter/workspace.ts';

export interface DirectTaskRouter {
  readonly workspace: WorkspaceAccess;
  readonly gateway: Gateway;
  close(): void;
}

/** null: account, token or Workspace is not configured. */
export function openDirectTaskRouter(config: Config): DirectTaskRouter | null {
  const { accountSid, authToken, workspaceSid, apiKey, baseUrl, edge, region } = config;
  if (accountSid === null || authToken === null || workspaceSid === null) return null;
  const clock = { now: () => Date.now() };
  const pace = paceOf(config.rate);
  const budget = createBudget({ take: localPacer(pace, clock), rate: config.rate, clock });
  const options: GatewayOptions = {
    username: apiKey?.sid ?? accountSid,
    password: apiKey?.secret.reveal() ?? authToken.reveal(),
    ...{ accountSid, workspaceSid, baseUrl, edge, region },
    beforeCall: (urgency, away) => budget.acquire(urgency, away),
    onThrottled: (waitMs) => budget.pauseUntil(clock.now() + waitMs),
    clock,
  };
  const workspace = openWorkspace(options);
  const gateway = createGateway(options);
  return {
    workspace,
    gateway,
    close() {
      workspace.close();
      gateway.close();
      budget.close();
    },
  };
}

/** Within HEADROOM_RATE by itself: what a daemon calls meanwhile is not counted. */
function localPacer(
  { limit, windowMs }: { readonly limit: number; readonly windowMs: number },
  clock: Clock,
): () => Promise<number> {
  let [opens, used] = [0, 0];
  return async () => {
    const now = clock.now();
    if (now >= opens + windowMs) [opens, used] = [now, 0];
    if (used >= limit) [opens, used] = [opens + windowMs, 0];
    used += 1;
    return Math.max(0, opens - now);
  };
}
