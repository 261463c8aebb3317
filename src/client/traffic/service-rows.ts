import { type ChunkedWork, forEachChunked } from '../async/chunked-work.ts';
import type { Connection } from '../model/connection.ts';
import { TrafficSummary } from './traffic.ts';

/** A requested target: a port of a Service or a workload, or only a port if neither is known. */
export interface ServiceRow {
  readonly key: string;
  readonly name: string;
  readonly port?: number;
  readonly protocol: number;
  readonly clients: number;
  readonly backends: number;
  readonly traffic: TrafficSummary;
  readonly connections: readonly Connection[];
}

interface ServiceSums {
  readonly first: Connection;
  readonly connections: Connection[];
  readonly clients: Set<string>;
  readonly backends: Set<string>;
  readonly traffic: TrafficSummary;
}

export function* serviceRows(connections: readonly Connection[]): ChunkedWork<ServiceRow[]> {
  const collected = new Map<string, ServiceSums>();
  yield* forEachChunked(connections, (connection) => {
    const key = serviceKey(connection);
    let row = collected.get(key);
    if (!row) {
      row = {
        first: connection,
        connections: [],
        clients: new Set(),
        backends: new Set(),
        traffic: new TrafficSummary(),
      };
      collected.set(key, row);
    }
    row.clients.add(connection.source.address);
    if (connection.destination.kind !== 'service') row.backends.add(connection.destination.address);
    row.traffic.add(connection);
    row.connections.push(connection);
  });
  return [...collected].map(([key, { first, clients, backends, traffic, connections }]) => {
    const port = first.service?.port ?? first.destinationPort;
    return {
      key,
      name: serviceName(first),
      protocol: first.protocol,
      clients: clients.size,
      backends: backends.size,
      traffic,
      connections,
      ...(port === undefined ? {} : { port }),
    };
  });
}

export function serviceKey(connection: Connection): string {
  const { service, protocol } = connection;
  return `${serviceName(connection)} ${service?.port ?? connection.destinationPort ?? ''} ${protocol}`;
}

/** Targets without a known server in the cluster: one row per port, for all servers. */
const OUTSIDE = 'outside';
const NO_SERVICE = 'no service';

/** A Service, or a workload that is used without one, or neither. */
function serviceName({ service, destination }: Connection): string {
  if (service) return service.name === undefined ? service.address : scoped(service.namespace, service.name);
  const { kind, namespace, name, workload, address } = destination;
  if (kind === 'service') return name === undefined ? address : scoped(namespace, name);
  if (kind === 'external') return OUTSIDE;
  const asked = workload?.name ?? name;
  if (asked === undefined) return NO_SERVICE;
  // A different row than that of a Service with the same name.
  return `${scoped(namespace, asked)} (direct)`;
}

function scoped(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
