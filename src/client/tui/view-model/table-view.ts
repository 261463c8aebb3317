import { type ChunkedWork, forEachChunked } from '../../async/chunked-work.ts';
import type { CellContext, Column } from '../../columns/column.ts';
import { LazyOrder, SortKeys } from '../../columns/sort.ts';
import type { RowKey, Sort } from '../state.ts';
import type { Style } from '../text/style.ts';

/** The rows of one table in their order, whatever they are made of. Cells are made only when they are asked for. */
export interface TableView {
  readonly columns: readonly ColumnInfo[];
  /** The same, and at the end the one that rows are sorted by, if it is none of them. */
  readonly columnsAndSort: readonly ColumnInfo[];
  /** What rows can be sorted by, whether it is shown or not. */
  readonly sortable: readonly ColumnInfo[];
  readonly size: number;
  cell(row: number, column: number): string;
  /** What the cell is made of: what it is sorted by; undefined is unknown. */
  value(row: number, column: number): number | string | undefined;
  keyAt(row: number): RowKey | undefined;
  /** -1: no such row. */
  indexOf(key: RowKey): number;
  styleAt(row: number, column: number): Style | undefined;
  /**
   * What stands before the row, where its style alone would not be enough: that it is old, and how old; or what a column
   * tells that is not among those shown (their ids).
   */
  markAt(row: number, shown: ReadonlySet<string>): string;
  /** For those who go through all rows: works out the whole order. */
  sortAll(): void;
}

export interface TypedTableView<Row> extends TableView {
  rowAt(index: number): Row | undefined;
}

export type ColumnInfo = Omit<Column<never>, 'text' | 'key'>;

export interface TableDefinition<Row> {
  readonly rows: readonly Row[];
  /** Those that are shown. */
  readonly columns: readonly Column<Row>[];
  /** Where the order's column is found, if it may be one that is not shown. */
  readonly allColumns?: readonly Column<Row>[];
  readonly sort: Sort;
  readonly context: CellContext;
  key(row: Row): RowKey;
  /** Of rows that are equal by the column, those with the lower number come first; of those, the lower key. */
  tieBreak?(row: Row): number;
  /** How a cell differs from others; `column` is the column's id. */
  style?(row: Row, column: string): Style | undefined;
  mark?(row: Row, shown: ReadonlySet<string>): string;
}

/** Rows whose order is worked out at once: those around one that is looked at are looked at next. */
const BLOCK = 128;

/** Asks for what rows are sorted by, once; where a row comes is worked out when it is looked at. */
export function* buildTable<Row>(source: TableDefinition<Row>): ChunkedWork<TypedTableView<Row>> {
  const { rows, columns, allColumns = columns, context, sort, style } = source;
  const hidden = columns.some(({ id }) => id === sort.column) ? [] : allColumns.filter(({ id }) => id === sort.column);
  const columnsAndSort = [...columns, ...hidden];
  const keys = new Array<RowKey>(rows.length);
  const ranking = yield* ranked(source, keys);
  const blocks = new Map<number, readonly Row[]>();
  const places = new Map<RowKey, number>();
  const rowAt = (index: number): Row | undefined => {
    if (index < 0 || index >= rows.length) return undefined;
    const at = Math.floor(index / BLOCK);
    let block = blocks.get(at);
    if (block === undefined) {
      block = ranking.window(at * BLOCK, BLOCK);
      blocks.set(at, block);
    }
    return block[index - at * BLOCK];
  };
  return {
    columns,
    columnsAndSort,
    sortable: allColumns,
    size: rows.length,
    rowAt,
    cell(row, column) {
      const found = rowAt(row);
      return found === undefined ? '' : (columnsAndSort[column]?.cell(found, context) ?? '');
    },
    value(row, column) {
      const found = rowAt(row);
      return found === undefined ? undefined : columnsAndSort[column]?.sortKey(found, context);
    },
    keyAt(row) {
      const found = rowAt(row);
      return found === undefined ? undefined : source.key(found);
    },
    indexOf(key) {
      let place = places.get(key);
      if (place === undefined) {
        const given = keys.indexOf(key);
        place = given < 0 ? -1 : ranking.rankOf(given);
        places.set(key, place);
      }
      return place;
    },
    styleAt(row, column) {
      const found = rowAt(row);
      return found === undefined ? undefined : style?.(found, columnsAndSort[column]?.id ?? '');
    },
    markAt(row, shown) {
      const found = rowAt(row);
      return found === undefined ? '' : (source.mark?.(found, shown) ?? '');
    },
    sortAll: () => ranking.sortAll(),
  };
}

/** Fills `keys` on the way. */
function* ranked<Row>(source: TableDefinition<Row>, keys: RowKey[]): ChunkedWork<LazyOrder<Row>> {
  const { rows, columns, allColumns = columns, sort, context, key, tieBreak } = source;
  const column = allColumns.find(({ id }) => id === sort.column);
  const sorted = column === undefined ? undefined : new SortKeys(rows, column, context);
  const ties = new Uint8Array(rows.length);
  yield* forEachChunked(rows, (row, i) => {
    keys[i] = key(row);
    if (tieBreak !== undefined) ties[i] = tieBreak(row);
    sorted?.fill(i, i + 1);
  });
  const apart = (a: number, b: number): number => {
    const one = ties[a] as number;
    const other = ties[b] as number;
    if (one !== other) return one - other;
    const first = keys[a] as RowKey;
    const second = keys[b] as RowKey;
    return first < second ? -1 : first > second ? 1 : 0;
  };
  return new LazyOrder(rows, sorted?.comparer(sort.direction, apart) ?? ((a, b) => a - b));
}
