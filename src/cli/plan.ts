// `headroom plan`: what the running daemon would write now, as a diff, and what time alone will
// change in the next hours.

import type { PlanPage } from '../live/plan.ts';
import type { TimelineView } from '../live/timeline.ts';
import type { TimelineEntry } from '../live/timeline-entries.ts';
import { type ApiResult, callApi } from './api.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { counted, wholeSecond } from './show-problems.ts';

/** No further page is read after this many changes; a Workspace at rest has none. */
const MOST = 2_000;

export async function plan(options: { readonly json?: true }, io: Io): Promise<Exit> {
  const pages: PlanPage[] = [];
  let cursor: string | null = null;
  let changes = 0;
  do {
    const from: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const answer: ApiResult = await callApi(`/api/v1/plan?limit=500${from}`, io);
    if (!answer.ok) return answer.exit;
    const page = answer.body as PlanPage;
    pages.push(page);
    changes += page.plan.length;
    cursor = page.next;
  } while (cursor !== null && changes < MOST);
  const found = await callApi('/api/v1/timeline', io);
  if (!found.ok) return found.exit;
  const timeline = found.body as TimelineView;
  const whole = { ...joined(pages), next: cursor };
  if (options.json) io.out(JSON.stringify({ ...whole, timeline }, null, 2));
  else for (const line of [...lines(whole), ...aheadLines(timeline)]) io.out(line);
  return EXIT.done;
}

function joined(pages: readonly PlanPage[]): Omit<PlanPage, 'next'> {
  return {
    at: pages[0]?.at ?? '',
    set: pages[0]?.set ?? '',
    plan: pages.flatMap((page) => page.plan),
    refused: pages.flatMap((page) => page.refused),
    unread: pages.reduce((sum, page) => sum + page.unread, 0),
    looked: pages.reduce((sum, page) => sum + page.looked, 0),
  };
}

/** What time alone will change, one instant per line. */
function aheadLines(found: TimelineView): readonly string[] {
  const { at, hours, ahead, looked, more, left, until, unread, observing } = found;
  const observe = observing ? ' (observe mode: nothing is written)' : '';
  const whole = Date.parse(until) - Date.parse(at) >= hours * 3_600_000;
  return [
    `in the next ${hours} h, if only time passes${observe}:`,
    ...(ahead.length === 0 ? ['  nothing changes'] : ahead.map(aheadLine)),
    ...(left > 0 ? [`  and ${left} more after that`] : []),
    ...(whole
      ? []
      : [`  incomplete for some Workers after ${wholeSecond(until)}: too many changes to compute`]),
    ...(unread > 0 ? [`  ${counted(unread, 'Worker')} must be read from TaskRouter first`] : []),
    ...(more ? [`  only the first ${counted(looked, 'Worker')} were checked`] : []),
  ];
}

function aheadLine({ at, text, conditional, workers, some }: TimelineEntry): string {
  const names = `${some.join(', ')}${workers > some.length ? ', …' : ''}`;
  const whom = workers === 0 ? '' : ` for ${counted(workers, 'Worker')} (${names})`;
  return `  ${wholeSecond(at)} ${text}${whom}${conditional ? ', if nothing else changes' : ''}`;
}

function lines({ at, set, plan, refused, unread, looked, next }: PlanPage): readonly string[] {
  return [
    `rule set ${set} at ${wholeSecond(at)}, ${counted(looked, 'Worker')} checked`,
    ...plan.map(
      ({ friendlyName, worker, channel, text, rule, reason, held }) =>
        `  ${friendlyName ?? worker} ${channel}: ${text}  (${rule ?? reason})${held === null ? '' : ` [${held}: not written]`}`,
    ),
    ...(plan.length === 0 ? ['  no writes due'] : []),
    ...(refused.length > 0 ? ['held back by guardrails:'] : []),
    ...refused.map(
      ({ friendlyName, worker, channel, reason, until }) =>
        `  ${friendlyName ?? worker} ${channel}: ${reason}${until === null ? '' : `, next attempt at ${wholeSecond(until)}`}`,
    ),
    ...(unread > 0 ? [`${counted(unread, 'Worker')} must be read from TaskRouter first`] : []),
    ...(next !== null ? ['not all are shown; --json includes the cursor'] : []),
  ];
}
