// The Workspace's own settings, which the daemon never changes: where it sends its events. For the
// commands that check and set this up.

import { failureOfReading } from './failures.ts';
import { connect, type GatewayOptions } from './gateway.ts';

export interface WorkspaceReading {
  readonly friendlyName: string;
  /** Empty: events are sent nowhere. */
  readonly eventCallbackUrl: string;
  /** Event types, separated by commas; empty: all. */
  readonly eventsFilter: string;
}

export interface WorkspaceAccess {
  read(): Promise<WorkspaceReading>;
  setEventCallbackUrl(url: string): Promise<WorkspaceReading>;
  close(): void;
}

/** Both calls reject with a `Failure`. */
export function openWorkspace(options: GatewayOptions): WorkspaceAccess {
  const { transport, workspace } = connect(options);
  return {
    read: () => reading(workspace.fetch()),
    setEventCallbackUrl: (eventCallbackUrl) => reading(workspace.update({ eventCallbackUrl })),
    close: () => transport.close(),
  };
}

async function reading(
  answer: Promise<{ friendlyName: string; eventCallbackUrl: string; eventsFilter: string }>,
): Promise<WorkspaceReading> {
  try {
    const { friendlyName, eventCallbackUrl, eventsFilter } = await answer;
    return {
      friendlyName,
      eventCallbackUrl: eventCallbackUrl ?? '',
      eventsFilter: eventsFilter ?? '',
    };
  } catch (error) {
    throw failureOfReading(error);
  }
}
