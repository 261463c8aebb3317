import { isTable, selectedIndex } from '../state/select.ts';
import type { TableId, ViewState } from '../state/state.ts';
import type { Derived } from './derive.ts';

function tableOf(state: ViewState): TableId {
  return isTable(state.focus) ? state.focus : isTable(state.subject) ? state.subject : 'connections';
}

/** The selected row, its cells set apart by tabs. */
export function rowText(state: ViewState, derived: Derived): string | undefined {
  const id = tableOf(state);
  const table = derived.table(id);
  if (table.size === 0) return undefined;
  const row = selectedIndex(state, id, table);
  return table.columns.map((_, column) => table.cell(row, column)).join('\t');
}

/** What the table shows, all rows of it, as RFC 4180 csv with a line of headings. */
export function csvOf(state: ViewState, derived: Derived): string {
  const table = derived.table(tableOf(state));
  const lines = [table.columns.map(({ heading }) => quoted(heading)).join(',')];
  for (let row = 0; row < table.size; row++)
    lines.push(table.columns.map((_, column) => quoted(table.cell(row, column))).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
