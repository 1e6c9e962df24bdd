// The signals: what rules read beyond the Workers, and what they did about it.

import { useEffect, useState } from 'preact/hooks';
import { get, Refused } from '../live/api.ts';
import { useJournalHistory } from '../live/journal-history.ts';
import type { Live } from '../live/live.ts';
import { useTopics } from '../live/topics.ts';
import type { QueueSignal, SignalsView } from '../live/types.ts';
import { type Route, setQuery } from '../route.ts';
import { Choice } from '../ui/fields.tsx';
import { clock, when } from '../ui/time.ts';
import { sentence } from '../why/explanation-text.ts';
import { Chart } from './chart.tsx';
import {
  ageWords,
  claimsOf,
  FIELD_WORDS,
  type Field,
  fieldsOf,
  holdText,
  lastValueText,
  queueSummary,
  seriesOf,
  shadedRangesOf,
  shownValue,
  writeActivityOf,
} from './figures.ts';

const HOURS = {
  '1': 'last hour',
  '4': 'last 4 hours',
  '12': 'last 12 hours',
  '24': 'last 24 hours',
} as const;
type Hours = keyof typeof HOURS;
const REFRESH_MS = 20_000;

export function Signals({ live, route }: { live: Live; route: Route }) {
  const hours: Hours = (Object.keys(HOURS) as Hours[]).find((h) => h === route.query.hours) ?? '4';
  const { view, fault } = useSignals(live, hours);
  const to = view === null ? Date.now() : Date.parse(view.at);
  const range = { from: to - Number(hours) * 3_600_000, to };
  return (
    <section class="page-body" aria-labelledby="signals-title">
      <div class="tools">
        <h1 id="signals-title">Signals</h1>
        <Choice
          label="Show"
          value={hours}
          options={HOURS}
          onChoose={(h) => setQuery({ hours: h })}
        />
      </div>
      {fault !== null && (
        <p role="alert" class="fault-text">
          {fault}
        </p>
      )}
      {view?.queues.length === 0 && <p class="empty">No rule uses TaskQueue statistics.</p>}
      {view?.queues.map((signal) => (
        <Queue key={signal.queue} signal={signal} view={view} range={range} />
      ))}
      <div class="two">
        <Claims live={live} />
        <Writes live={live} hours={Number(hours)} range={range} />
      </div>
    </section>
  );
}

function useSignals(live: Live, hours: Hours) {
  const [view, setView] = useState<SignalsView | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  useTopics(live.topics, 'rules');
  const set = live.status?.rules.id ?? null;
  useEffect(() => {
    const leave = new AbortController();
    const read = async () => {
      try {
        setView(await get<SignalsView>('signals', { hours }, leave.signal));
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
  }, [hours, set]);
  return { view, fault };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

interface QueueProps {
  readonly signal: QueueSignal;
  readonly view: SignalsView;
  readonly range: Range;
}

function Queue({ signal, view, range }: QueueProps) {
  const rules = view.rules.filter(({ queues }) => queues.includes(signal.queue));
  return (
    <section class="panel" aria-label={`TaskQueue ${signal.queue}`}>
      <div class="panel-head">
        <h2>{signal.queue}</h2>
        <span class={signal.unknown === null ? 'muted' : 'fault-text'}>
          {signal.unknown === null ? ageWords(signal, range.to) : sentence(signal.unknown)}
        </span>
      </div>
      {fieldsOf(signal).map((field) => (
        <FieldChart key={field} field={field} signal={signal} view={view} range={range} />
      ))}
      <ul class="plain">
        {rules.map((rule) => (
          <li key={rule.rule}>
            <span class="swatch" aria-hidden="true" /> {holdText(rule)}
            {(rule.bands ?? []).slice(-4).map(([from, end], i) => (
              <span key={from} class="muted">
                {i === 0 ? ' ' : ', '}
                {clock(from)}–{end === null ? 'now' : clock(end)}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

const DASHES = { enter: [8, 4], exit: [2, 4], release: [12, 3, 2, 3] } as const;
const OPERATORS: Readonly<Record<string, string>> = { '>=': '≥', '<=': '≤', '==': '=' };
const COLOURS = { enter: 'warn', exit: 'good', release: 'person' } as const;

function FieldChart({ field, signal, view, range }: QueueProps & { readonly field: Field }) {
  const { times, values } = seriesOf(signal, field);
  const lines = signal.lines.filter((line) => line.field === field);
  return (
    <figure>
      <figcaption class="now-of">
        <strong class="now">{lastValueText(signal, field)}</strong> {FIELD_WORDS[field]}
      </figcaption>
      <Chart
        summary={queueSummary(signal, field, view.rules)}
        times={times}
        {...range}
        series={[{ label: field, colour: 'accent', kind: 'step', values }]}
        lines={lines.map(({ rule, condition, operator, value }) => {
          const shown = shownValue(field, value);
          const label = `${rule} ${condition} ${OPERATORS[operator] ?? operator} ${shown}`;
          return { value: shown, label, colour: COLOURS[condition], dash: DASHES[condition] };
        })}
        stretches={shadedRangesOf(view, signal.queue)}
      />
    </figure>
  );
}

function Claims({ live }: { live: Live }) {
  useTopics(live.topics, 'workers', 'rules');
  const claims = new Map(claimsOf(live.workers.values()));
  const names = [...claims.keys()];
  const silent = live.rules.map(({ name }) => name).filter((name) => !claims.has(name));
  const most = Math.max(1, ...claims.values());
  return (
    <section class="panel" aria-label="Channels by rule">
      <h2>Channels set by each rule now</h2>
      <table class="bars">
        <tbody>
          {[...names, ...silent].map((name) => {
            const n = claims.get(name) ?? 0;
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="number">{n}</td>
                <td class="bar" aria-hidden="true">
                  <span style={{ width: `${(100 * n) / most}%` }} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Writes({ live, hours, range }: { live: Live; hours: number; range: Range }) {
  useTopics(live.topics, 'journal');
  const { entries, lacks } = useJournalHistory(live, hours);
  const stepMs = range.to - range.from > 5 * 3_600_000 ? 30 * 60_000 : 5 * 60_000;
  const { times, writes, refusals } = writeActivityOf(entries, { ...range, stepMs });
  const sum = (all: readonly number[]) => all.reduce((a, b) => a + b, 0);
  const summary = `${sum(writes)} writes, ${sum(refusals)} held back or failed (from the journal)`;
  return (
    <section class="panel" aria-label="Writes">
      <h2>Writes</h2>
      <p class="muted">
        {summary}. {lacks?.(when)}
      </p>
      <Chart
        summary={summary}
        times={times}
        {...range}
        series={[
          { label: 'writes', colour: 'accent', kind: 'bars', values: writes.map(orNothing) },
          { label: 'refusals', colour: 'alert', kind: 'bars', values: refusals.map(orNothing) },
        ]}
      />
      <p class="muted">
        <span class="swatch solid" aria-hidden="true" /> writes{' '}
        <span class="swatch alert" aria-hidden="true" /> held back or failed
      </p>
    </section>
  );
}

/** null, because a bar of zero height would still be drawn as a line. */
function orNothing(n: number): number | null {
  return n === 0 ? null : n;
}
