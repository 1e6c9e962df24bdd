// From a story to the dialog that holds just that channel, or its Worker.

import { useState } from 'preact/hooks';
import type { Live } from '../live/live.ts';
import type { Session } from '../live/session.ts';
import { useTopics } from '../live/topics.ts';
import { HoldDialog } from './hold.tsx';

interface HoldHereProps {
  readonly live: Live;
  readonly session: Session;
  readonly worker: string;
  readonly channel: string;
}

export function HoldHere({ live, session, worker, channel }: HoldHereProps) {
  const [scope, setScope] = useState<string | null | undefined>(undefined);
  useTopics(session.topics, 'session');
  if (!session.may('supervisor')) return null;
  return (
    <>
      <button type="button" onClick={() => setScope(channel)}>
        Pause or release {channel}…
      </button>
      <button type="button" onClick={() => setScope(null)}>
        Pause or release Worker…
      </button>
      {scope !== undefined && (
        <HoldDialog
          live={live}
          session={session}
          scope={{ rule: null, worker, channel: scope }}
          onClose={() => setScope(undefined)}
        />
      )}
    </>
  );
}
