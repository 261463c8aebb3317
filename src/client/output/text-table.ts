import type { CellContext, Column } from '../columns/column.ts';
import { textWidth } from '../format/width.ts';

const GAP = '   ';

/**
 * Formats rows in columns as kubectl does: as wide as their content, nothing cut off. Lines printed later keep the
 * widths of earlier lines, or widen them, so that a table can be printed row by row.
 */
export class TextTable<Row> {
  readonly #columns: readonly Column<Row>[];
  readonly #widths: number[];

  constructor(columns: readonly Column<Row>[]) {
    this.#columns = columns;
    this.#widths = columns.map((column) => column.heading.length);
  }

  /** The heading, which may be requested before or after `rows` has widened the columns. */
  heading(): string {
    return this.#line(this.#columns.map((column) => column.heading));
  }

  rows(rows: readonly Row[], context: CellContext): string[] {
    const cells = rows.map((row) => this.#columns.map((column) => column.cell(row, context)));
    for (const line of cells)
      line.forEach((cell, i) => {
        this.#widths[i] = Math.max(this.#widths[i] ?? 0, textWidth(cell));
      });
    return cells.map((line) => this.#line(line));
  }

  #line(cells: readonly string[]): string {
    const padded = cells.map((cell, i) => {
      const fill = ' '.repeat(Math.max(0, (this.#widths[i] ?? 0) - textWidth(cell)));
      return this.#columns[i]?.align === 'right' ? fill + cell : cell + fill;
    });
    return padded.join(GAP).trimEnd();
  }
}
