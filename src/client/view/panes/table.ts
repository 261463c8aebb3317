import type { TableData } from '../data/table-data.ts';
import type { Sort } from '../state/state.ts';
import { fit } from '../text/plain.ts';
import { type ColourDepth, paint } from '../text/style.ts';

/** What a table widget is given: as many rows as fit, and no more. */
export interface TableWindow {
  readonly widths: readonly number[];
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns that did not fit. */
  readonly hidden: number;
}

const GAP = 1;

/** `top`: the first row shown. */
export function tableWindow(
  data: TableData,
  sort: Sort,
  top: number,
  rows: number,
  width: number,
  depth: ColourDepth,
): TableWindow {
  const widths = columnWidths(data.columns, width);
  const headings = widths.map((cells, column) => {
    const { heading = '', id, align } = data.columns[column] ?? { align: 'left' };
    const arrow = sort.direction === 'ascending' ? '▲' : '▼';
    const text = id === sort.column ? (align === 'left' ? `${heading}${arrow}` : `${arrow}${heading}`) : heading;
    return paint(fit(text, cells, align), id === sort.column ? 'sorted' : 'heading', depth);
  });
  const shown: string[][] = [];
  for (let row = top; row < Math.min(data.size, top + rows); row++) {
    const tone = data.toneAt(row);
    shown.push(
      widths.map((cells, column) =>
        paint(fit(data.cell(row, column), cells, data.columns[column]?.align), tone, depth),
      ),
    );
  }
  return { widths, headings, rows: shown, hidden: data.columns.length - widths.length };
}

/** Widths of the columns that fit, from the left; what is left over goes to those that grow. */
export function columnWidths(columns: TableData['columns'], width: number): number[] {
  const widths: number[] = [];
  let used = 0;
  for (const column of columns) {
    const least = Math.max(column.width, column.heading.length + 1);
    if (used + least > width && widths.length > 0) break;
    widths.push(Math.min(least, width));
    used += least + GAP;
  }
  const spare = Math.max(0, width - used + GAP);
  const shares = widths.map((_, column) => columns[column]?.grow ?? 0);
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (total === 0) return widths;
  return widths.map((cells, column) => cells + Math.floor((spare * (shares[column] ?? 0)) / total));
}
