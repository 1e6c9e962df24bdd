// TaskRouter without a daemon, for commands that look at it once: the same gateway, with nobody to
// share a budget with.

import type { Config } from './config.ts';
import type { Gateway } from './ports.ts';
import { createGateway, type GatewayOptions } from './taskrouter/gateway.ts';
import { openWorkspace, type WorkspaceAccess } from './taskrouter/workspace.ts';

export const TWILIO = 'https://taskrouter.twilio.com';

export interface Direct {
  readonly workspace: WorkspaceAccess;
  readonly gateway: Gateway;
  close(): void;
}

/** null where account or Workspace is not configured. */
export function openDirect(config: Config): Direct | null {
  const { accountSid, authToken, workspaceSid, apiKey, baseUrl, edge, region } = config;
  if (accountSid === null || authToken === null || workspaceSid === null) return null;
  const options: GatewayOptions = {
    username: apiKey?.sid ?? accountSid,
    password: apiKey?.secret.reveal() ?? authToken.reveal(),
    ...{ accountSid, workspaceSid, baseUrl, edge, region },
    beforeCall: async () => {},
    clock: { now: () => Date.now() },
  };
  const workspace = openWorkspace(options);
  const gateway = createGateway(options);
  return {
    workspace,
    gateway,
    close() {
      workspace.close();
      gateway.close();
    },
  };
}
