// Why a Worker's channels are what they are right now: the same explanation as for files, made from
// the Worker's record, with what only the daemon knows: what it holds, what was last done and by
// whom, and what is paused.

import { refusalOf } from '../control/journal.ts';
import type { LimitView, Members } from '../control/members.ts';
import type { Pause, PauseView } from '../control/pauses.ts';
import { pauseView } from '../control/pauses.ts';
import { editorOf, editorOfField } from '../control/views.ts';
import { actorText } from '../core/actor.ts';
import type { World } from '../core/decide.ts';
import { iso } from '../core/instants.ts';
import { REASONS, type Reason } from '../core/reasons.ts';
import type { RuleSet } from '../core/rules.ts';
import {
  channelIn,
  type Edit,
  type Field,
  type FieldState,
  newChannel,
  type WorkerState,
} from '../core/state.ts';
import type { JournalEntry, Store } from '../ports.ts';
import { explain } from '../trial/explain.ts';
import type { ChannelExplained, Explanation, ReasonText } from '../trial/explain.types.ts';

/** One field as headroom holds it; instants are ISO. */
export interface HoldView {
  /** What it goes back to; null: headroom does not hold it. */
  readonly baseline: number | boolean | 'unknown' | null;
  readonly edit: {
    readonly value: number | boolean;
    readonly at: string;
    /** null: until what rules ask changes. */
    readonly until: string | null;
    /** Who made it, e.g. `user Sam`; null: TaskRouter has not reported it yet. */
    readonly by: string | null;
  } | null;
}

export interface LastView {
  readonly at: string;
  readonly actor: string;
  readonly reason: string;
  readonly text: string;
}

export interface LiveChannel extends ChannelExplained {
  readonly holds: { readonly capacity: HoldView; readonly available: HoldView };
  /** The last change of it in the journal, whoever made it; null: none is kept. */
  readonly last: LastView | null;
  readonly lastWrite: string | null;
  readonly paused: PauseView | null;
  /** Why the result is not written now; null: nothing holds it back. */
  readonly refused: { readonly reason: Reason; readonly sentence: string } | null;
  /** A write was sent whose answer is not known yet. */
  readonly unanswered: boolean;
}

export interface LiveExplanation extends Omit<Explanation, 'channels'> {
  readonly channels: readonly LiveChannel[];
  /** The rules with a `limit` that hold for this Worker, and whether they have chosen it. */
  readonly limits: readonly (LimitView & { readonly rule: string; readonly taken: boolean })[];
  /** HEADROOM_MODE=observe: none of it is written. */
  readonly observing: boolean;
}

export interface ExplainRequest {
  readonly state: WorkerState;
  readonly rules: RuleSet;
  readonly world: World;
  readonly at: number;
  readonly observing: boolean;
  readonly over: (channel: string) => Pause | null;
  readonly members: Pick<Members, 'has' | 'view'>;
  readonly store: Store;
}

/** The newest entries that are searched for the last change of each channel. */
const ENTRIES = 200;

export async function explainLive(
  request: ExplainRequest,
  channel?: string,
): Promise<LiveExplanation> {
  const { state, observing } = request;
  const found = explain(request, channel);
  const { entries } = await request.store.readJournal({ limit: ENTRIES, worker: state.sid });
  const channels = found.channels.map((each) => liveChannel(each, request, entries));
  return { ...found, channels, limits: limitsOf(found, request), observing };
}

function limitsOf(found: Explanation, { rules, state, members }: ExplainRequest) {
  const waits = new Set(
    found.silent.filter(({ reason }) => reason === 'limit.waiting').map(({ rule }) => rule),
  );
  return rules.rules.flatMap((rule) => {
    const view = members.view(rule);
    const taken = members.has(rule, state);
    return view !== null && (taken || waits.has(rule.name))
      ? [{ rule: rule.name, taken, ...view }]
      : [];
  });
}

function liveChannel(
  each: ChannelExplained,
  { state, over }: ExplainRequest,
  entries: readonly JournalEntry[],
): LiveChannel {
  const held = channelIn(state, each.channel) ?? newChannel();
  const last = entries.find((e) => e.channel === each.channel && e.to !== null && isChange(e));
  const pause = over(each.channel);
  const who = (field: Field) => {
    const by = editorOfField(held, field);
    return by === null ? null : actorText(by, state.sid);
  };
  return {
    ...each,
    told: withAuthor(each.told, editorOf(state.sid, held)),
    holds: {
      capacity: holdView(held.capacity, who('capacity')),
      available: holdView(held.available, who('available')),
    },
    last: last ? lastView(last) : null,
    lastWrite: held.lastWriteAt === null ? null : iso(held.lastWriteAt),
    paused: pause === null ? null : pauseView(pause),
    refused: refusedView(held.refused),
    unanswered: held.intent !== null,
  };
}

function refusedView(refused: string | null): LiveChannel['refused'] {
  const reason = refusalOf(refused);
  return reason === null ? null : { reason, sentence: REASONS[reason] };
}

/** Whether an entry is a change, not something only observed or attempted. */
export function isChange({ reason }: JournalEntry): boolean {
  return reason !== 'mode.observe' && !reason.startsWith('write.');
}

function lastView({ at, actor, reason, text }: JournalEntry): LastView {
  return { at: iso(at), actor, reason, text };
}

/** The reason with the author's name, if it is known. */
function withAuthor(reason: ReasonText, who: string | null): ReasonText {
  if (reason.reason !== 'person.edit' || who === null) return reason;
  return { ...reason, sentence: `set by ${who}, and respected for now` };
}

function holdView<T extends number | boolean>(
  { baseline, edit }: FieldState<T>,
  by: string | null,
): HoldView {
  return {
    baseline: baseline === null || baseline === 'unknown' ? baseline : baseline.value,
    edit: edit === null ? null : { ...editView(edit), by },
  };
}

function editView({ value, at, until }: Edit<number | boolean>) {
  return { value, at: iso(at), until: until === null ? null : iso(until) };
}
