// Dead jobs: what they were, why they failed, and the buttons to replay or discard them.

import { useEffect, useRef, useState } from 'preact/hooks';
import { nameOf as workerName } from '../floor/channel-status.ts';
import { ANONYMOUS_AUTHOR, sessionName } from '../hold/send-order.tsx';
import { get, Refused, send } from '../live/api.ts';
import type { Live } from '../live/live.ts';
import type { Session } from '../live/session.ts';
import { useTopics } from '../live/topics.ts';
import type { DeadJob, StatusView } from '../live/types.ts';
import { readableText } from '../ui/readable-text.ts';
import { when } from '../ui/time.ts';

type Act = 'replay' | 'discard';

interface DeadJobsProps {
  readonly live: Live;
  readonly status: StatusView;
  readonly session: Session;
}

export function DeadJobs({ live, status, session }: DeadJobsProps) {
  useTopics(session.topics, 'session');
  // A Worker's name may become known after the job.
  useTopics(live.topics, 'workers');
  const count = status.queues.events.failed + status.queues.passes.failed;
  const { jobs, said, fault, act } = useDeadJobs(count, live, session);
  const heading = useRef<HTMLHeadingElement>(null);
  const may = session.may('supervisor');
  async function order(order: Act, which: object): Promise<void> {
    // The button that had the focus goes with its job.
    if (await act(order, which)) heading.current?.focus();
  }
  const question = `Discard ${counted(count)}? ${count === 1 ? 'It' : 'They'} will never run.`;
  return (
    <section class={`panel${count > 0 ? ' bad' : ''}`} aria-labelledby="health-dead">
      <div class="panel-head">
        <h2 id="health-dead" tabIndex={-1} ref={heading}>
          Dead jobs
        </h2>
        {may && count > 0 && (
          <span class="until">
            <button type="button" onClick={() => void order('replay', { all: true })}>
              Replay all
            </button>
            <button
              type="button"
              onClick={() => confirm(question) && void order('discard', { all: true })}
            >
              Discard all
            </button>
          </span>
        )}
      </div>
      <p class={count > 0 ? 'fault-text' : ''}>
        {count > 0 ? `${counted(count)} failed and will not be retried.` : 'None.'}
      </p>
      <p role={fault ? 'alert' : 'status'} class={fault ? 'fault-text' : ''}>
        {said}
      </p>
      {count > jobs.length && jobs.length > 0 && (
        <p class="muted">Showing the newest {jobs.length}.</p>
      )}
      <ul class="paused">
        {(count > 0 ? jobs : []).map((job) => (
          <Job
            key={`${job.queue} ${job.id}`}
            job={job}
            whom={whomOf(job, live)}
            may={may}
            act={order}
          />
        ))}
      </ul>
    </section>
  );
}

function counted(n: number): string {
  return `${n} ${n === 1 ? 'job' : 'jobs'}`;
}

interface JobProps {
  readonly job: DeadJob;
  /** The name of the Worker it is about. */
  readonly whom: string;
  readonly may: boolean;
  readonly act: (act: Act, which: object) => Promise<void>;
}

function whomOf({ worker }: DeadJob, { workers }: Live): string {
  if (worker === null) return 'an unknown Worker';
  const found = workers.get(worker);
  return found === undefined ? worker : workerName(found);
}

function Job({ job, whom, may, act }: JobProps) {
  const { queue, id, reason, at, attempts } = job;
  const what = queue === 'passes' ? `the pass for ${whom}` : `an event for ${whom}`;
  const tries = attempts === 1 ? 'one attempt' : `${attempts} attempts`;
  return (
    <li>
      <span>
        {when(at, undefined, true)}, {what}: {readableText(reason)}{' '}
        <span class="muted" title={id}>
          after {tries}
        </span>
      </span>
      {may && (
        <span class="until">
          <button
            type="button"
            aria-label={`Replay ${what}`}
            onClick={() => void act('replay', { queue, id })}
          >
            Replay
          </button>
          <button
            type="button"
            aria-label={`Discard ${what}`}
            onClick={() => void act('discard', { queue, id })}
          >
            Discard
          </button>
        </span>
      )}
    </li>
  );
}

interface Acted {
  readonly done: number;
  readonly left: number;
}

function doneText(order: Act, { done, left }: Acted): string {
  const verb = order === 'replay' ? 'replayed' : 'discarded';
  return `${counted(done)} ${verb}${left > 0 ? `; ${left} left` : ''}.`;
}

function useDeadJobs(count: number, live: Live, session: Session) {
  const [jobs, setJobs] = useState<readonly DeadJob[]>([]);
  const [{ said, fault }, setSaid] = useState({ said: '', fault: false });
  async function read(signal?: AbortSignal): Promise<void> {
    try {
      setJobs((await get<{ deadJobs: readonly DeadJob[] }>('dead-jobs', {}, signal)).deadJobs);
    } catch (error) {
      if (error instanceof Refused) setSaid({ said: error.message, fault: true });
    }
  }
  useEffect(() => {
    const leave = new AbortController();
    if (count > 0) void read(leave.signal);
    return () => leave.abort();
  }, [count]);
  /** Whether it was done. */
  async function act(order: Act, which: object): Promise<boolean> {
    const by = sessionName(session) || ANONYMOUS_AUTHOR;
    try {
      const answer = await send<Acted>('POST', `dead-jobs/${order}`, { ...which, by });
      setSaid({ said: doneText(order, answer), fault: false });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setSaid({ said: error.message, fault: true });
      // Asks for a sign-in at once instead of at the stream's next event.
      if (error.status === 401) void live.read();
      return false;
    }
    await read();
    return true;
  }
  return { jobs, said, fault, act };
}
