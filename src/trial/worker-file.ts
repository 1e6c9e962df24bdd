// Reads a Worker from a JSON file, for `explain` without a daemon. What the file leaves out is
// unknown, not zero; its mistakes are reported all at once, each with its place.

import { addCounted } from '../core/counted-events.ts';
import type { World } from '../core/decide.ts';
import { parseTarget, type TargetExpression } from '../core/expression.ts';
import type { GroupFacts, Known, QueueFacts } from '../core/facts.ts';
import type { WorkerSid } from '../core/ids.ts';
import type { RuleSet } from '../core/rules.ts';
import { parseSpan, spanMs } from '../core/schedule/span.ts';
import { instantOf } from '../core/schedule/zone.ts';
import {
  type ChannelState,
  type CountedEvent,
  newChannel,
  newWorker,
  type WorkerState,
} from '../core/state.ts';
import { JsonReader } from './json-reader.ts';
import { modeOf } from './situation.ts';

export interface WorkerFile {
  state(at: number): WorkerState;
  world(rules: RuleSet): World;
}

export type ReadWorker =
  | { readonly ok: true; readonly worker: WorkerFile }
  | { readonly ok: false; readonly problems: readonly string[] };

const DAY_MS = 86_400_000;

export function readWorker(text: string): ReadWorker {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, problems: [`it is not JSON: ${(error as Error).message}`] };
  }
  const root = new JsonReader(value, '', []);
  const worker = workerOf(root);
  return root.problems.length > 0 ? { ok: false, problems: root.problems } : { ok: true, worker };
}

const FIELDS = [
  'sid',
  'friendly_name',
  'attributes',
  'activity',
  'channels',
  'queues',
  'groups',
  'events',
] as const;

function workerOf(root: JsonReader): WorkerFile {
  root.onlyKeys(FIELDS, 'what rules call worker.… belongs under "attributes"');
  const sid = root.optional('sid')?.text() ?? `WK${'0'.repeat(32)}`;
  const name = root.optional('friendly_name')?.text() ?? '';
  const attributes = root.required('attributes')?.record() ?? {};
  const activity = root.optional('activity')?.as(activityOf) ?? null;
  const channels = root.required('channels')?.entries(channelOf) ?? [];
  const queues = new Map(root.optional('queues')?.entries(queueOf) ?? []);
  const groups = new Map(root.optional('groups')?.entries(groupOf) ?? []);
  const events = root.optional('events')?.items(eventOf) ?? null;
  return {
    state: (at) => {
      const since = activity?.since ?? at - DAY_MS;
      const long = Math.min(at, since) - DAY_MS;
      const event = { at: long, sid: '' };
      return {
        ...newWorker(sid as WorkerSid, events === null ? at : 0),
        name: name === '' ? null : { ...event, value: name },
        attributes: { ...event, value: attributes },
        activities:
          activity === null
            ? []
            : [{ ...event, at: since, activity: activity.name, ...activity.known }],
        channels: Object.fromEntries(channels.map(([key, each]) => [key, stateOf(each, at)])),
        reservations: Object.fromEntries(
          channels.flatMap(([key, each]) => inHand(key, each, long)),
        ),
        counted: (events ?? []).reduce(addCounted, []),
        listedAt: long,
      };
    },
    world: (rules) => ({
      directory: { activities: {} },
      queue: (asked) => queues.get(asked)?.facts ?? unknown(`the TaskQueue "${asked}"`),
      group: (asked) => groups.get(asked) ?? unknown(`the group "${asked}"`),
      blindUntil: 0,
      queueTarget: (asked) => queues.get(asked)?.target ?? null,
      blocked: () => null,
      modeOf: (rule) => modeOf(rule, rules),
    }),
  };
}

function unknown(what: string) {
  return { unknown: `the file says nothing about ${what}` };
}

function activityOf(read: JsonReader) {
  read.onlyKeys(['name', 'available', 'since']);
  const name = read.required('name')?.text() ?? '';
  const available = read.optional('available')?.boolean() ?? null;
  return { name, known: { name, available }, since: read.optional('since')?.as(instant) ?? null };
}

function instant(read: JsonReader): number {
  const text = read.text();
  const at = instantOf(text, 'UTC');
  if (at === null) read.report(`"${text}"`, 'an instant such as "2026-06-10T09:00:00Z"');
  return at ?? 0;
}

interface ChannelGiven {
  readonly capacity: number;
  readonly available: boolean;
  readonly assigned: number;
}

/** `{ "chat": 2 }` is short for a capacity, as in rule tests. */
function channelOf(read: JsonReader): ChannelGiven {
  if (read.isNumber()) return { capacity: read.wholeNumber(), available: true, assigned: 0 };
  read.onlyKeys(['capacity', 'available', 'assigned']);
  return {
    capacity: read.required('capacity')?.wholeNumber() ?? 0,
    available: read.optional('available')?.boolean() ?? true,
    assigned: read.optional('assigned')?.wholeNumber() ?? 0,
  };
}

function stateOf({ capacity, available, assigned }: ChannelGiven, at: number): ChannelState {
  const free = { baseline: null, claimed: false, edit: null, seenFree: true } as const;
  const observed = { capacity, available, assigned, asOf: at };
  return { ...newChannel(), stale: false, observed, capacity: free, available: free };
}

function inHand(channel: string, { assigned }: ChannelGiven, at: number) {
  return Array.from({ length: assigned }, (_, n) => [
    `${channel} ${n}`,
    { status: 'accepted', channel, at } as const,
  ]);
}

interface QueueGiven {
  readonly facts: QueueFacts;
  readonly target: TargetExpression | null;
}

function queueOf(read: JsonReader, name: string): QueueGiven {
  read.onlyKeys(['waiting', 'longest_wait', 'eligible', 'available_workers', 'target_workers']);
  const part = (key: string) => given(read, key, `${key} of the TaskQueue "${name}"`);
  return {
    facts: {
      waiting: part('waiting'),
      longestWaitMs:
        read.optional('longest_wait')?.as(duration) ?? unknown(`longest_wait of "${name}"`),
      eligible: part('eligible'),
      availableWorkers: part('available_workers'),
    },
    target: read.optional('target_workers')?.as(target) ?? null,
  };
}

function given(read: JsonReader, key: string, what: string): Known<number> {
  return read.optional(key)?.number() ?? unknown(what);
}

function duration(read: JsonReader): number {
  const text = read.text();
  const span = parseSpan(text);
  if (span === null) read.report(`"${text}"`, 'a duration such as "90s" or "4m"');
  return span === null ? 0 : spanMs(span);
}

function target(read: JsonReader): TargetExpression | null {
  const parsed = parseTarget(read.text());
  if (parsed.ok) return parsed.expression;
  read.report('not a valid expression', `a TaskRouter expression: ${parsed.error.message}`);
  return null;
}

function groupOf(read: JsonReader, name: string): GroupFacts {
  read.onlyKeys(['size', 'available', 'load']);
  const part = (key: string) => given(read, key, `${key} of the group "${name}"`);
  return { size: part('size'), available: part('available'), load: part('load') };
}

function eventOf(read: JsonReader, index: number): CountedEvent {
  read.onlyKeys(['type', 'at', 'reservation']);
  return {
    type: read.required('type')?.text() ?? '',
    at: read.required('at')?.as(instant) ?? 0,
    reservation: read.optional('reservation')?.text() ?? `event ${index}`,
  };
}
