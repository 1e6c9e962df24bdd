// Which Workers are shown, and under which headings: pure, and cheap enough to redo at every change
// of a floor of ten thousand.

import type { ChannelView, WorkerView } from '../live/types.ts';
import { searchText } from '../ui/names.ts';
import { ATTENTION, type ChannelStatus, channelStatusOf, nameOf } from './channel-status.ts';

export interface Cell {
  readonly channel: ChannelView;
  readonly standing: ChannelStatus;
}

/** A Worker as a row; the same object until the daemon sends another version of the Worker. */
export interface WorkerRow {
  readonly kind: 'person';
  readonly key: string;
  readonly worker: WorkerView;
  readonly name: string;
  /** For searching. */
  readonly text: string;
  readonly cells: ReadonlyMap<string, Cell>;
  readonly weight: number;
  /** The filters that show this Worker. */
  readonly matchingFilters: ReadonlySet<WorkerFilter>;
}

export const FILTERS = ['attention', 'draining', 'full', 'paused', 'person', 'rule'] as const;
export type WorkerFilter = (typeof FILTERS)[number];
export const GROUPINGS = ['none', 'group', 'activity', 'holder', 'rule'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface RowQuery {
  readonly search: string;
  readonly only: WorkerFilter | null;
  readonly grouping: Grouping;
}

export type Row =
  | {
      readonly kind: 'heading';
      readonly key: string;
      readonly title: string;
      readonly count: number;
    }
  | WorkerRow;

/**
 * To be called once for each version of a Worker that the daemon sends. Only channels in `counted`
 * make a Worker need attention or belong to a filter; null: all do.
 */
export function workerRowOf(
  worker: WorkerView,
  counted: ReadonlySet<string> | null = null,
): WorkerRow {
  const cells = new Map<string, Cell>();
  const shown: ChannelStatus[] = [];
  for (const channel of worker.channels) {
    const standing = channelStatusOf(channel, worker.available);
    cells.set(channel.channel, { channel, standing });
    if (counted === null || counted.has(channel.channel)) shown.push(standing);
  }
  const name = nameOf(worker);
  const rules = [...cells.values()].map(({ standing }) => standing.by).join(' ');
  const { sid, activity, groups } = worker;
  const text = searchText([name, sid, activity ?? '', ...groups, rules].join(' '));
  const weight = Math.max(0, ...shown.map((standing) => standing.weight));
  const show = filtersMatching(shown, weight);
  return {
    kind: 'person',
    key: worker.sid,
    worker,
    name,
    text,
    cells,
    weight,
    matchingFilters: show,
  };
}

function filtersMatching(
  shown: readonly ChannelStatus[],
  weight: number,
): ReadonlySet<WorkerFilter> {
  const found = new Set<WorkerFilter>();
  if (weight >= ATTENTION) found.add('attention');
  for (const standing of shown) {
    for (const only of FILTERS) {
      if (standing.state === only || standing.holder === only) found.add(only);
    }
  }
  return found;
}

/** `people` are already in order; each group keeps that order. */
export function rowsOf(people: readonly WorkerRow[], asked: RowQuery): readonly Row[] {
  const search = searchText(asked.search.trim());
  const { only } = asked;
  const all = search === '' && only === null;
  const shown = all
    ? people
    : people.filter(
        (p) =>
          (search === '' || p.text.includes(search)) &&
          (only === null || p.matchingFilters.has(only)),
      );
  if (asked.grouping === 'none') return shown;
  const groups = new Map<string, WorkerRow[]>();
  for (const person of shown) {
    const title = titleOf(person, asked.grouping);
    const group = groups.get(title);
    if (group === undefined) groups.set(title, [person]);
    else group.push(person);
  }
  // Sorted by title, so that a group keeps its place while its people move.
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([title, group]): Row[] => [
      { kind: 'heading', key: `group:${title}`, title, count: group.length },
      ...group,
    ]);
}

function titleOf({ worker, cells }: WorkerRow, grouping: Exclude<Grouping, 'none'>): string {
  if (grouping === 'activity') return worker.activity ?? 'Unknown Activity';
  if (grouping === 'group') {
    return worker.groups.length === 0 ? 'In no group' : worker.groups.join(', ');
  }
  const standings = [...cells.values()].map(({ standing }) => standing);
  if (grouping === 'holder') {
    const holders = ['guardrail', 'person', 'rule'] as const;
    const found = holders.find((each) => standings.some(({ holder }) => holder === each));
    return found === undefined ? 'At baseline' : HOLDERS[found];
  }
  const rules = standings.filter(({ holder }) => holder === 'rule').map(({ by }) => by);
  return rules.length === 0 ? 'No rule' : [...new Set(rules)].sort().join(', ');
}

const HOLDERS = {
  guardrail: 'Held back',
  person: 'Set by a person',
  rule: 'Set by rules',
} as const;
