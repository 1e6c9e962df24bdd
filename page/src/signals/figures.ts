// What the charts of the signals show, and the same in words: pure.

import type {
  Entry,
  LineView,
  QueueSignal,
  RuleSignal,
  SignalsView,
  WorkerView,
} from '../live/types.ts';
import { clock, durationText } from '../ui/time.ts';

export type Field = LineView['field'];

/** The field's index in a point. */
const PLACES: Readonly<Record<Field, 1 | 2 | 3 | 4>> = {
  waiting: 1,
  longest_wait: 2,
  eligible: 3,
  available_workers: 4,
};

export const FIELD_WORDS: Readonly<Record<Field, string>> = {
  waiting: 'Tasks waiting',
  longest_wait: 'Longest wait (min)',
  eligible: 'Eligible Workers',
  available_workers: 'Available Workers',
};

/** Which numbers of the TaskQueue its rules compare; `waiting` if they compare none. */
export function fieldsOf({ lines }: QueueSignal): readonly Field[] {
  const fields = [...new Set(lines.map(({ field }) => field))];
  return fields.length === 0 ? ['waiting'] : fields;
}

/** In the unit that is shown: waits in minutes. */
export function shownValue(field: Field, value: number): number {
  return field === 'longest_wait' ? value / 60_000 : value;
}

const GAP_MS = 150_000;

/** Times and values; where minutes are missing, a null instead of a guess. */
export function seriesOf({ points }: QueueSignal, field: Field) {
  const times: number[] = [];
  const values: (number | null)[] = [];
  let before: number | null = null;
  for (const point of points) {
    if (before !== null && point[0] - before > GAP_MS) {
      times.push(before + 60_000);
      values.push(null);
    }
    times.push(point[0]);
    values.push(shownValue(field, point[PLACES[field]]));
    before = point[0];
  }
  return { times, values };
}

export function queueSummary(signal: QueueSignal, field: Field, rules: readonly RuleSignal[]) {
  const { times, values } = seriesOf(signal, field);
  const known = values.flatMap((value, i) => (value === null ? [] : [[times[i] ?? 0, value]]));
  const last = known.at(-1);
  if (last === undefined) return `${signal.queue}, ${FIELD_WORDS[field]}: no data yet.`;
  const top = known.reduce((a, b) => ((b[1] ?? 0) > (a[1] ?? 0) ? b : a));
  const held = rules.filter(({ queues }) => queues.includes(signal.queue)).map(holdText);
  return `${signal.queue}, ${FIELD_WORDS[field]}: ${amount(last[1])} at ${clock(last[0] ?? 0)}, peak ${amount(top[1])} at ${clock(top[0] ?? 0)}. ${held.join(' ')}`.trim();
}

function amount(n = 0): string {
  return `${Number(n.toFixed(1))}`;
}

/** The newest value, or a dash if none is known now. */
export function lastValueText(signal: QueueSignal, field: Field): string {
  const point = signal.points.at(-1);
  if (point === undefined || signal.unknown !== null) return '–';
  return amount(shownValue(field, point[PLACES[field]]));
}

export function holdText({ rule, holds, bands }: RuleSignal): string {
  if (bands === null) return `${rule} is evaluated for each Worker separately.`;
  const now = holds === null ? '' : holds ? ' Claims now.' : ' Does not claim now.';
  const times = bands.length === 1 ? 'once' : `${bands.length} times`;
  if (bands.length === 0) return `${rule} did not claim.${holds === true ? now : ''}`;
  return `${rule} claimed ${times}.${now}`;
}

export function ageWords({ points }: QueueSignal, now: number): string {
  const last = points.at(-1);
  return last === undefined ? 'no data yet' : `updated ${durationText(now - last[0])} ago`;
}

/** How many Worker Channels each rule decides now, most first. */
export function claimsOf(workers: Iterable<WorkerView>): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { channels } of workers) {
    for (const { rules } of channels) {
      for (const rule of rules) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    }
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

export interface WriteActivity {
  readonly times: readonly number[];
  readonly writes: readonly number[];
  readonly refusals: readonly number[];
}

/** Writes and refusals in steps of `stepMs`, oldest first. */
export function writeActivityOf(
  entries: readonly Entry[],
  { from, to, stepMs }: { readonly from: number; readonly to: number; readonly stepMs: number },
): WriteActivity {
  const first = Math.floor(from / stepMs) * stepMs;
  const times: number[] = [];
  for (let at = first; at < to; at += stepMs) times.push(at);
  const writes = times.map(() => 0);
  const refusals = times.map(() => 0);
  for (const entry of entries) {
    const place = Math.floor((entry.at - first) / stepMs);
    if (place < 0 || place >= times.length) continue;
    if (isWrite(entry)) writes[place] = (writes[place] ?? 0) + 1;
    else if (REFUSALS.includes(entry.reason)) refusals[place] = (refusals[place] ?? 0) + 1;
  }
  return { times, writes, refusals };
}

export function isWrite({ reason, to, actor }: Entry): boolean {
  return to !== null && actor === 'headroom' && WRITES.includes(reason);
}

const WRITES: readonly string[] = [
  'rule.claimed',
  'baseline.restored',
  'person.edit',
  'pause.release',
  'write.done',
];
const REFUSALS: readonly string[] = [
  'dwell.waiting',
  'keep_open.floor',
  'max_change.spent',
  'channel.contested',
  'write.refused',
  'write.invalid',
  'write.failed',
  'write.throttled',
  'write.gone',
];

export function shadedRangesOf(view: SignalsView, queue: string) {
  return view.rules
    .filter(({ queues }) => queues.includes(queue))
    .flatMap(({ bands }) => bands ?? [])
    .map(([from, to]) => ({ from: Date.parse(from), to: Date.parse(to ?? view.at) }));
}
