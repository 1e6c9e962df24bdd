// How a long-running command ends: on the first SIGTERM or SIGINT it stops cleanly within its grace
// time, on the second, or when that time is over, at once. And what becomes of a command whose
// output nobody reads any more.

import closeWithGrace from 'close-with-grace';
import { EXIT, type Exit } from './io.ts';

/**
 * How long everything in hand may take to finish, ms. `docker stop` kills after 10 s, and what a
 * kill leaves undone (an unanswered write, a job) is found and gone on with at the next start.
 */
export const GRACE_MS = 9_000;

/** Who is told why it ends otherwise than by a signal and in time. */
export interface Ending {
  /** One that nobody caught, or that kept it from stopping cleanly. */
  onFault?(fault: Error): void;
  /** What was in hand did not finish in time and is left as it is. */
  onLate?(): void;
}

/** Waits for the signal, then for `stop`. A fault nobody caught stops cleanly too, and exits 1. */
export function untilStopped(
  stop: () => Promise<void>,
  { onFault, onLate }: Ending = {},
  graceMs: number = GRACE_MS,
): Promise<Exit> {
  const tell = (fault: unknown) =>
    onFault?.(fault instanceof Error ? fault : new Error(String(fault)));
  const grace = {
    ...({ delay: graceMs, logger: false } as const),
    onSecondError: tell,
    onTimeout: () => onLate?.(),
  };
  return new Promise((resolve) => {
    closeWithGrace(grace, async ({ err }) => {
      if (err) tell(err);
      try {
        await stop();
      } catch (fault) {
        tell(fault);
        throw fault;
      }
      resolve(err ? EXIT.failed : EXIT.done);
    });
  });
}

/** Runs what ends by itself; a signal asks it to end early, and is waited for. */
export async function whileRunning(run: (signal: AbortSignal) => Promise<Exit>): Promise<Exit> {
  const abort = new AbortController();
  const running = run(abort.signal);
  const grace = closeWithGrace({ delay: GRACE_MS, logger: false }, async () => {
    abort.abort();
    await running;
  });
  const unread = () => abort.abort();
  process.stdout.once('error', unread);
  try {
    return await running;
  } finally {
    process.stdout.off('error', unread);
    grace.uninstall();
  }
}

/**
 * Whoever reads along may go first, as `head -1` does: that is no fault of the command, which goes
 * on to its own end and its own exit code with nobody listening.
 */
export function whenUnread(error: Error): void {
  const code: unknown = Reflect.get(error, 'code');
  if (code !== 'EPIPE' && code !== 'ERR_STREAM_DESTROYED') throw error;
}
