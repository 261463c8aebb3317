import { printableJson } from '../../escape.ts';
import { agentJson } from '../../table/agent-json.ts';
import { connectionJson } from '../../table/connection-json.ts';
import type { Derived } from '../data/derive.ts';
import { shownTable } from '../state/select.ts';
import type { TableId } from '../state/state.ts';
import type { ExportFormat } from './format.ts';

/** One array, an object a line: connections and agents as `kflow flows` and `kflow agents` tell them. */
export const JSON_FORMAT: ExportFormat = {
  id: 'json',
  help: 'the rows as numbers and names: those of connections as in `kflow flows -o json`',
  *pieces(state, derived) {
    const id = shownTable(state);
    const table = derived.table(id);
    table.sortAll();
    const { size } = table;
    yield '[';
    for (let row = 0; row < size; row++)
      yield `${row === 0 ? '\n' : ',\n'}${printableJson(rowOf(derived, id, row) ?? null)}`;
    yield '\n]\n';
  },
};

function rowOf(derived: Derived, id: TableId, row: number): unknown {
  const { at, agents } = derived.snapshot;
  const table = derived.table(id);
  if (id === 'connections') {
    const connection = derived.rowAt('connections', row);
    return connection && connectionJson(connection, at);
  }
  const agent = id === 'agents' ? agents.find(({ key }) => key === table.keyAt(row)) : undefined;
  if (agent !== undefined) return agentJson(agent);
  return Object.fromEntries(table.columns.map((column, i) => [column.id, table.value(row, i)]));
}
