// The state of headroom itself: its rules, what it receives and sends, what waits, what failed.

import { nameOf } from '../floor/channel-status.ts';
import { useJournalHistory } from '../live/journal-history.ts';
import type { Live } from '../live/live.ts';
import type { Session } from '../live/session.ts';
import { useTopics } from '../live/topics.ts';
import type { StatusView } from '../live/types.ts';
import { hashOf } from '../route.ts';
import { readableText } from '../ui/readable-text.ts';
import { durationText, when } from '../ui/time.ts';
import { sentence } from '../why/explanation-text.ts';
import { DeadJobs } from './dead-jobs.tsx';
import { Fact, Facts } from './facts.tsx';
import { Guardrails, Replicas } from './guardrails.tsx';
import { recentOf } from './last-hour.ts';
import { LastHour } from './last-hour-panel.tsx';
import { outcomeWords, problemsOf } from './problems.ts';

export function Health({ live, session }: { live: Live; session: Session }) {
  useTopics(live.topics, 'status', 'journal');
  const { status } = live;
  const history = useJournalHistory(live, 1);
  if (status === null) {
    return (
      <p class="empty" role="status">
        Loading status…
      </p>
    );
  }
  return (
    <section class="page-body" aria-labelledby="health-title">
      <h1 id="health-title">Health</h1>
      <Verdict live={live} status={status} failing={recentOf(history.entries).failing} />
      <Rules status={status} />
      <Notes live={live} notes={status.notes} />
      <Contested live={live} />
      <div class="columns">
        <LastHour history={history} />
        <Guardrails status={status} />
        <Incoming status={status} />
        <Statistics status={status} />
        <Outgoing status={status} />
      </div>
      <DeadJobs live={live} status={status} session={session} />
    </section>
  );
}

interface VerdictProps {
  readonly live: Live;
  readonly status: StatusView;
  /** Channels whose writes failed in the last hour. */
  readonly failing: number;
}

/** The whole view in a few words, for a quick glance. */
function Verdict({ live, status, failing }: VerdictProps) {
  useTopics(live.topics, 'workers', 'link');
  const problems = problemsOf(status, { contested: contestedIn(live).length, failing });
  const current = live.link === 'live' || live.link === 'connecting';
  const before = problems.length === 0 ? 'all was well' : problems.join(', ');
  const text = current
    ? problems.join(', ') || 'All is well'
    : `Current status unknown. Last known: ${before}`;
  return (
    <section
      class={`panel verdict${current && problems.length === 0 ? '' : ' bad'}`}
      aria-label="In short"
    >
      <strong>{text}</strong>
    </section>
  );
}

function contestedIn({ workers }: Live) {
  return [...workers.values()].flatMap((worker) =>
    worker.channels
      .filter(({ refused }) => refused === 'channel.contested')
      .map(({ channel }) => ({ worker, channel })),
  );
}

