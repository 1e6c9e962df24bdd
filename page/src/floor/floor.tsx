// The floor: how many Workers need attention, and all of them in one grid.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Live } from '../live/live.ts';
import type { Session } from '../live/session.ts';
import { useTopics } from '../live/topics.ts';
import type { RuleView } from '../live/types.ts';
import { type Route, setQuery } from '../route.ts';
import { Choice, Search } from '../ui/fields.tsx';
import { focusContent } from '../ui/focus.ts';
import { Why } from '../why/why.tsx';
import { type CellRef, Grid } from './grid.tsx';
import { FILTERS, GROUPINGS, type RowQuery, rowsOf } from './rows.ts';
import { Summary } from './summary.tsx';
import { SORT_ORDERS, type SortOrder, WorkerList } from './worker-list.ts';

/** How often the order is updated while the grid is not in use, ms. */
const SORT_MS = 3_000;

interface FloorProps {
  readonly live: Live;
  readonly session: Session;
  readonly route: Route;
}

export function Floor({ live, session, route }: FloorProps) {
  useTopics(live.topics, 'workers', 'rules');
  const { query } = route;
  const only = FILTERS.find((each) => each === query.show) ?? null;
  const grouping = GROUPINGS.find((each) => each === query.group) ?? 'none';
  const order = SORT_ORDERS.find((each) => each === query.order) ?? 'attention';
  const asked: RowQuery = { search: query.q ?? '', only, grouping };
  const every = query.channels === 'all';
  const named = useSame(every ? [] : namedIn(live.rules));
  const counted = useMemo(() => (named.length === 0 ? null : new Set(named)), [named]);
  const { crowd, setBusy } = useWorkerList(live, order, counted);
  const { people } = crowd;
  const channels = useSame(channelsShown(crowd.channels, counted));
  const rows = useMemo(
    () => rowsOf(people, asked),
    [people, asked.search, asked.only, asked.grouping],
  );
  const open = placeOf(query);

  return (
    <div class={`floor${open ? ' with-story' : ''}`}>
      <h1 class="hidden">Floor</h1>
      <Summary
        counts={crowd.counts}
        all={people.length}
        only={only}
        onPick={(next) => setQuery({ show: next === only ? null : next })}
      />
      <div class="tools">
        <Search
          label="Search Workers, groups, rules"
          value={asked.search}
          onSearch={(q) => setQuery({ q })}
        />
        <Choice
          label="Group by"
          value={grouping}
          options={GROUPING_WORDS}
          onChoose={(group) => setQuery({ group: group === 'none' ? null : group })}
        />
        <Choice
          label="Channels"
          value={every ? 'all' : 'ruled'}
          options={CHANNEL_WORDS}
          onChoose={(next) => setQuery({ channels: next === 'all' ? next : null })}
        />
        <Choice
          label="Order by"
          value={order}
          options={ORDER_WORDS}
          onChoose={(next) => setQuery({ order: next === 'attention' ? null : next })}
        />
      </div>
      {rows.length === 0 ? (
        <EmptyFloor
          live={live}
          filtered={people.length > 0}
          onAll={() => {
            setQuery({ q: null, show: null });
            focusContent();
          }}
        />
      ) : (
        <Grid
          rows={rows}
          channels={channels}
          open={open}
          onOpen={({ worker, channel }) => setQuery({ worker, channel }, open === null)}
          onBusy={setBusy}
        />
      )}
      {open && (
        <Why
          live={live}
          session={session}
          worker={open.worker}
          channel={open.channel}
          onClose={() => {
            setQuery({ worker: null, channel: null });
            document.querySelector<HTMLElement>('[role=grid]')?.focus();
          }}
        />
      )}
    </div>
  );
}

const GROUPING_WORDS = {
  none: 'none',
  group: 'group',
  activity: 'Activity',
  holder: 'set by',
  rule: 'rule',
} as const;

const ORDER_WORDS: Readonly<Record<SortOrder, string>> = {
  attention: 'attention',
  name: 'name',
};

const CHANNEL_WORDS = { ruled: 'in rules', all: 'all' } as const;

function namedIn(rules: readonly RuleView[]): readonly string[] {
  return [...new Set(rules.flatMap(({ channels }) => channels))].sort();
}

/** The channels that rules name, since nothing changes on the others; all if no rule names one. */
function channelsShown(
  all: readonly string[],
  named: ReadonlySet<string> | null,
): readonly string[] {
  const shown = named === null ? all : all.filter((channel) => named.has(channel));
  return shown.length === 0 ? all : shown;
}

function placeOf({ worker, channel }: Readonly<Record<string, string>>): CellRef | null {
  return worker === undefined || channel === undefined ? null : { worker, channel };
}

/** The order is kept while the grid is in use, and otherwise updated every few seconds. */
function useWorkerList(live: Live, by: SortOrder, counted: ReadonlySet<string> | null) {
  const { current: kept } = useRef({ crowd: new WorkerList(), sorted: '', busy: false });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!kept.busy && !document.hidden) setTurn((n) => n + 1);
    }, SORT_MS);
    return () => clearInterval(timer);
  }, []);
  kept.crowd.update(live.workers, counted);
  const key = `${turn} ${by} ${live.complete || live.changes}`;
  if (kept.sorted !== key) kept.crowd.sort(by);
  kept.sorted = key;
  return {
    crowd: kept.crowd,
    setBusy: (now: boolean) => {
      kept.busy = now;
    },
  };
}

/** The same array as before while its content is the same. */
function useSame(list: readonly string[]): readonly string[] {
  const kept = useRef(list);
  if (kept.current.join('\n') !== list.join('\n')) kept.current = list;
  return kept.current;
}

interface EmptyFloorProps {
  readonly live: Live;
  readonly filtered: boolean;
  readonly onAll: () => void;
}

function EmptyFloor(props: EmptyFloorProps) {
  useTopics(props.live.topics, 'status');
  return (
    <div class="empty">
      <p role="status">{emptyFloorText(props)}</p>
      {props.filtered && (
        <button type="button" onClick={props.onAll}>
          Clear filters
        </button>
      )}
    </div>
  );
}

function emptyFloorText({ live: { complete, status }, filtered }: EmptyFloorProps): string {
  if (filtered) return 'No Workers match.';
  if (!complete) return 'Loading Workers…';
  return status !== null && status.workers.lastResync !== null
    ? 'This Workspace has no Workers.'
    : 'No Workers yet. They appear once headroom has read them from TaskRouter.';
}
