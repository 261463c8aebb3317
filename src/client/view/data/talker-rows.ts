import type { Connection, Party } from '../../model.ts';
import { boxOf, type Grouping } from '../graph/grouping.ts';
import { Traffic } from './traffic.ts';

/** A workload, namespace or address, and what it sends and receives, whoever asked. */
export interface TalkerRow {
  readonly name: string;
  readonly kind: string;
  readonly traffic: Traffic;
}

export function talkerRows(connections: readonly Connection[], grouping: Grouping): TalkerRow[] {
  const rows = new Map<string, { name: string; kind: string; traffic: Traffic }>();
  const rowOf = (party: Party) => {
    const name = talkerOf(party, grouping);
    let row = rows.get(name);
    if (!row) {
      row = { name, kind: kindOf(party, grouping), traffic: new Traffic() };
      rows.set(name, row);
    }
    return row;
  };
  for (const connection of connections) {
    const source = rowOf(connection.source);
    source.traffic.add(connection);
    const destination = rowOf(connection.destination);
    if (destination !== source) destination.traffic.add(connection, true);
  }
  return [...rows.values()];
}

/** Grouped by node, the table still tells workloads apart: nodes have a table of their own. */
export function talkerOf(party: Party, grouping: Grouping): string {
  if (party.kind === 'external') return party.name ?? party.address;
  return boxOf(party, { grouping: grouping === 'node' ? 'workload' : grouping, onlyNode: '' });
}

function kindOf(party: Party, grouping: Grouping): string {
  if (grouping === 'namespace' && party.namespace !== undefined) return 'namespace';
  return party.workload?.kind ?? party.kind ?? 'address';
}
