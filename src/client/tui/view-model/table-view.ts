import { type ChunkedWork, forEachChunked } from '../../async/chunked-work.ts';
import type { CellContext, Column } from '../../columns/column.ts';
import { LazyOrder, SortKeys } from '../../columns/sort.ts';
import type { RowKey, Sort } from '../state.ts';
import type { Style } from '../text/style.ts';

/** The sorted rows of one table, independent of their type. Cells are formatted on request. */
export interface TableView {
  readonly columns: readonly ColumnInfo[];
  /** The same, plus the sort column if it is not one of them. */
  readonly columnsAndSort: readonly ColumnInfo[];
  /** All columns for sorting, shown or not. */
  readonly sortable: readonly ColumnInfo[];
  readonly size: number;
  cell(row: number, column: number): string;
  /** The raw value of a cell, by which it is sorted; undefined: unknown. */
  value(row: number, column: number): number | string | undefined;
  keyAt(row: number): RowKey | undefined;
  /** -1: no such row. */
  indexOf(key: RowKey): number;
  styleAt(row: number, column: number): Style | undefined;
  /**
   * A mark before the row, if its style is not enough: how old it is; or the value of a column
   * that is not among the shown ones (their ids).
   */
  markAt(row: number, shown: ReadonlySet<string>): string;
  /** Sorts all rows, for callers that need all of them. */
  sortAll(): void;
}

export interface TypedTableView<Row> extends TableView {
  rowAt(index: number): Row | undefined;
}

export type ColumnInfo = Omit<Column<never>, 'text' | 'key'>;

export interface TableDefinition<Row> {
  readonly rows: readonly Row[];
  /** The shown columns. */
  readonly columns: readonly Column<Row>[];
  /** Columns among which the sort column is found, if it may be hidden. */
  readonly allColumns?: readonly Column<Row>[];
  readonly sort: Sort;
  readonly context: CellContext;
  key(row: Row): RowKey;
  /** The order of rows with equal sort keys: the lower number first, then the lower key. */
  tieBreak?(row: Row): number;
  /** The style of a cell; `column` is the column's id. */
  style?(row: Row, column: string): Style | undefined;
  mark?(row: Row, shown: ReadonlySet<string>): string;
}

/** Rows are sorted in blocks of this size, because neighbouring rows are requested next. */
const BLOCK = 128;

/** Computes the sort keys once; the order of rows is computed on request. */
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

/** Also fills `keys`. */
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
