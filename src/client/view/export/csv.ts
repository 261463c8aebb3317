import { shownTable } from '../state/select.ts';
import type { ExportFormat } from './format.ts';

/** The cells as they are shown, all rows of the table: RFC 4180 with a line of headings. */
export const CSV: ExportFormat = {
  id: 'csv',
  help: 'the table as it is shown, all its rows',
  *pieces(state, derived) {
    const table = derived.table(shownTable(state));
    table.sortAll();
    yield line(table.columns.map(({ heading }) => heading));
    for (let row = 0; row < table.size; row++) yield line(table.columns.map((_, column) => table.cell(row, column)));
  },
};

function line(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\r\n`;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
