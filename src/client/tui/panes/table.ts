import { pad, padStart } from '../../format/cells.ts';
import type { Sort } from '../state.ts';
import { applyStyle, type ColorDepth } from '../text/style.ts';
import { shownColumns } from '../view-model/fit-columns.ts';
import type { TableView } from '../view-model/table-view.ts';

/** The visible rows for a table widget. */
export interface RenderedTable {
  readonly widths: readonly number[];
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns that did not fit. */
  readonly hidden: number;
}

/** `top`: the first row shown. */
export function renderTable(
  data: TableView,
  sort: Sort,
  top: number,
  rows: number,
  width: number,
  depth: ColorDepth,
  view: { readonly wide: boolean; readonly left: number },
): RenderedTable {
  const all = data.columnsAndSort;
  const columns = shownColumns(all, width, { ...view, sortedBy: sort.column });
  const sorted = all.find(({ id }) => id === sort.column);
  const isShown = columns.some(({ at }) => all[at] === sorted);
  const headings = columns.map(({ at, cells }) => {
    const { heading = '', id = '', align } = all[at] ?? { align: 'left' };
    const arrow = sort.direction === 'ascending' ? '▲' : '▼';
    // A hidden sum column is marked at its parts.
    const isMarked = id === sort.column || (!isShown && sorted?.sumOf?.includes(id) === true);
    const text = isMarked ? (align === 'left' ? `${heading}${arrow}` : `${arrow}${heading}`) : heading;
    return applyStyle(pad(text, cells, align), isMarked ? 'sorted' : 'heading', depth);
  });
  const ids = new Set(columns.map(({ at }) => all[at]?.id ?? ''));
  const shown: string[][] = [];
  for (let row = top; row < Math.min(data.size, top + rows); row++) {
    const mark = data.markAt(row, ids);
    shown.push(
      columns.map(({ at, cells }) => {
        const text = at === 0 && mark !== '' ? `${mark} ${data.cell(row, at)}` : data.cell(row, at);
        const { align, truncateAtEnd = false } = all[at] ?? {};
        return applyStyle(
          truncateAtEnd ? padStart(text, cells) : pad(text, cells, align),
          data.styleAt(row, at),
          depth,
        );
      }),
    );
  }
  const widths = columns.map(({ cells }) => cells);
  const hidden = data.columns.filter((column) => !columns.some(({ at }) => all[at] === column)).length;
  return { widths, headings, rows: shown, hidden };
}
