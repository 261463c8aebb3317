import { printableJson } from '../../format/sanitize.ts';
import type { Derived } from '../data/derive.ts';
import { exportedTable } from '../state/select.ts';
import type { TableId } from '../state/state.ts';
import type { ExportFormat } from './format.ts';
import { RECORDS } from './records.ts';

/** One array, an object a line: connections and agents as `kflow flows` and `kflow agents` tell them. */
export const JSON_FORMAT: ExportFormat = {
  id: 'json',
  help: 'all rows of the table; those of connections as in `kflow flows -o json`',
  pieces: (state, derived) => lines(exportedTable(state), derived),
};

function* lines<Id extends TableId>(id: Id, derived: Derived): Generator<string> {
  const { json } = RECORDS[id];
  const table = derived.table(id);
  table.sortAll();
  yield '[';
  for (let row = 0; row < table.size; row++) {
    const record = derived.rowAt(id, row);
    if (record !== undefined) yield `${row === 0 ? '' : ','}\n  ${printableJson(json(record, derived.snapshot.at))}`;
  }
  yield table.size === 0 ? ']\n' : '\n]\n';
}
