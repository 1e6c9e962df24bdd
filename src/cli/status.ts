// `headroom status`: the state of the running daemon, as a few lines or as the API's own JSON.

import type { StatusView } from '../daemon/status.ts';
import { callApi } from './api.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { pausedText, type WorkerNames, workerNames } from './pause-text.ts';
import { wholeSecond } from './show-problems.ts';

type Forward = NonNullable<StatusView['forward']>;

export async function status(options: { readonly json: boolean }, io: Io): Promise<Exit> {
  const answer = await callApi('/api/v1/status', io);
  if (!answer.ok) return answer.exit;
  if (options.json) io.out(JSON.stringify(answer.body, null, 2));
  else {
    const view = answer.body as StatusView;
    for (const line of lines(view, await workerNames(view.paused, io))) io.out(line);
  }
  return EXIT.done;
}

/** Exported for its test: the text that a person reads. */
export function lines(view: StatusView, names: WorkerNames = new Map()): readonly string[] {
  const { rules, queues } = view;
  const faults = rules.faults.map(
    (f) => `  ${f.file}:${f.line}:${f.column}: ${f.severity}: ${f.message}`,
  );
  return [
    `headroom ${view.version}, ${view.taskrouter}, up since ${wholeSecond(view.since)}`,
    `store      ${view.store}`,
    rules.id === null
      ? 'rules      no valid rule set yet: events are received, nothing is written'
      : `rules      ${rules.count} in set ${rules.id} (from the ${rules.from}), ${modes(rules.modes)}${rules.replicas > 1 ? `, held by ${rules.holding} of ${rules.replicas} replicas` : ''}`,
    ...(rules.lastReloadOk
      ? []
      : ['           the rules folder has problems; the last good set stays in force:']),
    ...faults,
    ...view.limits.map(limitLine),
    ...guardLines(view.guardrails),
    ...view.paused.map((each) => `PAUSED     ${pausedText(each, names)}`),
    ...view.notes.map((note) => `note       ${note}`),
    `events     ${view.events.distinct} distinct; ${counts(queues.events)}`,
    `deliveries ${deliveriesLine(view.events.deliveries)}`,
    `passes     ${counts(queues.passes)}`,
    `Workers    ${workersLine(view.workers)}`,
    `drift      ${driftLine(view.drift)}`,
    ...(view.forward === null ? [] : [forwardLine(view.forward)]),
    `rate       ${view.calls.rate}, ${view.calls.waiting} calls waiting`,
  ];
}

/**
 * `142 queued, 7 ignored, 8 refused (signature.missing)`: counts by outcome, refused ones with the
 * reason.
 */
function deliveriesLine(by: StatusView['events']['deliveries']): string {
  const entries = Object.entries(by).sort(([a], [b]) => a.localeCompare(b));
  const refused = entries.filter(([outcome]) => /^(signature|body)\./.test(outcome));
  const { queued = 0, 'store.down': down = 0 } = by;
  const sum = (some: typeof entries) => some.reduce((total, [, n]) => total + n, 0);
  const unused = sum(entries) - sum(refused) - queued - down;
  const why = refused.length === 1 ? refused.map(([o]) => o) : refused.map(([o, n]) => `${o} ${n}`);
  return [
    `${queued} queued`,
    ...(unused === 0 ? [] : [`${unused} ignored`]),
    ...(down === 0 ? [] : [`${down} not stored (503)`]),
    ...(refused.length === 0 ? [] : [`${sum(refused)} refused (${why.join(', ')})`]),
  ].join(', ');
}

function workersLine({ listed, lastResync, resyncFault }: StatusView['workers']): string {
  const known = `${listed ?? 'not listed yet'}`;
  const last = lastResync === null ? 'no resync yet' : `last resync ${wholeSecond(lastResync)}`;
  if (resyncFault === null) return lastResync === null ? known : `${known}, ${last}`;
  return `${known}, ${last}; the next one failed: ${resyncFault}`;
}

function limitLine({
  rule,
  members,
  candidates,
  allowed,
  next,
}: StatusView['limits'][number]): string {
  const more = next === null ? '' : `, more places at ${wholeSecond(next)}`;
  return `limit      ${rule}: ${members} of ${candidates} Workers chosen, ${allowed} allowed${more}`;
}

function guardLines(view: StatusView['guardrails']): readonly string[] {
  if (view === null) return [];
  const { keepOpen, maxChange, waiting } = view;
  const floors = keepOpen.map(
    ({ group, channel, open, atLeast }) =>
      `keep_open  ${group} on ${channel}: ${open} open, minimum ${atLeast}`,
  );
  const budget =
    maxChange === null
      ? []
      : [`max_change ${maxChange.written} of ${maxChange.allowed} Workers changed in the window`];
  const line = waiting === 0 ? [] : [`           ${waiting} Workers waiting for these`];
  return [...floors, ...budget, ...line];
}

function forwardLine({ target, sent, givenUp, fault, queue }: Forward): string {
  const lost = Object.values(givenUp).reduce((sum, n) => sum + n, 0);
  const now = fault === null ? '' : `; failing now: ${fault}`;
  const left = queue.waiting + queue.active + queue.delayed;
  return `forwards   ${target}: ${sent} sent, ${left} waiting, ${lost} given up${now}`;
}

function driftLine({ lastLook, lost, fault }: StatusView['drift']): string {
  const looked = lastLook === null ? 'not checked yet' : `checked at ${wholeSecond(lastLook)}`;
  const found = `${lost} changes found that were not delivered`;
  return `${looked}, ${found}${fault === null ? '' : `; the history cannot be read: ${fault}`}`;
}

function counts(queue: StatusView['queues']['events']): string {
  return `${queue.waiting} waiting, ${queue.active} active, ${queue.delayed} delayed, ${queue.failed} failed`;
}

function modes(by: StatusView['rules']['modes']): string {
  return Object.entries(by)
    .filter(([, n]) => n > 0)
    .map(([mode, n]) => `${n} ${mode}`)
    .join(', ');
}
