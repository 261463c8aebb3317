/** A cell's input apart from its row. */
export interface CellContext {
  /** Show names (true) or addresses (`n`). */
  readonly names: boolean;
  /** Unix time in milliseconds that ages are measured at. */
  readonly now: number;
}

/** A column of a table on the screen or in `kflow flows`. To add a column, add an object to its table's list. */
export interface Column<Row> {
  /** As in `:sort` and `--sort`: lower case, stable. */
  readonly id: string;
  /** At most as wide as `width`. */
  readonly heading: string;
  /** One line for the help. */
  readonly help: string;
  readonly align: 'left' | 'right';
  /** Characters. `grow`: this share of the remaining width; 0 or absent: never wider. */
  readonly width: number;
  readonly grow?: number;
  /** The minimum width on a small screen; absent: the width is fixed. */
  readonly minWidth?: number;
  /** On a screen that is too narrow for all columns, the highest is dropped first. Absent: never dropped. */
  readonly dropPriority?: number;
  /** The columns that it is the sum of: if they are shown, it may be dropped. */
  readonly sumOf?: readonly string[];
  /** Shown only with `w` (wide) or `-o wide`. */
  readonly wide?: boolean;
  /** Truncate at the end, for sentences. Otherwise in the middle, because ports and suffixes distinguish names. */
  readonly truncateAtEnd?: boolean;
  /** The cell, free of control characters. Unknown is "–". */
  cell(row: Row, context: CellContext): string;
  /** The sort key of a row; undefined (unknown) comes last in either direction. */
  sortKey(row: Row, context: CellContext): number | string | undefined;
  /** The direction when sorting by this column starts. */
  readonly defaultDirection: 'ascending' | 'descending';
}
