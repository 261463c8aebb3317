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
  const columns = columnsThatFit(data.columns, width);
  const headings = columns.map(({ at, cells }) => {
    const { heading = '', id, align } = data.columns[at] ?? { align: 'left' };
    const arrow = sort.direction === 'ascending' ? '▲' : '▼';
    const text = id === sort.column ? (align === 'left' ? `${heading}${arrow}` : `${arrow}${heading}`) : heading;
    return paint(fit(text, cells, align), id === sort.column ? 'sorted' : 'heading', depth);
  });
  const shown: string[][] = [];
  for (let row = top; row < Math.min(data.size, top + rows); row++) {
    shown.push(
      columns.map(({ at, cells }) =>
        paint(fit(data.cell(row, at), cells, data.columns[at]?.align), data.styleAt(row, at), depth),
      ),
    );
  }
  const widths = columns.map(({ cells }) => cells);
  return { widths, headings, rows: shown, hidden: data.columns.length - columns.length };
}

interface FittedColumn {
  /** Its place among all columns. */
  readonly at: number;
  readonly cells: number;
}

/**
 * The columns that fit, and how wide they are. Too narrow for all: those go first that can be spared, then those at the
 * right. What is left over goes to those that grow.
 */
export function columnsThatFit(columns: TableData['columns'], width: number): FittedColumn[] {
  const least = columns.map(({ width: cells, heading }) => Math.max(cells, heading.length + 1) + GAP);
  const used = (kept: readonly number[]) => kept.reduce((sum, at) => sum + (least[at] ?? 0), -GAP);
  let kept = columns.map((_, at) => at);
  const spare = kept.filter((at) => columns[at]?.spare !== undefined);
  spare.sort((a, b) => (columns[b]?.spare ?? 0) - (columns[a]?.spare ?? 0));
  for (const at of spare) {
    if (used(kept) <= width) break;
    kept = kept.filter((one) => one !== at);
  }
  while (kept.length > 1 && used(kept) > width) kept.pop();
  const over = Math.max(0, width - used(kept));
  const total = kept.reduce((sum, at) => sum + (columns[at]?.grow ?? 0), 0);
  return kept.map((at) => {
    const share = total === 0 ? 0 : Math.floor((over * (columns[at]?.grow ?? 0)) / total);
    return { at, cells: Math.min(width, (least[at] ?? GAP) - GAP + share) };
  });
}
