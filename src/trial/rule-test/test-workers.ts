// Who takes part in one rule test: its Workers with their Worker Channels, and which Workers a name
// in the test means.

import { oneOf, quote, suggestion } from '../../language/diagnostic.ts';
import type { Entry, SourceValue } from '../../language/source-value.ts';
import type { TestDraft } from './file.ts';
import type { Names } from './names.ts';
import { type ChannelSpec, channelSpec, type Placed, plain } from './values.ts';
import type { WorkerSpec } from './worker-records.ts';
import type { WorkerDraft } from './workers-and-world.ts';

export interface TestWorkers {
  readonly members: readonly WorkerSpec[];
  /** Whether they are all the Workers there are, so that limits and group guardrails apply. */
  readonly complete: boolean;
  /** Every channel that the rules name or a Worker has. */
  readonly channels: readonly string[];
}

/** The name of a test's only Worker if the test gives none. */
const DEFAULT_WORKER_NAME = 'worker';

export function testWorkersOf({ worker, world, spot }: TestDraft, names: Names): TestWorkers {
  const several = world?.workers ?? null;
  if (several !== null && worker !== null) {
    const message = 'the test has "worker" and "world.workers", expected one of them';
    worker.spot.report('key.conflict', message);
  }
  const drafts = several ?? [worker ?? emptyWorker(spot)];
  const members = drafts.map((draft) => specOf(draft, names, several !== null));
  const seen = new Set<string>();
  for (const [n, { sid }] of members.entries()) {
    if (seen.has(sid)) {
      const at = drafts[n]?.sid?.spot ?? spot;
      at.report('test.worker', `there are two Workers ${quote(sid)}, expected each once`);
    }
    seen.add(sid);
  }
  const channels = new Set([...names.channels, ...members.flatMap((m) => [...m.channels.keys()])]);
  return { members, complete: several !== null, channels: [...channels] };
}

function emptyWorker(spot: SourceValue): WorkerDraft {
  return {
    spot,
    sid: null,
    friendlyName: null,
    activity: null,
    channels: [],
    attributes: {},
    others: [],
  };
}

function specOf(draft: WorkerDraft, names: Names, several: boolean): WorkerSpec {
  if (several && draft.sid === null) {
    draft.spot.report('key.missing', 'a Worker here has no "sid", expected a name for it');
  }
  const home = (name: string) => names.baseline.get(name) ?? 1;
  const channels = new Map<string, ChannelSpec>(
    [...names.channels].map((name) => [name, { capacity: home(name) }]),
  );
  const attributes: Record<string, unknown> = { ...draft.attributes };
  const set = (name: string, spec: ChannelSpec | 'none') => {
    if (spec === 'none') channels.delete(name);
    else channels.set(name, { capacity: home(name), ...spec });
  };
  for (const entry of draft.others) {
    if (!isChannel(entry, names)) attributes[entry.name] = plain(entry.value);
    else {
      const spec = channelSpec.read(entry.value);
      if (spec !== undefined) set(entry.name, spec);
    }
  }
  for (const { key, value } of draft.channels) set(key, value);
  return {
    sid: draft.sid?.value ?? DEFAULT_WORKER_NAME,
    friendlyName: draft.friendlyName,
    activity: draft.activity,
    channels,
    attributes,
  };
}

/** Whether an entry among attributes is a channel of the rules, as in `chat: { assigned: 2 }`. */
function isChannel({ name, at, value }: Entry, names: Names): boolean {
  const fields = value.entries().map((field) => field.name);
  const written = fields.length > 0 && fields.every((field) => CHANNEL_FIELDS.includes(field));
  if (names.channels.has(name)) return written || value.kind === 'number' || isWord(value);
  if (written) {
    const end = suggestion(name, [...names.channels]);
    const message = `no rule names a channel ${quote(name)}${end}`;
    at.report('test.channel', `${message}; put another channel under "channels"`);
  }
  return false;
}

const CHANNEL_FIELDS = ['capacity', 'available', 'assigned'];

function isWord({ value }: SourceValue): boolean {
  return value === 'pause' || value === 'open' || value === 'none';
}

/** The Workers that are meant; empty: none, which has been reported. */
export function matchWorkers(
  name: Placed<string> | null,
  { members }: TestWorkers,
): readonly string[] {
  const sids = members.map(({ sid }) => sid);
  if (name === null || sids.includes(name.value)) return name === null ? sids : [name.value];
  const end = suggestion(name.value, sids);
  name.spot.report('test.worker', `there is no Worker ${quote(name.value)} in this test${end}`);
  return [];
}

/** The one Worker that is meant, where only one is allowed. */
export function matchOneWorker(
  name: Placed<string> | null,
  spot: SourceValue,
  workers: TestWorkers,
): string | null {
  const sids = matchWorkers(name, workers);
  if (sids.length <= 1) return sids[0] ?? null;
  const message = `the Worker is not named, expected "worker": ${oneOf(sids)}`;
  spot.report('test.worker', message);
  return null;
}
