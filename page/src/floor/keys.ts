// How keys move the marked cell of a grid; pure.

export interface CellPosition {
  readonly row: number;
  readonly column: number;
}

export interface GridBounds {
  readonly rows: number;
  readonly columns: number;
  /** Rows that page up and page down move by. */
  readonly page: number;
}

interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
}

/** Where the key leads, or null if the grid does not use it. */
export function moveCell(
  { key, ctrlKey }: Key,
  from: CellPosition,
  { rows, columns, page }: GridBounds,
): CellPosition | null {
  const to = step(key, ctrlKey, from, { rows, columns, page });
  if (to === null) return null;
  return { row: within(to.row, rows), column: within(to.column, columns) };
}

function step(
  key: string,
  ctrl: boolean,
  { row, column }: CellPosition,
  bounds: GridBounds,
): CellPosition | null {
  switch (key) {
    case 'ArrowUp':
      return { row: row - 1, column };
    case 'ArrowDown':
      return { row: row + 1, column };
    case 'ArrowLeft':
      return { row, column: column - 1 };
    case 'ArrowRight':
      return { row, column: column + 1 };
    case 'PageUp':
      return { row: row - bounds.page, column };
    case 'PageDown':
      return { row: row + bounds.page, column };
    case 'Home':
      return { row: ctrl ? 0 : row, column: 0 };
    case 'End':
      return { row: ctrl ? bounds.rows : row, column: bounds.columns };
    default:
      return null;
  }
}

function within(n: number, count: number): number {
  return Math.min(Math.max(0, n), Math.max(0, count - 1));
}