function Rules({ status }: { status: StatusView }) {
  const { rules } = status;
  const { id, count, from, lastReloadOk, modes, faults } = rules;
  const modeText = Object.entries(modes)
    .filter(([, n]) => n > 0)
    .map(([mode, n]) => `${n} ${mode}`);
  return (
    <section class={`panel${lastReloadOk ? '' : ' bad'}`} aria-labelledby="health-rules">
      <h2 id="health-rules">Rules</h2>
      <p>
        {id === null
          ? 'No valid rule set has been loaded yet. Nothing is written.'
          : `Rule set ${id} is in force (from the ${from}): ${count} ${count === 1 ? 'rule' : 'rules'}, ${modeText.join(', ')}.`}
      </p>
      {id !== null && <Replicas status={status} />}
      {!lastReloadOk && (
        <>
          <p class="fault-text">
            The rules folder could not be loaded: {faults.length}{' '}
            {faults.length === 1 ? 'problem' : 'problems'}.{' '}
            {id === null ? '' : 'The last good set stays in force.'}
          </p>
          <ul class="faults">
            {faults.map((fault) => (
              <li key={JSON.stringify(fault)}>
                <code>
                  {fault.file}:{fault.line}:{fault.column}
                </code>{' '}
                {readableText(fault.message)}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** Blind spots, samples that only observe, what the store cannot survive: as the daemon says it. */
function Notes({ live, notes }: { live: Live; notes: readonly string[] }) {
  useTopics(live.topics, 'workers');
  if (notes.length === 0) return null;
  const named = (note: string) =>
    note.replace(/WK[0-9a-f]{32}/g, (sid) => nameOf(live.workers.get(sid) ?? nobody(sid)));
  return (
    <section class="panel" aria-labelledby="health-notes">
      <h2 id="health-notes">Notes</h2>
      <ul class="lines">
        {notes.map((note) => (
          <li key={note}>{sentence(named(note))}</li>
        ))}
      </ul>
    </section>
  );
}

const nobody = (sid: string) => ({ sid, friendlyName: null });

function Contested({ live }: { live: Live }) {
  useTopics(live.topics, 'workers');
  const all = contestedIn(live);
  if (all.length === 0) return null;
  return (
    <section class="panel bad" aria-labelledby="health-contested">
      <h2 id="health-contested">Contested channels</h2>
      <p>Somebody else keeps changing these channels, so headroom has stopped writing them.</p>
      <ul class="lines">
        {all.map(({ worker, channel }) => (
          <li key={`${worker.sid} ${channel}`}>
            <a href={hashOf({ view: 'floor', query: { worker: worker.sid, channel } })}>
              {nameOf(worker)}, {channel}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Statistics({ status: { statistics } }: { status: StatusView }) {
  if (statistics.length === 0) return null;
  const stale = statistics.filter(({ unknown }) => unknown !== null);
  return (
    <section class={`panel${stale.length > 0 ? ' bad' : ''}`} aria-labelledby="health-statistics">
      <h2 id="health-statistics">TaskQueue statistics</h2>
      {stale.map(({ queue, unknown }) => (
        <p key={queue} class="fault-text">
          {sentence(unknown ?? '')}
        </p>
      ))}
      <Facts>
        {statistics.map(({ queue, asOf }) => (
          <Fact key={queue} name={queue}>
            {asOf === null
              ? 'never read'
              : `read ${durationText(Date.now() - Date.parse(asOf))} ago`}
          </Fact>
        ))}
      </Facts>
    </section>
  );
}

function Incoming({ status }: { status: StatusView }) {
  const { drift, events, queues, workers, since } = status;
  const deliveries = Object.entries(events.deliveries);
  const { lastResync, resyncFault, listed } = workers;
  return (
    <section class="panel" aria-labelledby="health-incoming">
      <h2 id="health-incoming">Incoming</h2>
      <Facts>
        <Fact name="Distinct events">{events.distinct}</Fact>
        {deliveries.map(([outcome, n]) => (
          <Fact key={outcome} name={`Deliveries ${outcomeWords(outcome)}, since ${when(since)}`}>
            {n}
          </Fact>
        ))}
        <Fact name="Events waiting">{queues.events.waiting + queues.events.delayed}</Fact>
        <Fact name="Passes waiting">{queues.passes.waiting + queues.passes.delayed}</Fact>
        <Fact name="Last resync">
          {lastResync === null ? 'never' : `${when(lastResync)}, ${listed} Workers`}
        </Fact>
        <Fact name="Changes that were never delivered">
          {drift.lost} in all
          {drift.lastLook !== null && `, last checked ${when(drift.lastLook)}`}
        </Fact>
        {drift.fault !== null && <Fact name="Check failed">{readableText(drift.fault)}</Fact>}
        {resyncFault !== null && <Fact name="Resync failed">{readableText(resyncFault)}</Fact>}
      </Facts>
    </section>
  );
}

/** `20 in 1000 ms` → `20 a second`. */
function rateText(rate: string): string {
  return rate.replace(/ in 1000 ms$/, ' per second');
}

function Outgoing({
  status: { calls, forward, taskrouter, store, since, version },
}: {
  status: StatusView;
}) {
  return (
    <section class="panel" aria-labelledby="health-outgoing">
      <h2 id="health-outgoing">Outgoing and system</h2>
      <Facts>
        <Fact name="TaskRouter">{taskrouter}</Fact>
        <Fact name="Call rate limit">{rateText(calls.rate)}</Fact>
        <Fact name="Calls waiting">{calls.waiting}</Fact>
        {forward !== null && (
          <Fact name={`Forwarding to ${forward.target}`}>
            {forward.queue.waiting + forward.queue.delayed} waiting, {forward.queue.failed} failed
          </Fact>
        )}
        <Fact name="Store">{store}</Fact>
        <Fact name="Running since">
          {when(since)} ({durationText(Date.now() - Date.parse(since))})
        </Fact>
        <Fact name="Version">{version}</Fact>
      </Facts>
    </section>
  );
}
