// One row of the grid: a Worker with a cell for each channel, or the heading of a group. Redrawn
// only when its Worker, its place or its mark changed.

import { Component } from 'preact';
import { HolderIcon, StateIcon } from '../ui/icons.tsx';
import { when } from '../ui/time.ts';
import { accessibleLabel } from './channel-status.ts';
import type { Cell, Row, WorkerRow } from './rows.ts';

export interface RowProps {
  readonly row: Row;
  readonly index: number;
  /** px from the top of the body */
  readonly top: number;
  readonly channels: readonly string[];
  /** The marked column, 0 being the name. */
  readonly marked: number | null;
  /** The channel whose story is open. */
  readonly open: string | null;
  readonly onPick: (index: number, column: number) => void;
}

export class GridRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const now = this.props;
    return (
      contentOf(next.row) !== contentOf(now.row) ||
      next.index !== now.index ||
      next.top !== now.top ||
      next.channels !== now.channels ||
      next.marked !== now.marked ||
      next.open !== now.open
    );
  }

  render({ row, index, top, channels, marked, open, onPick }: RowProps) {
    const place = { transform: `translateY(${top}px)` };
    if (row.kind === 'heading') {
      return (
        <div class="grid-row heading" role="row" aria-rowindex={index + 2} style={place}>
          <div
            role="rowheader"
            id={`cell-${row.key}-${marked ?? 0}`}
            aria-colspan={channels.length + 1}
            class={marked === null ? '' : 'marked'}
          >
            {row.title} <span class="muted">{row.count}</span>
          </div>
        </div>
      );
    }
    const person = row;
    return (
      <div class="grid-row" role="row" aria-rowindex={index + 2} style={place}>
        <div
          role="rowheader"
          id={`cell-${row.key}-0`}
          aria-colindex={1}
          class={`person${marked === 0 ? ' marked' : ''}`}
          onClick={() => onPick(index, 0)}
        >
          <Name person={person} />
        </div>
        {channels.map((channel, i) => (
          <GridCell
            key={channel}
            channel={channel}
            person={person}
            cell={person.cells.get(channel)}
            column={i + 1}
            marked={marked === i + 1}
            open={open === channel}
            onPick={() => onPick(index, i + 1)}
          />
        ))}
      </div>
    );
  }
}

function contentOf(row: Row): unknown {
  return row.kind === 'person' ? row : `${row.title}:${row.count}`;
}

function Name({ person: { worker, name } }: { person: WorkerRow }) {
  const { activity, available, since } = worker;
  return (
    <>
      <span class="name" title={name}>
        {name}
      </span>
      <span class={`activity${available ? ' on' : ''}`}>
        {activity ?? 'Unknown Activity'}
        {since !== null && <span class="since"> since {when(since)}</span>}
      </span>
    </>
  );
}

interface CellProps {
  readonly channel: string;
  readonly person: WorkerRow;
  readonly cell: Cell | undefined;
  readonly column: number;
  readonly marked: boolean;
  readonly open: boolean;
  readonly onPick: () => void;
}

function GridCell({ channel, person, cell, column, marked, open, onPick }: CellProps) {
  const place = { id: `cell-${person.worker.sid}-${column}`, 'aria-colindex': column + 1 };
  const mark = marked ? ' marked' : '';
  if (cell === undefined) {
    // A Worker without known channels was not read: no rule has needed it yet.
    const unread = person.cells.size === 0;
    return (
      <div role="gridcell" {...place} class={`cell none${mark}`}>
        <span class="hidden">
          {person.name}, {channel}: {unread ? 'not read: no rule uses it' : 'no such channel'}
        </span>
        <span aria-hidden="true">{unread ? '·' : '–'}</span>
      </div>
    );
  }
  const { standing } = cell;
  const { capacity, assigned } = cell.channel;
  const load = capacity ? Math.min(1, assigned / capacity) : assigned > 0 ? 1 : 0;
  return (
    <div
      role="gridcell"
      {...place}
      class={`cell s-${standing.state} h-${standing.holder}${mark}${open ? ' open' : ''}`}
      onClick={onPick}
    >
      <span class="hidden">{accessibleLabel(person.worker, cell.channel, standing)}</span>
      <span class="cell-channel" aria-hidden="true">
        {channel}
      </span>
      <span class="cell-top" aria-hidden="true">
        <StateIcon state={standing.state} />
        <span class="amount">
          {assigned}
          <span class="of">/{capacity ?? '?'}</span>
        </span>
        {standing.state !== 'open' && standing.state !== 'full' && (
          <span class="word">{standing.state}</span>
        )}
      </span>
      <span class="held" aria-hidden="true">
        <HolderIcon holder={standing.holder} />
        <span class="by" title={standing.by}>
          {standing.by}
        </span>
      </span>
      <span class="load" style={{ '--load': `${Math.round(load * 100)}%` }} />
    </div>
  );
}
