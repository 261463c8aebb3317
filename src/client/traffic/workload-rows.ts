import { type ChunkedWork, forEachChunked } from '../async/chunked-work.ts';
import { formatEndpoint, isUnknownClient } from '../format/connection.ts';
import type { Connection, Endpoint } from '../model/connection.ts';
import { TrafficSummary } from './traffic.ts';

/** A workload, namespace or address, and what it sends and receives, in either role. */
export interface WorkloadRow {
  readonly name: string;
  readonly kind: string;
  readonly traffic: TrafficSummary;
  /** The connections of which it is an endpoint. */
  readonly connections: readonly Connection[];
}

type Row = { name: string; kind: string; traffic: TrafficSummary; connections: Connection[] };

export function* workloadRows(connections: readonly Connection[], by: WorkloadGrouping): ChunkedWork<WorkloadRow[]> {
  const rows = new Map<string, Row>();
  // Endpoints are shared objects: the name is computed once for each.
  const byEndpoint = new Map<Endpoint, Row>();
  const rowOf = (endpoint: Endpoint) => {
    const known = byEndpoint.get(endpoint);
    if (known !== undefined) return known;
    const name = workloadKey(endpoint, by);
    let row = rows.get(name);
    if (!row) {
      row = { name, kind: kindOf(endpoint, by), traffic: new TrafficSummary(), connections: [] };
      rows.set(name, row);
    }
    byEndpoint.set(endpoint, row);
    return row;
  };
  yield* forEachChunked(connections, (connection) => {
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

/** The name of an address in this grouping; else the address. */
export function workloadKey(endpoint: Endpoint, by: WorkloadGrouping): string {
  const { kind, namespace, name, workload, address } = endpoint;
  if (kind === 'external' || kind === 'node') return name ?? address;
  if (by === 'namespace' && namespace !== undefined) return namespace;
  const own = by === 'pod' ? name : (workload?.name ?? name);
  if (by === 'namespace' || own === undefined) return isUnknownClient(endpoint) ? formatEndpoint(endpoint) : address;
  return `${kind === 'service' ? 'svc ' : ''}${namespace === undefined ? '' : `${namespace}/`}${own}`;
}

function kindOf({ kind, namespace, workload }: Endpoint, by: WorkloadGrouping): string {
  if (kind === 'external' || kind === 'node') return kind;
  if (by === 'namespace' && namespace !== undefined) return 'namespace';
  const owner = by === 'workload' ? workload?.kind : undefined;
  return owner ?? kind ?? 'address';
}

export const WORKLOAD_GROUPINGS: readonly WorkloadGrouping[] = ['workload', 'namespace', 'pod'];
/** The rows of the workloads view. */

export type WorkloadGrouping = 'workload' | 'namespace' | 'pod';
