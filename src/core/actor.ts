// Who changed a Worker Channel. A delivery does not say; TaskRouter's event history does, up to a
// minute later. So what is known about the event is kept until a read finds the edit, and what is
// known about the edit until the history names its author.

import type { Actor, ChannelEvent } from './event.types.ts';
import { MAX_CLOCK_SKEW_MS } from './instants.ts';
import {
  type ChannelState,
  channelIn,
  type DetectedEdit,
  type Field,
  type ForeignEvent,
  type WorkerState,
  withChannel,
} from './state.ts';

const MAX_TEXT_LENGTH = 80;

/** In a few words, e.g. `user Sam`; `worker` is the Worker whose channel it is. */
export function actorText({ type, sid }: Actor, worker: string): string {
  if (type === 'worker' && sid === worker) return 'the Worker';
  const plain = `${type} ${sid}`.replaceAll(/[^\p{L}\p{N}\p{P} +]/gu, '').trim();
  return plain.length > MAX_TEXT_LENGTH ? `${plain.slice(0, MAX_TEXT_LENGTH)}…` : plain;
}

export function fieldOf({ type }: ChannelEvent): Field {
  return type === 'worker.capacity.update' ? 'capacity' : 'available';
}

/** Keeps the newest event of a field since its last read; a second copy may name the author. */
export function withForeignEvent(
  { tellers = {} }: Pick<ChannelState, 'tellers'>,
  { sid, at, by }: Pick<ChannelEvent, 'sid' | 'at' | 'by'>,
  field: Field,
): NonNullable<ChannelState['tellers']> {
  const known = tellers[field];
  const foreign: ForeignEvent = { event: sid, at, by: by ?? null };
  if (known?.event === sid)
    return { ...tellers, [field]: { ...known, by: known.by ?? foreign.by } };
  const older = known !== undefined && (known.at - at || (known.event < sid ? -1 : 1)) > 0;
  return older ? tellers : { ...tellers, [field]: foreign };
}

/** An edit that a read found just now, with what is known about its author. */
export function newDetectedEdit(
  { tellers, observed }: Pick<ChannelState, 'tellers' | 'observed'>,
  field: Field,
  change: Pick<DetectedEdit, 'from' | 'to' | 'at'>,
): DetectedEdit {
  const { event, at, by } = tellers?.[field] ?? { event: null, at: null, by: null };
  const lastEvent = event === null || at === null ? null : { event, at };
  return { ...change, since: observed?.asOf ?? change.at, told: lastEvent, by };
}

/**
 * Applies what the history says about an event that was absorbed before. `edited`: the edit whose
 * author is now known. `ours`: the event is the echo of our own write, so nothing more has to be
 * asked about it.
 */
export function attributeEdit(
  state: WorkerState,
  event: ChannelEvent,
): { readonly state: WorkerState; readonly edited: DetectedEdit | null; readonly ours: boolean } {
  const channel = channelIn(state, event.channel);
  const nothing = { state, edited: null, ours: false };
  if (channel === undefined || event.by === undefined) return nothing;
  if (isEcho(channel, event.sid)) return { ...nothing, ours: true };
  const field = fieldOf(event);
  const teller = channel.tellers?.[field];
  if (teller?.event === event.sid && teller.by === null) {
    const tellers = withForeignEvent(channel, event, field);
    return { ...nothing, state: withChannel(state, event.channel, { tellers }) };
  }
  const edit = channel.edited?.[field];
  if (edit === undefined || !isEventOfEdit(edit, event)) return nothing;
  if (edit.told?.event === event.sid && edit.by !== null) return nothing;
  const edited = { ...edit, told: { event: event.sid, at: event.at }, by: event.by };
  const all = { ...channel.edited, [field]: edited };
  return { ...nothing, state: withChannel(state, event.channel, { edited: all }), edited };
}

export function isEcho({ intent, writes }: ChannelState, event: string): boolean {
  return (
    (intent?.echoed.some((e) => e.event === event) ?? false) || writes.some((w) => w.echo === event)
  );
}

/** The event that caused the read, or a newer one whose change that read already showed. */
function isEventOfEdit({ told, since, at }: DetectedEdit, event: ChannelEvent): boolean {
  if (told?.event === event.sid) return true;
  const after = told === null ? since - MAX_CLOCK_SKEW_MS : told.at;
  return event.at > after && event.at <= at + MAX_CLOCK_SKEW_MS;
}
