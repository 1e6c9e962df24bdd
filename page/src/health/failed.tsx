// Jobs that failed for good: what they were and why.

import type { Session } from '../live/session.ts';
import type { StatusView } from '../live/types.ts';
import { when } from '../ui/time.ts';

export function FailedJobs({ status }: { status: StatusView; session: Session }) {
  const { events, passes, failed } = status.queues;
  const count = events.failed + passes.failed;
  if (count === 0) {
    return (
      <section class="panel" aria-labelledby="health-failed">
        <h2 id="health-failed">Dead jobs</h2>
        <p>None: whatever came in was done.</p>
      </section>
    );
  }
  return (
    <section class="panel bad" aria-labelledby="health-failed">
      <h2 id="health-failed">Dead jobs</h2>
      <p class="fault-text">{count} jobs failed for good.</p>
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">What</th>
            <th scope="col">Why</th>
            <th scope="col" class="number">
              Attempts
            </th>
          </tr>
        </thead>
        <tbody>
          {failed.map(({ queue, id, reason, at, attempts }) => (
            <tr key={`${queue} ${id}`}>
              <td>{when(at, undefined, true)}</td>
              <td>
                {queue} {id}
              </td>
              <td>{reason}</td>
              <td class="number">{attempts}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
