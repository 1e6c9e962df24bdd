// The state of one Worker Channel and how much it needs a person's attention: pure, from the API's
// view of it. State is shown by shape and word; colour only repeats it.

import type { ChannelView, WorkerView } from '../live/types.ts';
import { isolateBidi } from '../ui/names.ts';

export type State = 'unread' | 'draining' | 'paused' | 'closed' | 'full' | 'open';
export type Holder = 'rule' | 'person' | 'guardrail' | 'baseline';

export interface ChannelStatus {
  readonly state: State;
  readonly holder: Holder;
  /** Who or what holds it, in short: the rules' names, `person`, the guardrail. */
  readonly by: string;
  /** 0: nothing to see. From `ATTENTION` on a person should look. */
  readonly weight: number;
}

export const ATTENTION = 4;

const STATES: Readonly<Record<State, string>> = {
  unread: 'not read yet',
  draining: 'draining: more assigned than its capacity',
  paused: 'paused',
  closed: 'closed: capacity 0',
  full: 'full',
  open: 'open',
};

const HELD_BACK: Readonly<Record<string, string>> = {
  'channel.contested': 'contested',
  'dwell.waiting': 'min_dwell',
  'keep_open.floor': 'keep_open',
  'max_change.spent': 'max_change',
  'bounds.clamped': 'bounds',
  'write.throttled': 'the rate limit',
  'write.failed': 'a failed write',
  'write.refused': 'rejected credentials',
  'write.gone': 'a failed write',
  'write.invalid': 'a rejected value',
};

export function channelStatusOf(channel: ChannelView, available: boolean | null): ChannelStatus {
  const state = stateOf(channel);
  const { holder, by } = holderOf(channel);
  return { state, holder, by, weight: weightOf(channel, state, holder, available) };
}

function stateOf({ capacity, available, assigned }: ChannelView): State {
  if (capacity === null || available === null) return 'unread';
  if (assigned > capacity) return 'draining';
  if (!available) return 'paused';
  if (capacity === 0) return 'closed';
  return assigned === capacity ? 'full' : 'open';
}

function holderOf({ heldBy, actor, rules, refused }: ChannelView): { holder: Holder; by: string } {
  if (refused !== null) return { holder: 'guardrail', by: HELD_BACK[refused] ?? refused };
  if (heldBy === 'person') return { holder: 'person', by: whoOf(actor) };
  if (heldBy === 'rule')
    return { holder: 'rule', by: rules.length > 0 ? rules.join(', ') : 'rule' };
  return { holder: 'baseline', by: 'baseline' };
}

/** An identifier means nothing to a viewer of the floor; the story and the journal show it. */
function whoOf(actor: string | null): string {
  return actor === null || /[A-Z]{2}[0-9a-f]{32}/.test(actor) ? 'person' : actor;
}

function weightOf(
  { refused }: ChannelView,
  state: State,
  holder: Holder,
  available: boolean | null,
): number {
  if (refused === 'channel.contested') return 6;
  if (state === 'draining') return 5;
  if (refused !== null && refused !== 'dwell.waiting') return ATTENTION;
  if (holder === 'person') return 3;
  if (available && state === 'full') return 2;
  if (available && state === 'paused') return 1.5;
  return available ? 1 : 0;
}

/** A cell's text for screen readers, and for finding it. */
export function accessibleLabel(
  worker: WorkerView,
  channel: ChannelView,
  standing: ChannelStatus,
): string {
  const { capacity, assigned } = channel;
  const amount = capacity === null ? '' : `${assigned} of ${capacity}, `;
  return `${nameOf(worker)}, ${channel.channel}: ${amount}${STATES[standing.state]}, ${heldText(standing)}`;
}

function heldText({ holder, by }: ChannelStatus): string {
  switch (holder) {
    case 'rule':
      return `set by ${by}`;
    case 'person':
      return by === 'person' ? 'set by a person' : `set by ${by}`;
    case 'guardrail':
      return by === 'contested' ? 'contested' : `held back by ${by}`;
    case 'baseline':
      return 'at its baseline';
  }
}

export function nameOf({ friendlyName, sid }: Pick<WorkerView, 'friendlyName' | 'sid'>): string {
  return isolateBidi(friendlyName ?? sid);
}
