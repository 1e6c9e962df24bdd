// What headroom holds in a scope: the Worker Channels that a release restores, those that keep a
// person's edit, and those that stay because their baseline is unknown.

import type { WorkerState } from '../core/state.ts';
import type { ControlDeps } from './deps.ts';
import type { Scope } from './pauses.ts';

export interface HeldChannel {
  readonly worker: string;
  readonly friendlyName: string | null;
  readonly channel: string;
}

export interface Holdings {
  /** How many Worker Channels are restored to their baselines. */
  readonly channels: number;
  /** Left as a person set them. */
  readonly edits: readonly HeldChannel[];
  /** Left as they are, because their baseline is unknown. */
  readonly unknown: readonly HeldChannel[];
  /** How many more entries there are than the two lists show. */
  readonly more: number;
}

/** Entries of each list. */
const SHOWN = 200;

export async function holdings(scope: Scope, deps: ControlDeps): Promise<Holdings> {
  const edits: HeldChannel[] = [];
  const unknown: HeldChannel[] = [];
  let channels = 0;
  for await (const state of inScope(scope, deps)) {
    for (const [channel, how] of heldBy(state, scope, deps)) {
      const held = { worker: state.sid, friendlyName: state.name?.value ?? null, channel };
      if (how === 'edit') edits.push(held);
      else if (how === 'unknown') unknown.push(held);
      else channels += 1;
    }
  }
  const more = Math.max(0, edits.length - SHOWN) + Math.max(0, unknown.length - SHOWN);
  return { channels, edits: edits.slice(0, SHOWN), unknown: unknown.slice(0, SHOWN), more };
}

async function* inScope(scope: Scope, deps: ControlDeps): AsyncGenerator<WorkerState> {
  if (scope.worker !== null) {
    const found = await deps.records.load(scope.worker);
    if (found !== null) yield found.state;
    return;
  }
  yield* deps.records.all();
}

type How = 'back' | 'edit' | 'unknown';

function heldBy(
  state: WorkerState,
  { channel: only }: Scope,
  deps: ControlDeps,
): readonly (readonly [string, How])[] {
  const at = deps.clock.now();
  const declared = deps.rules()?.defaults.baseline;
  return Object.entries(state.channels).flatMap(
    ([channel, { capacity, available }]): [string, How][] => {
      const held = [capacity, available].filter(({ baseline }) => baseline !== null);
      if (held.length === 0 || (only !== null && only !== channel)) return [];
      const edited = held.some(({ edit }) => edit !== null && (edit.until ?? at + 1) > at);
      if (edited) return [[channel, 'edit']];
      const lost = held.some(({ baseline }) => baseline === 'unknown') && !declared?.has(channel);
      return [[channel, lost ? 'unknown' : 'back']];
    },
  );
}
