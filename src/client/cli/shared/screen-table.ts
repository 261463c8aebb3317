import type { CellContext, Column } from '../../columns/column.ts';
import { textWidth, truncateEnd, truncateMiddle } from '../../format/width.ts';
import { TextTable } from '../../output/text-table.ts';
import { applyStyle, type ColorDepth, colorDepth, type Style } from '../../tui/text/style.ts';
import { type FittedColumn, fitColumns } from '../../tui/view-model/fit-columns.ts';
import type { CommandIo } from './command-io.ts';

export interface PrintedTable<Row> {
  heading(): string;
  rows(rows: readonly Row[], context: CellContext): string[];
}

const GAP = 2;
/** The columns of `-o wide` are all dropped before any other column. */
const WIDE_FIRST = 100;

export interface TableOptions<Row> {
  readonly columns: readonly Column<Row>[];
  /** The column that rows are sorted by: it stays. */
  readonly sortedBy?: string;
  /** Printed row by row: widths are then fixed by the columns, not by the rows. */
  readonly isStream?: boolean;
  /** Cells before each line. */
  readonly indent?: number;
  style?(rows: readonly Row[]): (row: Row, column: string) => Style | undefined;
}

/** On a terminal a table that fits it, in colour; else all of it, as plain text. */
export function formatTable<Row>(look: TableOptions<Row>, io: CommandIo): PrintedTable<Row> {
  const { terminal } = io;
  if (terminal === undefined) return new TextTable(look.columns);
  const depth = io.env.TERM === 'dumb' || (io.env.NO_COLOR ?? '') !== '' ? undefined : colorDepth(io.env);
  return new ScreenTable(look, () => terminalWidth(io.env, terminal().columns) - (look.indent ?? 0), depth);
}

/** From COLUMNS, else from the terminal. */
function terminalWidth({ COLUMNS = '' }: NodeJS.ProcessEnv, columns: number): number {
  return /^[1-9]\d{0,4}$/.test(COLUMNS) ? Number(COLUMNS) : columns;
}

class ScreenTable<Row> implements PrintedTable<Row> {
  readonly #look: TableOptions<Row>;
  readonly #width: () => number;
  readonly #depth: ColorDepth | undefined;
  /** Natural widths of everything printed so far, including headings. */
  readonly #natural: number[];

  constructor(look: TableOptions<Row>, width: () => number, depth: ColorDepth | undefined) {
    this.#look = look;
    this.#width = width;
    this.#depth = depth;
    this.#natural = look.columns.map(({ heading }) => heading.length);
  }

  heading(): string {
    const { columns } = this.#look;
    return this.#line(this.#fitted(), (at) => [columns[at]?.heading ?? '', 'heading']);
  }

  rows(rows: readonly Row[], context: CellContext): string[] {
    const { columns, style } = this.#look;
    const cells = rows.map((row) => columns.map((column) => column.cell(row, context)));
    for (const line of cells)
      line.forEach((cell, i) => {
        this.#natural[i] = Math.max(this.#natural[i] ?? 0, textWidth(cell));
      });
    const fitted = this.#fitted();
    const styleOf = style?.(rows);
    return cells.map((line, i) => {
      const row = rows[i];
      return this.#line(fitted, (at) => [
        line[at] ?? '',
        row === undefined ? undefined : styleOf?.(row, columns[at]?.id ?? ''),
      ]);
    });
  }

  /** Each column as wide as its content, if that fits. */
  #fitted(): FittedColumn[] {
    const { columns, sortedBy = '', isStream = false } = this.#look;
    const width = this.#width();
    const natural = this.#natural.reduce((sum, cells) => sum + cells + GAP, -GAP);
    if (!isStream && natural <= width) return this.#natural.map((cells, at) => ({ at, cells }));
    const sized = columns.map(({ grow, ...column }, at) => {
      const wanted = isStream ? column.width : (this.#natural[at] ?? column.width);
      const least = Math.min(wanted, column.minWidth ?? wanted);
      const dropPriority = column.wide === true ? (column.dropPriority ?? 0) + WIDE_FIRST : column.dropPriority;
      return {
        ...column,
        // The gap after a column counts, except after the last one.
        width: wanted + GAP - 1,
        least: least + GAP - 1,
        ...(isStream && grow !== undefined ? { grow } : {}),
        ...(dropPriority === undefined ? {} : { dropPriority }),
      };
    });
    const fitted = fitColumns(sized, width + GAP - 1, sortedBy);
    return fitted.map(({ at, cells }) => ({ at, cells: cells - GAP + 1 }));
  }

  #line(fitted: readonly FittedColumn[], cell: (at: number) => readonly [string, Style | undefined]): string {
    const { columns } = this.#look;
    const last = fitted.at(-1)?.at;
    const cells = fitted.map(({ at, cells: width }) => {
      const [text, style] = cell(at);
      const { align, truncateAtEnd = false } = columns[at] ?? {};
      const short = (truncateAtEnd ? truncateEnd : truncateMiddle)(text, width);
      const fill = ' '.repeat(Math.max(0, width - textWidth(short)));
      const shown = this.#depth === undefined ? short : applyStyle(short, style, this.#depth);
      return align === 'right' ? fill + shown : at === last ? shown : shown + fill;
    });
    return cells.join(' '.repeat(GAP)).trimEnd();
  }
}
