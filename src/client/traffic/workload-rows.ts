import { each, type Steps } from '../async/chunked-work.ts';
import { isUnknownClient, partyName } from '../format/connection.ts';
import type { Connection, Party } from '../model/connection.ts';
import { Traffic } from './traffic.ts';

/** A workload, namespace or address, and what it sends and receives, whoever asked. */
export interface TalkerRow {
  readonly name: string;
  readonly kind: string;
  readonly traffic: Traffic;
  /** Those that it is an end of. */
  readonly connections: readonly Connection[];
}

type Row = { name: string; kind: string; traffic: Traffic; connections: Connection[] };

export function* talkerRows(connections: readonly Connection[], by: TalkersBy): Steps<TalkerRow[]> {
  const rows = new Map<string, Row>();
  // One object a party: its name is made once.
  const byParty = new Map<Party, Row>();
  const rowOf = (party: Party) => {
    const known = byParty.get(party);
    if (known !== undefined) return known;
    const name = talkerOf(party, by);
    let row = rows.get(name);
    if (!row) {
      row = { name, kind: kindOf(party, by), traffic: new Traffic(), connections: [] };
      rows.set(name, row);
    }
    byParty.set(party, row);
    return row;
  };
  yield* each(connections, (connection) => {
    const source = rowOf(connection.source);
    source.traffic.add(connection);
    source.connections.push(connection);
    const destination = rowOf(connection.destination);
    if (destination === source) return;
    destination.traffic.add(connection, true);
    destination.connections.push(connection);
  });
  return [...rows.values()];
}

/** What is known of an address, as far as it is asked for; else the address. */
export function talkerOf(party: Party, by: TalkersBy): string {
  const { kind, namespace, name, workload, address } = party;
  if (kind === 'external' || kind === 'node') return name ?? address;
  if (by === 'namespace' && namespace !== undefined) return namespace;
  const own = by === 'pod' ? name : (workload?.name ?? name);
  if (by === 'namespace' || own === undefined) return isUnknownClient(party) ? partyName(party) : address;
  return `${kind === 'service' ? 'svc ' : ''}${namespace === undefined ? '' : `${namespace}/`}${own}`;
}

function kindOf({ kind, namespace, workload }: Party, by: TalkersBy): string {
  if (kind === 'external' || kind === 'node') return kind;
  if (by === 'namespace' && namespace !== undefined) return 'namespace';
  const owner = by === 'workload' ? workload?.kind : undefined;
  return owner ?? kind ?? 'address';
}

export const TALKERS_BY: readonly TalkersBy[] = ['workload', 'namespace', 'pod'];
/** What the workloads view sums up. */

export type TalkersBy = 'workload' | 'namespace' | 'pod';
