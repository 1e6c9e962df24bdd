// Dead jobs: what they were, why they failed, and the buttons to replay or discard them.

import { useEffect, useState } from 'preact/hooks';
import { nameOf as workerName } from '../floor/standing.ts';
import { AT_THE_PAGE, nameOf } from '../hold/answer.tsx';
import { get, Refused, send } from '../live/api.ts';
import type { Live } from '../live/live.ts';
import type { Session } from '../live/session.ts';
import { useTopics } from '../live/topics.ts';
import type { DeadJob, StatusView } from '../live/types.ts';
import { when } from '../ui/time.ts';
import { told } from '../ui/told.ts';

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
  const { jobs, fault, act } = useDeadJobs(count, live, session);
  if (count === 0) {
    return (
      <section class="panel" aria-labelledby="health-dead">
        <h2 id="health-dead">Dead jobs</h2>
        <p>None: whatever came in was done.</p>
      </section>
    );
  }
  const may = session.may('supervisor');
  return (
    <section class="panel bad" aria-labelledby="health-dead">
      <div class="panel-head">
        <h2 id="health-dead">Dead jobs</h2>
        {may && (
          <span class="until">
            <button type="button" onClick={() => void act('replay', { all: true })}>
              Replay all
            </button>
            <button type="button" onClick={() => void act('discard', { all: true })}>
              Discard all
            </button>
          </span>
        )}
      </div>
      <p class="fault-text" role="status">
        {fault ?? `${count} ${count === 1 ? 'job' : 'jobs'} failed for good.`}
      </p>
      <ul class="paused">
        {jobs.map((job) => (
          <Job
            key={`${job.queue} ${job.id}`}
            job={job}
            whom={whomOf(job, live)}
            may={may}
            act={act}
          />
        ))}
      </ul>
    </section>
  );
}

interface JobProps {
  readonly job: DeadJob;
  /** The name of the Worker it is about. */
  readonly whom: string;
  readonly may: boolean;
  readonly act: (act: Act, which: object) => Promise<void>;
}

function whomOf({ worker }: DeadJob, { workers }: Live): string {
  if (worker === null) return 'nobody known';
  const found = workers.get(worker);
  return found === undefined ? worker : workerName(found);
}

function Job({ job, whom, may, act }: JobProps) {
  const { queue, id, reason, at, attempts } = job;
  const what = queue === 'passes' ? `the look at ${whom}` : `an event of ${whom}`;
  const tries = attempts === 1 ? 'one attempt' : `${attempts} attempts`;
  return (
    <li>
      <span>
        {when(at, undefined, true)}, {what}: {told(reason)}{' '}
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

function useDeadJobs(count: number, live: Live, session: Session) {
  const [jobs, setJobs] = useState<readonly DeadJob[]>([]);
  const [fault, setFault] = useState<string | null>(null);
  async function read(signal?: AbortSignal): Promise<void> {
    try {
      setJobs((await get<{ deadJobs: readonly DeadJob[] }>('dead-jobs', {}, signal)).deadJobs);
    } catch (error) {
      if (error instanceof Refused) setFault(error.message);
    }
  }
  useEffect(() => {
    const leave = new AbortController();
    if (count > 0) void read(leave.signal);
    return () => leave.abort();
  }, [count]);
  async function act(order: Act, which: object): Promise<void> {
    try {
      await send('POST', `dead-jobs/${order}`, { ...which, by: nameOf(session) || AT_THE_PAGE });
      setFault(null);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setFault(error.message);
      if (error.status === 401) return void live.read();
    }
    await read();
  }
  return { jobs, fault, act };
}
