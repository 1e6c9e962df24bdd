// The results of a seeded day as text: when the rules acted on a full queue, and the figures of the
// same day without and with rules.

import type { DayFigures } from '../emulator/floor/metrics.ts';
import type { DayResult } from './day.ts';
import type { DayWrite } from './day-control.ts';

const OVERLOAD = 'support-overload';
/** Changes closer together than this belong to one episode. */
const EPISODE_MS = 120_000;

/** Each time the overload rule raised Workers, and when they were lowered again. */
export function overloadLines(writes: readonly DayWrite[]): readonly string[] {
  const lifted = episodes(writes.filter((write) => write.rule === OVERLOAD && rises(write)));
  if (lifted.length === 0) return ['', 'The overload rule did not act on this day.'];
  return [
    '',
    'The overload rule raises capacity above one threshold and restores it below a lower one:',
    ...lifted.map(({ from, who }) => {
      const to = loweredAt(writes, { from, who });
      const until = to === null ? 'the end' : london(to);
      return `  ${london(from)} to ${until}  Support is overloaded: ${who.size} raised`;
    }),
  ];
}

/** When the last of them was lowered again; null: one of them never was. */
function loweredAt(
  writes: readonly DayWrite[],
  { from, who }: { readonly from: number; readonly who: ReadonlySet<string> },
): number | null {
  const ends = [...who].map((worker) => {
    const lowered = writes.find(
      (write) =>
        write.at > from && write.worker === worker && write.channel === 'chat' && falls(write),
    );
    return lowered?.at ?? Number.POSITIVE_INFINITY;
  });
  const last = Math.max(...ends);
  return Number.isFinite(last) ? last : null;
}

function falls({ from, to }: DayWrite): boolean {
  return to.capacity !== undefined && from.capacity !== undefined && to.capacity < from.capacity;
}

function rises({ from, to }: DayWrite): boolean {
  return (to.capacity ?? 0) > (from.capacity ?? 0);
}

function episodes(writes: readonly DayWrite[]): { from: number; who: ReadonlySet<string> }[] {
  const found: { from: number; last: number; who: Set<string> }[] = [];
  for (const { at, worker } of writes) {
    const open = found.at(-1);
    if (open !== undefined && at - open.last < EPISODE_MS) {
      open.who.add(worker);
      open.last = at;
    } else found.push({ from: at, last: at, who: new Set([worker]) });
  }
  return found;
}

function london(at: number): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/London',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
}

type Row = readonly [name: string, show: (figures: DayFigures) => string];

const ROWS: readonly Row[] = [
  ['answered in time', (f) => percent(f.serviceLevel)],
  ...['voice', 'chat', 'sms', 'email'].map(
    (channel): Row => [
      `  ${channel}`,
      ({ byChannel }) => percent(byChannel[channel]?.serviceLevel ?? 0),
    ],
  ),
  ['accepted in time (the click)', (f) => percent(f.acceptedLevel)],
  ['gave up waiting', (f) => percent(f.abandonment)],
  ['waited, median', (f) => seconds(f.waitMedianMs)],
  ['waited, 95th percentile', (f) => seconds(f.waitP95Ms)],
  ['busy while at work', (f) => percent(f.occupancy)],
  ['strain per person, median', (f) => minutes(f.strainMedianMin)],
  ['strain per person, 95th percentile', (f) => minutes(f.strainP95Min)],
];

export function dayTable(without: DayResult, ruled: DayResult): readonly string[] {
  const line = (name: string, a: string, b: string) =>
    `  ${name.padEnd(34)}${a.padStart(14)}${b.padStart(14)}`;
  return [
    '',
    line('', 'without rules', 'with rules'),
    ...ROWS.map(([name, show]) => line(name, show(without.figures), show(ruled.figures))),
    line('changes made by headroom', '0', String(ruled.writes.length)),
  ];
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

export function minutes(value: number): string {
  return `${value.toFixed(0)} min`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(0)} s`;
}
