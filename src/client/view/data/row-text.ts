import { selectedIndex, shownTable } from '../state/select.ts';
import type { ViewState } from '../state/state.ts';
import { textOf } from '../text/cells.ts';
import type { Derived } from './derive.ts';

/** The selected row, its cells set apart by tabs. */
export function rowText(state: ViewState, derived: Derived): string | undefined {
  const id = shownTable(state);
  const table = derived.table(id);
  if (table.size === 0) return undefined;
  const row = selectedIndex(state, id, table);
  return table.columns.map((_, column) => textOf(table.cell(row, column))).join('\t');
}
