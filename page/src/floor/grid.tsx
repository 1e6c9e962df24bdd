// The grid of Workers × Worker Channels. Only the rows in view exist, however many Workers there
// are; the keyboard moves a marked cell, and the grid itself keeps the focus.

import { useEffect, useRef, useState } from 'preact/hooks';
import { moveCell } from './keys.ts';
import { GridRow } from './row.tsx';
import type { Row } from './rows.ts';

export interface CellRef {
  readonly worker: string;
  readonly channel: string;
}

export interface GridProps {
  readonly rows: readonly Row[];
  readonly channels: readonly string[];
  /** The cell whose story is open. */
  readonly open: CellRef | null;
  readonly onOpen: (place: CellRef) => void;
  /** Called when the grid comes into use, and when it is no longer in use. */
  readonly onBusy: (busy: boolean) => void;
}

/** Rows drawn beyond the edges, so that scrolling shows no gap. */
const OVERSCAN = 4;

export function Grid({ rows, channels, open, onOpen, onBusy }: GridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const size = useRowSize(scroller);
  /** The first row in view. */
  const [top, setTop] = useState(0);
  const [marked, setMarked] = useState<{ key: string; column: number } | null>(null);

  const body = Math.max(0, size.view - size.head);
  const first = Math.max(0, Math.min(top, rows.length - 1) - OVERSCAN);
  const last = Math.min(rows.length, top + Math.ceil(body / size.row) + 1 + OVERSCAN);
  const slotOf = useSlots(first, Math.ceil(body / size.row) + 1 + 2 * OVERSCAN);
  const at = marked === null ? -1 : rows.findIndex(({ key }) => key === marked.key);
  const inView = at >= first && at < last;

  function mark(index: number, column: number): void {
    const row = rows[index];
    if (row === undefined) return;
    setMarked({ key: row.key, column });
    const element = scroller.current;
    if (element === null) return;
    const begin = index * size.row;
    if (begin < element.scrollTop) element.scrollTop = begin;
    else if (begin + size.row > element.scrollTop + body) {
      element.scrollTop = begin + size.row - body;
    }
    scrolled(element);
  }

  function scrolled({ scrollTop }: HTMLElement): void {
    setTop(Math.floor(scrollTop / size.row));
  }

  function openAt(index: number, column: number): void {
    const row = rows[index];
    const channel = channels[Math.max(0, column - 1)];
    if (row?.kind !== 'person' || channel === undefined) return;
    const has = row.cells.has(channel) ? channel : row.cells.keys().next().value;
    if (has !== undefined) onOpen({ worker: row.worker.sid, channel: has });
  }

  function onKeyDown(event: KeyboardEvent): void {
    const from = { row: Math.max(0, at), column: marked?.column ?? 0 };
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      openAt(from.row, from.column);
      return;
    }
    const page = Math.max(1, Math.floor(body / size.row) - 1);
    const next = moveCell(event, from, { rows: rows.length, columns: channels.length + 1, page });
    if (next === null) return;
    event.preventDefault();
    mark(next.row, next.column);
  }

  return (
    <div
      ref={scroller}
      class={size.wide ? 'grid wide' : 'grid'}
      role="grid"
      aria-label="Workers and their channels"
      aria-rowcount={rows.length + 1}
      aria-colcount={channels.length + 1}
      aria-activedescendant={inView && marked ? `cell-${marked.key}-${marked.column}` : undefined}
      tabIndex={0}
      style={{ '--channels': channels.length, '--row': `${size.row}px` }}
      onScroll={(event) => scrolled(event.currentTarget)}
      onKeyDown={onKeyDown}
      onFocus={() => {
        onBusy(true);
        if (at < 0) mark(first === 0 ? 0 : first + OVERSCAN, 1);
      }}
      onBlur={() => onBusy(false)}
      onPointerEnter={() => onBusy(true)}
      onPointerLeave={() => onBusy(false)}
    >
      <div class="grid-head" role="row" aria-rowindex={1}>
        <div role="columnheader" aria-colindex={1}>
          Worker
        </div>
        {channels.map((channel, i) => (
          <div key={channel} role="columnheader" aria-colindex={i + 2}>
            {channel}
          </div>
        ))}
      </div>
      <div class="grid-body" role="rowgroup" style={{ height: `${rows.length * size.row}px` }}>
        {rows.slice(first, last).map((row, i) => (
          <GridRow
            key={slotOf(i)}
            row={row}
            index={first + i}
            top={(first + i) * size.row}
            channels={channels}
            marked={row.key === marked?.key ? marked.column : null}
            open={row.key === open?.worker ? open.channel : null}
            onPick={(index, column) => {
              setMarked({ key: row.key, column });
              openAt(index, column);
            }}
          />
        ))}
      </div>
    </div>
  );
}

/**
 * Which element shows row `i` of those in view: scrolling refills elements instead of creating new
 * ones, and over a short distance moves only those that change ends.
 */
function useSlots(first: number, slots: number): (i: number) => number {
  const turned = useRef({ first, by: 0 });
  const way = first - turned.current.first;
  if (way !== 0) {
    const by = Math.abs(way) > OVERSCAN ? turned.current.by : turned.current.by + way;
    turned.current = { first, by: ((by % slots) + slots) % slots };
  }
  return (i) => (turned.current.by + i) % slots;
}

interface Size {
  readonly row: number;
  readonly head: number;
  readonly view: number;
  /** Whether there are more channels than fit beside each other. */
  readonly wide: boolean;
}

/**
 * Heights in px, as the style sheet sets them: they follow the font size and the width. Until they
 * are measured, one frame later, the grid has only a few rows, so that neither drawing takes long.
 */
function useRowSize(scroller: { current: HTMLDivElement | null }): Size {
  const [size, setSize] = useState<Size>({ row: 52, head: 36, view: 0, wide: false });
  const measure = () => {
    const element = scroller.current;
    if (element === null) return;
    const em = Number.parseFloat(getComputedStyle(element).fontSize);
    const rows = Number.parseFloat(getComputedStyle(element).getPropertyValue('--row-em')) || 3.2;
    const head = element.querySelector<HTMLElement>('.grid-head')?.offsetHeight ?? 0;
    const next = {
      row: Math.round(em * rows),
      head,
      view: element.clientHeight,
      wide: element.scrollWidth > element.clientWidth,
    };
    setSize((now) => (JSON.stringify(now) === JSON.stringify(next) ? now : next));
  };
  useEffect(() => {
    const watch = new ResizeObserver(measure);
    if (scroller.current !== null) watch.observe(scroller.current);
    return () => watch.disconnect();
  }, []);
  return size;
}
