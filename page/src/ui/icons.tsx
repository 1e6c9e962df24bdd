// The few shapes that tell states and holders apart without colour.

import type { Holder, State } from '../floor/channel-status.ts';

const STATE_PATHS: Readonly<Record<State, string>> = {
  // A ring.
  open: 'M8 3.2a4.8 4.8 0 1 0 0 9.6a4.8 4.8 0 0 0 0-9.6zm0 1.9a2.9 2.9 0 1 1 0 5.8a2.9 2.9 0 0 1 0-5.8z',
  // A filled disc.
  full: 'M8 3a5 5 0 1 0 0 10a5 5 0 0 0 0-10z',
  // Two bars.
  paused: 'M4 3h3v10H4zM9 3h3v10H9z',
  // A triangle pointing down, over a line.
  draining: 'M2.5 3h11L8 10.5zM3 12h10v2H3z',
  // A bar across.
  closed: 'M2.5 7h11v2.2h-11z',
  // Three dots.
  unread: 'M2 7h2.4v2.4H2zM6.8 7h2.4v2.4H6.8zM11.6 7H14v2.4h-2.4z',
};

const HOLDER_PATHS: Readonly<Record<Holder, string>> = {
  // A square.
  rule: 'M3.5 3.5h9v9h-9z',
  // A head and shoulders.
  person: 'M8 2.5a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 0 0 0-5.6zM2.8 14c0-3 2.2-5 5.2-5s5.2 2 5.2 5z',
  // A shield.
  guardrail: 'M8 1.8l5.4 2v4.4c0 3.2-2.3 5.2-5.4 6.2c-3.1-1-5.4-3-5.4-6.2V3.8z',
  // A line at the bottom.
  baseline: 'M2.5 11.4h11v1.8h-11z',
};

export function StateIcon({ state }: { state: State }) {
  return <Icon path={STATE_PATHS[state]} kind={`state-${state}`} />;
}

export function HolderIcon({ holder }: { holder: Holder }) {
  return <Icon path={HOLDER_PATHS[holder]} kind={`holder-${holder}`} />;
}

export function Icon({ path, kind }: { path: string; kind: string }) {
  return (
    <svg class={`icon ${kind}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={path} fill="currentColor" fill-rule="evenodd" />
    </svg>
  );
}
