// How a long-running command ends: the first SIGTERM or SIGINT stops it cleanly within its grace
// time; the second, or the end of that time, stops it at once. Also what happens to a command whose
// output is no longer read.

import closeWithGrace from 'close-with-grace';
import { EXIT, type Exit } from './io.ts';

/**
 * How long work in progress may take to finish, ms. `docker stop` kills after 10 s; what a kill
 * leaves undone (an unanswered write, a job) is found and resumed at the next start.
 */
export const GRACE_MS = 9_000;

/** Called when it ends for another reason than a signal, or too late. */
export interface StopHandlers {
  /** A fault that was not caught, or that kept it from stopping cleanly. */
  onFault?(fault: Error): void;
  /** Work in progress did not finish in time and is left as it is. */
  onLate?(): void;
}

/** Waits for the signal, then for `stop`. An uncaught fault stops cleanly too, but exits 1. */
export function untilStopped(
  stop: () => Promise<void>,
  { onFault, onLate }: StopHandlers = {},
  graceMs: number = GRACE_MS,
): Promise<Exit> {
  const report = (fault: unknown) =>
    onFault?.(fault instanceof Error ? fault : new Error(String(fault)));
  const grace = {
    ...({ delay: graceMs, logger: false } as const),
    onSecondError: report,
    onTimeout: () => onLate?.(),
  };
  return new Promise((resolve) => {
    closeWithGrace(grace, async ({ err }) => {
      if (err) report(err);
      try {
        await stop();
      } catch (fault) {
        report(fault);
        throw fault;
      }
      resolve(err ? EXIT.failed : EXIT.done);
    });
  });
}

/** Runs a command that ends by itself; a signal aborts it early and waits until it has ended. */
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
 * The reader of the output may close it first, as `head -1` does. That is no fault of the command,
 * which continues to its own end and exit code with its output unread.
 */
export function ignoreClosedOutput(error: Error): void {
  const code: unknown = Reflect.get(error, 'code');
  if (code !== 'EPIPE' && code !== 'ERR_STREAM_DESTROYED') throw error;
}
