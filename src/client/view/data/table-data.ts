import type { CellContext, Column } from '../../table/column.ts';
import type { RowKey, Sort } from '../state/state.ts';
import type { Style } from '../text/style.ts';

/** The rows of one table in their order, whatever they are made of. Cells are made only when they are asked for. */
export interface TableData {
  readonly columns: readonly ColumnHead[];
  /** The same, and at the end the one that rows are sorted by, if it is none of them. */
  readonly laidOut: readonly ColumnHead[];
  /** What rows can be sorted by, whether it is shown or not. */
  readonly sortable: readonly ColumnHead[];
  readonly size: number;
  cell(row: number, column: number): string;
  /** What the cell is made of: what it is sorted by; undefined is unknown. */
  value(row: number, column: number): number | string | undefined;
  keyAt(row: number): RowKey | undefined;
  /** -1: no such row. */
  indexOf(key: RowKey): number;
  styleAt(row: number, column: number): Style | undefined;
}

export type ColumnHead = Omit<Column<never>, 'text' | 'key'>;

export interface TableSource<Row> {
  readonly rows: readonly Row[];
  /** Those that are shown. */
  readonly columns: readonly Column<Row>[];
  /** Where the order's column is found, if it may be one that is not shown. */
  readonly allColumns?: readonly Column<Row>[];
  readonly sort: Sort;
  readonly context: CellContext;
  key(row: Row): RowKey;
  /** Of rows that are equal by the column, those with the lower number come first; of those, the lower key. */
  tie?(row: Row): number;
  /** How a cell is to be told from others; `column` is the column's id. */
  style?(row: Row, column: string): Style | undefined;
}

/** Sorts once; the order then stays until the next snapshot, so that no key press waits for it. */
export function tableData<Row>(source: TableSource<Row>): TableData & { rowAt(index: number): Row | undefined } {
  const { columns, allColumns = columns, context, key, sort } = source;
  const rows = sorted(source);
  const hidden = columns.some(({ id }) => id === sort.column) ? [] : allColumns.filter(({ id }) => id === sort.column);
  const laidOut = [...columns, ...hidden];
  let indices: Map<RowKey, number> | undefined;
  return {
    columns,
    laidOut,
    sortable: allColumns,
    size: rows.length,
    cell(row, column) {
      const found = rows[row];
      return found === undefined ? '' : (laidOut[column]?.text(found, context) ?? '');
    },
    value(row, column) {
      const found = rows[row];
      return found === undefined ? undefined : laidOut[column]?.key(found, context);
    },
    keyAt(row) {
      const found = rows[row];
      return found === undefined ? undefined : key(found);
    },
    indexOf(wanted) {
      indices ??= new Map(rows.map((row, index) => [key(row), index]));
      return indices.get(wanted) ?? -1;
    },
    styleAt(row, column) {
      const found = rows[row];
      return found === undefined ? undefined : source.style?.(found, laidOut[column]?.id ?? '');
    },
    rowAt: (index) => rows[index],
  };
}

function sorted<Row>({ rows, columns, allColumns = columns, sort, context, key, tie }: TableSource<Row>): Row[] {
  const column = allColumns.find(({ id }) => id === sort.column);
  if (column === undefined) return [...rows];
  const sign = sort.direction === 'ascending' ? 1 : -1;
  const keyed = rows.map((row) => ({ row, by: column.key(row, context), tie: tie?.(row) ?? 0, key: key(row) }));
  keyed.sort((a, b) => {
    if (a.by !== b.by) {
      // What is unknown comes last, in either direction.
      if (a.by === undefined) return 1;
      if (b.by === undefined) return -1;
      return a.by < b.by ? -sign : sign;
    }
    if (a.tie !== b.tie) return a.tie - b.tie;
    return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
  });
  return keyed.map(({ row }) => row);
}
