/** What a cell may depend on apart from its row. */
export interface CellContext {
  /** Show names (true) or addresses (`n`). */
  readonly names: boolean;
  /** Unix time in milliseconds that ages are measured at. */
  readonly now: number;
}

/** A column of a table on the screen or in `kflow flows`. To add one is to add one of these to its table's list. */
export interface Column<Row> {
  /** As in `:sort` and `--sort`: lower case, stable. */
  readonly id: string;
  /** At most as wide as `width`. */
  readonly heading: string;
  /** One line for the help. */
  readonly help: string;
  readonly align: 'left' | 'right';
  /** Characters. `grow`: takes this share of what is left over; 0 or absent: never wider. */
  readonly width: number;
  readonly grow?: number;
  /** How narrow it may get on a small screen; absent: it stays as wide as it is. */
  readonly minWidth?: number;
  /** Left out of a screen too narrow for all: the highest first. Absent: it stays. */
  readonly dropPriority?: number;
  /** The columns that it is the sum of: where they are shown, it need not be. */
  readonly sumOf?: readonly string[];
  /** Shown only with `w` (wide) or `-o wide`. */
  readonly wide?: boolean;
  /** Sentences: what does not fit is cut at the end. Else it is the middle, since ports and suffixes tell names apart. */
  readonly truncateAtEnd?: boolean;
  /** The cell, free of control characters. Unknown is "–". */
  cell(row: Row, context: CellContext): string;
  /** What rows are sorted by; undefined (unknown) comes last in either direction. */
  sortKey(row: Row, context: CellContext): number | string | undefined;
  /** The direction that sorting by this column begins with. */
  readonly defaultDirection: 'ascending' | 'descending';
}
