// The timeline: what time alone will change in the next day, and what changed in the last, in the
// viewer's time zone and in that of the rules.

import { useEffect, useState } from 'preact/hooks';
import { get, Refused } from '../live/api.ts';
import { useJournalHistory } from '../live/journal-history.ts';
import type { Live } from '../live/live.ts';
import { useTopics } from '../live/topics.ts';
import type { TimelineView } from '../live/types.ts';
import { isolateBidi } from '../ui/names.ts';
import { clock, day, localZone, msOf, when } from '../ui/time.ts';
import { hoursOf, type PastHour } from './past-hours.ts';
import { type UpcomingLine, upcomingLines } from './upcoming.ts';

const REFRESH_MS = 60_000;

export function Timeline({ live }: { live: Live }) {
  const { view, fault } = useTimeline(live);
  const own = localZone();
  const zone = view?.zone ?? null;
  const apart = (view?.ahead ?? []).some(
    ({ at }) => zone !== null && clock(at) !== clock(at, false, zone),
  );
  const other = zone !== null && zone !== own && apart ? zone : null;
  return (
    <section class="page-body" aria-labelledby="timeline-title">
      <h1 id="timeline-title">Timeline</h1>
      <p class="muted">
        Times are in your time zone ({own}){zoneText(zone, own, other)}.
      </p>
      {fault !== null && (
        <p role="alert" class="fault-text">
          {fault}
        </p>
      )}
      <section class="panel" aria-labelledby="timeline-ahead">
        <h2 id="timeline-ahead">The next 24 hours</h2>
        {view === null && fault === null && <p class="muted">Loading…</p>}
        {view !== null && view.ahead.length === 0 && <p>No changes are due.</p>}
        {view !== null && view.ahead.length > 0 && <AheadTable view={view} other={other} />}
        {view !== null && <Limitations view={view} />}
      </section>
      <Past live={live} />
    </section>
  );
}

function zoneText(zone: string | null, own: string, other: string | null): string {
  if (zone === null || zone === own) return '';
  if (other === null) return `, the same as in the rules’ time zone (${zone})`;
  return `; the second column is in the rules’ time zone (${zone})`;
}

function useTimeline(live: Live) {
  const [view, setView] = useState<TimelineView | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  useTopics(live.topics, 'rules');
  const set = live.status?.rules.id ?? null;
  useEffect(() => {
    const leave = new AbortController();
    const read = async () => {
      try {
        setView(await get<TimelineView>('timeline', {}, leave.signal));
        setFault(null);
      } catch (error) {
        if (error instanceof Refused) setFault(error.message);
      }
    };
    void read();
    const timer = setInterval(() => void read(), REFRESH_MS);
    return () => {
      clearInterval(timer);
      leave.abort();
    };
  }, [set]);
  return { view, fault };
}

/** What the look ahead leaves out, if anything. */
function Limitations({ view }: { view: TimelineView }) {
  const { at, hours, until, left, looked, more, unread, observing } = view;
  const whole = msOf(until) - msOf(at) >= hours * 3_600_000;
  return (
    <>
      {observing && <p class="muted">Observe mode: none of this is written.</p>}
      {left > 0 && <p class="muted">{left} later changes are not shown.</p>}
      {!whole && <p class="muted">Incomplete for some Workers after {when(until)}.</p>}
      {unread > 0 && (
        <p class="muted">
          {unread} {unread === 1 ? 'Worker' : 'Workers'} must be read from TaskRouter first.
        </p>
      )}
      {more && <p class="muted">Only the first {looked} Workers were checked.</p>}
    </>
  );
}

function AheadTable({ view, other }: { view: TimelineView; other: string | null }) {
  return (
    <table class="ahead">
      <thead>
        <tr>
          <th scope="col">When</th>
          {other !== null && <th scope="col">{other}</th>}
          <th scope="col">What</th>
          <th scope="col">Who</th>
          <th scope="col" class="number">
            Workers
          </th>
        </tr>
      </thead>
      <tbody>
        {upcomingLines(view.ahead, (at) => day(at)).map((line) => (
          <AheadRow key={`${line.at} ${line.text} ${line.conditional}`} line={line} other={other} />
        ))}
      </tbody>
    </table>
  );
}

function AheadRow({ line, other }: { line: UpcomingLine; other: string | null }) {
  const { at, text, conditional, workers, names, same, newDay } = line;
  const who = names.map(isolateBidi).join(', ');
  const others = workers - names.length;
  // The time is not repeated on further lines of the same instant.
  const again = same ? 'hidden' : '';
  return (
    <tr class={`${same ? 'same' : ''}${newDay ? ' new-day' : ''}`}>
      <td class="nowrap">
        <time dateTime={at} class={again}>
          {clock(at)} <span class="muted">{day(at)}</span>
        </time>
      </td>
      {other !== null && (
        <td class="nowrap muted">
          <span class={again}>
            {clock(at, false, other)} {day(at, other)}
          </span>
        </td>
      )}
      <td class="what">
        {text}
        {conditional && ', if nothing else changes'}{' '}
      </td>
      <td class="whose">
        {who}
        {others > 0 && ` and ${others} ${others === 1 ? 'other' : 'others'}`}
      </td>
      <td class="number">{workers > 0 && workers}</td>
    </tr>
  );
}

function Past({ live }: { live: Live }) {
  useTopics(live.topics, 'journal');
  const { entries, lacks } = useJournalHistory(live, 24);
  const hours = hoursOf(entries);
  const most = Math.max(1, ...hours.map(({ total }) => total));
  return (
    <section class="panel" aria-labelledby="timeline-past">
      <h2 id="timeline-past">The last 24 hours</h2>
      {hours.length === 0 ? (
        <p>{lacks === null && 'No changes.'}</p>
      ) : (
        <table class="bars by-hour">
          <thead>
            <tr>
              <th scope="col">Hour</th>
              <th scope="col" class="number">
                Changes
              </th>
              <td class="bar" aria-hidden="true" />
              <th scope="col">Mostly by</th>
            </tr>
          </thead>
          <tbody>
            {hours.map((hour) => (
              <HourRow key={hour.from} hour={hour} most={most} />
            ))}
          </tbody>
        </table>
      )}
      {lacks !== null && <p class="muted">{lacks(when)}</p>}
    </section>
  );
}

function HourRow({ hour: { from, total, by }, most }: { hour: PastHour; most: number }) {
  return (
    <tr>
      <th scope="row" class="nowrap">
        {clock(from)} <span class="muted">{day(from)}</span>
      </th>
      <td class="number">
        {total}
        <span class="only-narrow">{total === 1 ? ' change' : ' changes'}</span>
      </td>
      <td class="bar" aria-hidden="true">
        <span style={{ width: `${(100 * total) / most}%` }} />
      </td>
      <td class="most">{by.map(([name, n]) => `${name} ${n}`).join(', ')}</td>
    </tr>
  );
}
