import { csvText } from '../../table/csv.ts';
import type { Derived } from '../data/derive.ts';
import { exportedTable } from '../state/select.ts';
import type { TableId } from '../state/state.ts';
import type { ExportFormat } from './format.ts';
import { RECORDS } from './records.ts';

/** All rows of the table, in its order: columns and numbers as `kflow flows -o csv` has them. */
export const CSV: ExportFormat = {
  id: 'csv',
  help: 'all rows of the table; those of connections as in `kflow flows -o csv`',
  pieces: (state, derived) => lines(exportedTable(state), derived),
};

function* lines<Id extends TableId>(id: Id, derived: Derived): Generator<string> {
  const { headings, cells } = RECORDS[id];
  const table = derived.table(id);
  table.sortAll();
  yield `${csvText(headings)}\n`;
  for (let row = 0; row < table.size; row++) {
    const record = derived.rowAt(id, row);
    if (record !== undefined) yield `${csvText(cells(record, derived.snapshot.at))}\n`;
  }
}
