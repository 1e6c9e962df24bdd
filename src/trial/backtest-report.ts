// A backtest for people and machines: changes counted by rule and by Worker Channel, together with
// what the past could not show.

import { iso } from '../core/instants.ts';
import type { Rule, RuleSet } from '../core/rules.ts';
import { type BacktestChange, type BacktestResult, hasCrossWorkerLimits } from './backtest.ts';
import type { EventHistory } from './event-history.ts';
import { wallClockText } from './wall-clock.ts';

export interface ChangeCount {
  readonly changes: number;
  /** ISO instants. */
  readonly first: string;
  readonly last: string;
}

export interface BacktestReport {
  readonly from: string;
  readonly to: string;
  readonly events: number;
  readonly workers: number;
  readonly changes: number;
  /** `rule` null: restored to the baseline, because no rule asked for it any more. */
  readonly rules: readonly (ChangeCount & {
    readonly rule: string | null;
    readonly workers: number;
  })[];
  /** Rules that changed nothing. */
  readonly idle: readonly string[];
  readonly channels: readonly (ChangeCount & {
    readonly worker: string;
    readonly friendlyName: string | null;
    readonly channel: string;
  })[];
  /** Instants at which the rules kept writing. */
  readonly restless: readonly { readonly at: string; readonly worker: string | null }[];
  /** What could not be known, one sentence each. */
  readonly unknown: readonly string[];
}

export function reportOf(
  rules: RuleSet,
  history: EventHistory,
  tested: BacktestResult,
): BacktestReport {
  const { changes } = tested;
  const byRule = grouped(changes, ({ rule }) => rule ?? '');
  const byChannel = grouped(changes, ({ worker, channel }) => `${worker} ${channel}`);
  return {
    from: iso(history.from),
    to: iso(history.to),
    events: history.events.length,
    workers: tested.workers,
    changes: changes.length,
    rules: [...byRule].map(([rule, own]) => ({
      rule: rule === '' ? null : rule,
      ...changeCount(own),
      workers: new Set(own.map(({ worker }) => worker)).size,
    })),
    idle: rules.rules.map(({ name }) => name).filter((name) => !byRule.has(name)),
    channels: [...byChannel.values()].flatMap((own) => {
      const [first] = own;
      if (first === undefined) return [];
      const { worker, friendlyName, channel } = first;
      return [{ worker, friendlyName, channel, ...changeCount(own) }];
    }),
    restless: tested.restless.map(({ at, worker }) => ({ at: iso(at), worker })),
    unknown: unknownsOf(rules, history, tested),
  };
}

/** Most changes first, then by name. */
function grouped(
  changes: readonly BacktestChange[],
  keyOf: (change: BacktestChange) => string,
): ReadonlyMap<string, readonly BacktestChange[]> {
  const groups = new Map<string, BacktestChange[]>();
  for (const change of changes) {
    const own = groups.get(keyOf(change));
    if (own === undefined) groups.set(keyOf(change), [change]);
    else own.push(change);
  }
  return new Map([...groups].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1)));
}

function changeCount(changes: readonly BacktestChange[]): ChangeCount {
  const [first, last] = [changes[0], changes.at(-1)];
  return { changes: changes.length, first: iso(first?.at ?? 0), last: iso(last?.at ?? 0) };
}

function unknownsOf(
  rules: RuleSet,
  history: EventHistory,
  tested: BacktestResult,
): readonly string[] {
  const { starts, withoutAttributes } = tested;
  const { skipped } = history;
  return [
    `the state before a Worker's first event: each Worker starts at that event, with what schedules had set by then and no Tasks`,
    `the initial capacity of Worker Channels: declared for ${starts.declared}, from an event for ${starts.told}, assumed 1 for ${starts.assumed}`,
    ...unknownReads(rules, 'queues', 'the statistics of TaskQueues'),
    ...unknownReads(
      rules,
      'groups',
      'the facts of groups, because Workers without events are missing',
    ),
    ...targetsUnknown(rules, history),
    ...(history.unknownActivities.length === 0
      ? []
      : [
          `whether these Activities are available: ${history.unknownActivities.join(', ')}; --available names those that are`,
        ]),
    ...counting(rules),
    ...(history.channelChanges === 0
      ? []
      : [
          `the values of ${history.channelChanges} changes of Worker Channels by people or headroom: events do not contain them, so no manual edit was respected`,
        ]),
    ...(hasCrossWorkerLimits(rules) && !tested.crossWorker
      ? [
          'what limit, keep_open and max_change would have held back: too many events to replay all Workers together',
        ]
      : []),
    ...(withoutAttributes.length === 0
      ? []
      : [`the attributes of ${withoutAttributes.length} Workers, so nothing was decided for them`]),
    ...(skipped.elsewhere === 0 ? [] : [`${skipped.elsewhere} events belong to another Workspace`]),
    ...skipped.incomplete.slice(0, MAX_LISTED).map((each) => `skipped an event: ${each}`),
    ...(skipped.incomplete.length > MAX_LISTED
      ? [`${skipped.incomplete.length - MAX_LISTED} more events were skipped for similar reasons`]
      : []),
  ];
}

