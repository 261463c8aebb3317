import { NEVER } from 'rxjs';
import type { AgentTable } from '../../../../src/client/correlate/correlator.ts';
import type { Connection, Endpoint } from '../../../../src/client/model/connection.ts';
import type { NameResolver, ServiceRef } from '../../../../src/client/names/name-resolver.ts';
import { type Flow, type FlowStats, type Tuple, writeFlow } from '../../../../src/flow/flow.ts';
import { FlowTable } from '../../../../src/flow/flow-table.ts';
import { ICMP, TCP } from '../../../../src/flow/protocol.ts';

/** "10.0.0.1:80" or "[fd00::1]:80". */
export function end(text: string): { address: string; port: number } {
  const colon = text.lastIndexOf(':');
  return { address: text.slice(0, colon).replace(/[[\]]/g, ''), port: Number(text.slice(colon + 1)) };
}

export function tuple(source: string, destination: string): Tuple {
  const from = end(source);
  const to = end(destination);
  return { source: from.address, destination: to.address, sourcePort: from.port, destinationPort: to.port };
}

let nextFlowId = 1;

export interface FlowOptions {
  readonly protocol?: number;
  readonly state?: number;
  readonly replied?: boolean;
  readonly zone?: number;
  readonly firstSeenAt?: number;
  readonly startKnown?: boolean;
  readonly stats?: FlowStats;
  readonly id?: number;
}

/** `original` and `reply` as "source > destination". */
export function flow(original: string | Tuple, reply: string | Tuple, options: FlowOptions = {}): Flow {
  const [first, second] = [original, reply].map((one) => {
    if (typeof one !== 'string') return one;
    const [source = '', destination = ''] = one.split(' > ');
    return tuple(source, destination);
  });
  if (first === undefined || second === undefined) throw new Error('unreachable');
  return {
    id: options.id ?? nextFlowId++,
    family: first.source.includes(':') ? 6 : 4,
    protocol: options.protocol ?? TCP,
    original: first,
    reply: second,
    zone: options.zone ?? 0,
    startKnown: options.startKnown ?? false,
    firstSeenAt: options.firstSeenAt ?? 1_000,
    status: {
      state: options.state ?? 4,
      replied: options.replied ?? true,
      assured: true,
      offloaded: false,
      hardwareOffloaded: false,
      expiresAt: 100,
      mark: 0,
    },
    stats: options.stats ?? { original: {}, reply: {} },
  };
}

/** An entry without NAT. */
export function plain(pair: string, options: FlowOptions = {}): Flow {
  const [source, destination] = pair.split(' > ');
  return flow(pair, `${destination} > ${source}`, options);
}

export function icmp(
  source: string,
  destination: string,
  id: number,
  replySource: string,
  replyTo: string,
  replyId: number,
): Flow {
  return flow(
    { source, destination, icmpType: 8, icmpCode: 0, icmpId: id },
    { source: replySource, destination: replyTo, icmpType: 0, icmpCode: 0, icmpId: replyId },
    { protocol: ICMP, state: 0 },
  );
}

export function counted(sent: number, received: number): FlowStats {
  return {
    original: { bytes: sent, packets: sent / 100 },
    reply: { bytes: received, packets: received / 100 },
    originalRate: sent / 10,
    replyRate: received / 10,
  };
}

/** A node with an agent whose table can be changed. */
export class Node {
  table = new FlowTable();
  readonly name: string;
  stale = false;

  constructor(name: string, ...flows: readonly Flow[]) {
    this.name = name;
    this.add(...flows);
  }

  get input(): AgentTable {
    return { key: `agent-${this.name}`, node: this.name, table: this.table, stale: this.stale };
  }

  add(...flows: readonly Flow[]): this {
    for (const one of flows) if (writeFlow(this.table, one) === undefined) throw new Error('not a flow');
    this.table.commit(this.table.observedAt + 1_000);
    return this;
  }

  remove(...flows: readonly Flow[]): this {
    for (const { id } of flows) this.table.remove(this.table.slotOf(id));
    this.table.commit(this.table.observedAt + 1_000);
    return this;
  }
}

/** Names from a list; an endpoint is looked up by address. */
export function namesOf(
  endpoints: Readonly<Record<string, Omit<Endpoint, 'address'>>> = {},
  services: Readonly<Record<string, ServiceRef>> = {},
): NameResolver {
  const known = new Map(Object.entries(endpoints).map(([address, endpoint]) => [address, { address, ...endpoint }]));
  return {
    endpoint: (address) => known.get(address),
    service: (address, port) => services[`${address}:${port}`],
    owners(address) {
      const { kind, name, node } = known.get(address) ?? {};
      const owner = kind === 'node' ? name : kind === 'pod' ? node : undefined;
      return owner === undefined ? undefined : { nodes: [owner], isPod: kind === 'pod' };
    },
    changed$: NEVER,
    notices: [],
  };
}

/** What a connection is, in a line: for comparing without ids. */
export function describe(connection: Connection): string {
  const show = (one: { address: string; port?: number }) => `${one.address}:${one.port ?? ''}`;
  return [
    connection.protocol,
    `${connection.source.address}:${connection.sourcePort ?? ''}`,
    connection.service ? `via ${show(connection.service)}` : '',
    connection.snat ? `as ${show(connection.snat)}` : '',
    `${connection.destination.address}:${connection.destinationPort ?? ''}`,
    `by ${connection.hops.map((hop) => `${hop.node}#${hop.flow}`).join(' ')}`,
    connection.stale ? 'stale' : '',
    connection.incomplete ?? '',
    connection.disputed ?? '',
    connection.firstSeenAt,
    connection.source.kind ?? '',
    `${connection.sentBytes}/${connection.receivedBytes} ${connection.sentRate}/${connection.receivedRate}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}
