// What the page's own thread spends by the processor's clock, from the browser's trace: on each task,
// and on each key until the frame that shows it is handed on. A machine that others use makes tasks
// longer by the clock on the wall; these figures leave the waiting for a core out.

import type { CDPSession } from 'playwright-core';

export interface Spent {
  /** Processor time of each task of the page's thread, ms. */
  readonly tasks: readonly number[];
  /** Of each key: all that thread did from its arrival to the paint that follows, ms. */
  readonly keys: readonly number[];
}

/** As the trace has it: instants and lengths in µs, `tdur` by the processor's clock. */
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

/** `session` is one of the whole browser. */
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
  // Only the thread of a page has frames of its own; a page in store has none.
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