const MAX_LISTED = 5;

const readsOf = ({ when, release }: Rule) =>
  [when?.enter, when?.exit, release?.or].flatMap((each) => each?.reads ?? []);

function unknownReads(rules: RuleSet, what: 'queues' | 'groups', said: string): readonly string[] {
  const readers = rules.rules.filter((rule) =>
    readsOf(rule).some((reads) => reads[what].length > 0),
  );
  if (readers.length === 0) return [];
  const names = [...new Set(readers.flatMap((rule) => readsOf(rule).flatMap((r) => r[what])))];
  const asking = readers.map(({ name }) => name).join(', ');
  return [`${said} (${names.join(', ')}): rules that needed them did not claim (${asking})`];
}

function targetsUnknown({ groups }: RuleSet, { targets }: EventHistory): readonly string[] {
  const queues = [...groups.values()].flatMap((group) =>
    group.kind === 'queue' && !targets.has(group.queue) ? [group.queue] : [],
  );
  if (queues.length === 0) return [];
  return [`which Workers these TaskQueues match: ${[...new Set(queues)].join(', ')}`];
}

function counting({ rules }: RuleSet): readonly string[] {
  const counters = rules.filter((rule) => readsOf(rule).some(({ counts }) => counts.length > 0));
  if (counters.length === 0) return [];
  const names = counters.map(({ name }) => name).join(', ');
  return [`the value of count before one full window had passed (${names})`];
}

/** The report as lines; `changes` null: they were not asked for. */
export function reportLines(
  report: BacktestReport,
  rules: RuleSet,
  changes: readonly BacktestChange[] | null,
): readonly string[] {
  const wall = (at: string) => wallClockText(Date.parse(at), rules);
  const span = ({ changes, first, last }: ChangeCount) =>
    changes === 1 ? `1 at ${wall(first)}` : `${changes}, ${wall(first)} to ${wall(last)}`;
  const { workers } = report;
  return [
    `${report.events} events of ${workers} Workers, ${wall(report.from)} to ${wall(report.to)}`,
    `${report.changes} changes would have been written${report.changes === 0 ? '' : ', by rule:'}`,
    ...report.rules.map(
      (each) => `  ${each.rule ?? 'restored to baseline'}: ${span(each)}, Workers: ${each.workers}`,
    ),
    ...(report.idle.length === 0 ? [] : [`  none: ${report.idle.join(', ')}`]),
    ...(report.channels.length === 0 ? [] : ['by Worker Channel:']),
    ...report.channels.map(
      (each) => `  ${each.friendlyName ?? each.worker} ${each.channel}: ${span(each)}`,
    ),
    ...(changes === null ? [] : ['changes:', ...changes.map((each) => changeLine(each, rules))]),
    ...report.restless.map(
      ({ at, worker }) =>
        `rules keep writing without end at ${wall(at)}${worker === null ? '' : ` for ${worker}`}`,
    ),
    'rules in observe mode were treated as enforced. Unknown:',
    ...report.unknown.map((each) => `  - ${each}`),
  ];
}

function changeLine(change: BacktestChange, rules: RuleSet): string {
  const { at, worker, friendlyName, channel, from, to, rule, reason } = change;
  const parts = (['capacity', 'available'] as const).flatMap((field) =>
    to[field] === undefined ? [] : [`${field} ${from[field]} → ${to[field]}`],
  );
  return `  ${wallClockText(at, rules)} ${friendlyName ?? worker} ${channel}: ${parts.join(', ')}  (${rule ?? reason})`;
}
