// CPU time of the page's own thread, from the browser's trace: for each task, and for each key
// until the frame that shows it is committed. Other load on the machine makes tasks longer in
// wall-clock time; these figures leave out the waiting for a core.

import type { CDPSession } from 'playwright-core';

export interface Spent {
  /** CPU time of each task of the page's thread, ms. */
  readonly tasks: readonly number[];
  /** For each key: all CPU time of that thread from its arrival to the paint that follows, ms. */
  readonly keys: readonly number[];
}

/** As in the trace: instants and durations in µs, `tdur` in CPU time. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly data?: { readonly type?: string } };
}

const CATEGORIES = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'];

/** `session` belongs to the whole browser. */
export async function spentIn(session: CDPSession, act: () => Promise<void>): Promise<Spent> {
  const events: TraceEvent[] = [];
  const take = ({ value }: { value: readonly object[] }) => {
    for (const event of value as readonly TraceEvent[]) events.push(event);
  };
  session.on('Tracing.dataCollected', take);
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: CATEGORIES },
  });
  await act();
  const complete = new Promise((done) => session.once('Tracing.tracingComplete', done));
  await session.send('Tracing.end');
  await complete;
  session.off('Tracing.dataCollected', take);
  return spentOf(events);
}

function spentOf(events: readonly TraceEvent[]): Spent {
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  // Only the thread of an open page has animation frames; a spare one has none.
  const pages = new Set(events.filter(({ name }) => name === 'FireAnimationFrame').map(threadOf));
  const own = events.filter((event) => event.ph === 'X' && pages.has(threadOf(event)));
  own.sort((a, b) => a.ts - b.ts);
  const tasks = own.filter(({ name }) => name === 'ThreadControllerImpl::RunTask');
  const painted = own.filter(({ name }) => name === 'Commit').map(({ ts }) => ts);
  const keyed = own.filter((e) => e.name === 'EventDispatch' && e.args?.data?.type === 'keydown');
  const keys = keyed.flatMap(({ ts: at }) => {
    const shown = painted.find((ts) => ts >= at);
    if (shown === undefined) return [];
    const between = tasks.filter(({ ts, dur = 0 }) => ts + dur > at && ts < shown);
    return [between.reduce((sum, { tdur = 0 }) => sum + tdur, 0) / 1_000];
  });
  return { tasks: tasks.map(({ tdur = 0 }) => tdur / 1_000), keys };
}
