import type { Connection } from '../../model.ts';
import { each, type Steps } from './steps.ts';
import { Traffic } from './traffic.ts';

/** What is asked for: a service's port, or else a destination's. */
export interface ServiceRow {
  readonly key: string;
  readonly name: string;
  readonly port?: number;
  readonly protocol: number;
  readonly clients: number;
  readonly backends: number;
  readonly traffic: Traffic;
  readonly connections: readonly Connection[];
}

interface Gathered {
  readonly first: Connection;
  readonly connections: Connection[];
  readonly clients: Set<string>;
  readonly backends: Set<string>;
  readonly traffic: Traffic;
}

export function* serviceRows(connections: readonly Connection[]): Steps<ServiceRow[]> {
  const gathered = new Map<string, Gathered>();
  yield* each(connections, (connection) => {
    const key = serviceKey(connection);
    let row = gathered.get(key);
    if (!row) {
      row = { first: connection, connections: [], clients: new Set(), backends: new Set(), traffic: new Traffic() };
      gathered.set(key, row);
    }
    row.clients.add(connection.source.address);
    if (connection.destination.kind !== 'service') row.backends.add(connection.destination.address);
    row.traffic.add(connection);
    row.connections.push(connection);
  });
  return [...gathered].map(([key, { first, clients, backends, traffic, connections }]) => {
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

function serviceName(connection: Connection): string {
  const { service, destination } = connection;
  if (service) {
    if (service.name === undefined) return service.address;
    return service.namespace === undefined ? service.name : `${service.namespace}/${service.name}`;
  }
  const name = destination.workload?.name ?? destination.name;
  if (name === undefined) return destination.address;
  return destination.namespace === undefined ? name : `${destination.namespace}/${name}`;
}
