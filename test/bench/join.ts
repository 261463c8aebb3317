import { NEVER } from 'rxjs';
import { type AgentTable, Correlator } from '../../src/client/correlate/correlator.ts';
import type { Endpoint } from '../../src/client/model/connection.ts';
import type { AddressOwners, NameResolver, ServiceRef } from '../../src/client/names/name-resolver.ts';
import { ROW_ADDRESSES } from '../../src/flow/address-column.ts';
import { HAS_PORTS, REPLIED, ROW_PORTS } from '../../src/flow/columns.ts';
import { FlowTable } from '../../src/flow/flow-table.ts';
import { TCP } from '../../src/flow/protocol.ts';

const FLOWS = 250_000;
const CHANGES = 10_000;

/** The join and its names: a full pass over 250,000 flows, and 10,000 changes. In milliseconds, best and median of five. */
export function run(): void {
  report(
    '1 agent, no NAT',
    () => [wholeNode()],
    () => manyNames(() => 'node-0'),
  );
  report('100 agents, each connection on two, through a service', () => pairedNodes(100), manyNames);
}

function report(what: string, make: () => FlowTable[], makeNames: () => NameResolver): void {
  const full: number[] = [];
  const incremental: number[] = [];
  for (let round = 0; round < 5; round++) {
    const inputs = make().map(
      (table, i): AgentTable => ({ key: `agent-${i}`, node: `node-${i}`, table, stale: false }),
    );
    const names = makeNames();
    const correlator = new Correlator();
    globalThis.gc?.();
    let at = performance.now();
    const connections = correlator.update(inputs, names, false).length;
    full.push(performance.now() - at);
    for (let poll = 0; poll < 3; poll++) {
      change(inputs, poll);
      at = performance.now();
      correlator.update(inputs, names, false);
      incremental.push(performance.now() - at);
    }
    if (round === 0) process.stdout.write(`join: ${what}: ${FLOWS} flows, ${connections} connections\n`);
  }
  process.stdout.write(`  full pass ${summary(full)}; ${CHANGES} changes ${summary(incremental)}\n`);
}

function summary(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  return `${sorted[0]?.toFixed(1)} ms (median ${sorted[sorted.length >> 1]?.toFixed(1)})`;
}

/** Of the changes, a tenth are connections that end, and a tenth ones that begin. */
export function change(inputs: readonly AgentTable[], poll: number): void {
  const each = CHANGES / inputs.length;
  for (const [i, { table }] of inputs.entries()) {
    for (let n = 0; n < each * 0.8; n++) {
      const slot = (n * 7 + poll * 13) % table.end;
      if (!table.isLive(slot)) continue;
      table.columns.originalBytes.set(slot, table.columns.originalBytes.get(slot) + 100);
      table.markStatsChanged(slot);
    }
    for (let n = 0; n < each * 0.1; n++) {
      const slot = (n * 11 + poll * 17 + 5) % table.end;
      if (table.isLive(slot)) table.remove(slot);
      insert(
        table,
        [10, 200 + poll, i, n & 0xff, n],
        [10, 0, 0, 1, 80],
        [10, 0, 0, 1, 80],
        [10, 200 + poll, i, n & 0xff, n],
      );
    }
    table.commit(2_000 + poll);
  }
}

export function wholeNode(): FlowTable {
  const table = new FlowTable();
  for (let n = 0; n < FLOWS; n++) {
    const source: End = [10, (n >> 6) & 15, n & 63, 9, 1024 + (n % 60_000)];
    const destination: End = [10, 100, (n >> 3) & 0xff, n % 5, 443];
    insert(table, source, destination, destination, source);
  }
  table.commit(1_000);
  return table;
}

export function pairedNodes(count: number): FlowTable[] {
  const tables = Array.from({ length: count }, () => new FlowTable());
  for (let n = 0; n < FLOWS / 2; n++) {
    const client = n % count;
    const server = (client + 1 + (((n / count) | 0) % (count - 1))) % count;
    const port = 1024 + (n % 60_000);
    const source: End = [10, client, 1, n % 30, port];
    const service: End = [172, 20, n % 7, n % 50, 80];
    const masquerade: End = [192, 168, 0, client, port];
    const backend: End = [10, server, 1, n % 31, 8080];
    insert(tables[client] as FlowTable, source, service, backend, masquerade);
    insert(tables[server] as FlowTable, masquerade, backend, backend, masquerade);
  }
  for (const table of tables) table.commit(1_000);
  return tables;
}

/** Four bytes and a port. */
type End = readonly [number, number, number, number, number];

function insert(table: FlowTable, source: End, destination: End, replySource: End, replyDestination: End): void {
  const slot = table.insert();
  const { columns } = table;
  columns.family[slot] = 4;
  columns.protocol[slot] = TCP;
  columns.state[slot] = 4;
  columns.flags[slot] = REPLIED | HAS_PORTS;
  columns.expiresAt[slot] = 100_000;
  columns.firstSeenAt[slot] = 1_000;
  columns.originalBytes.set(slot, 1_000);
  columns.replyBytes.set(slot, 1_000);
  columns.originalPackets.set(slot, 10);
  columns.replyPackets.set(slot, 10);
  columns.originalRate[slot] = columns.replyRate[slot] = 10;
  for (const [i, end] of [source, destination, replySource, replyDestination].entries()) {
    const [a, b, c, d] = end;
    columns.addresses.cells[slot * ROW_ADDRESSES + i] = (a << 24) | (b << 16) | (c << 8) | d;
    columns.ports[slot * ROW_PORTS + i] = end[4];
  }
}

/** As `pairedNodes` and `change` give them out. */
function nodeOfAddress(address: string): string | undefined {
  const [net, node, own] = address.split('.');
  if (net !== '10' || address === '10.0.0.1') return undefined;
  return `node-${Number(node) >= 200 ? own : node}`;
}

/** As quick as names from memory can be. */
export function manyNames(nodeOf = nodeOfAddress): NameResolver {
  const endpoints = new Map<string, Endpoint>();
  const services = new Map<string, ServiceRef>();
  const owners = new Map<string, AddressOwners>();
  return {
    endpoint(address) {
      let endpoint = endpoints.get(address);
      if (endpoint === undefined) {
        const node = nodeOf(address);
        endpoint = node === undefined ? { address } : { address, kind: 'pod', namespace: 'shop', name: address, node };
        endpoints.set(address, endpoint);
      }
      return endpoint;
    },
    service: (address) => services.get(address),
    owners(address) {
      const node = nodeOf(address);
      if (node === undefined) return undefined;
      const known = owners.get(node) ?? { nodes: [node], isPod: true };
      owners.set(node, known);
      return known;
    },
    changed$: NEVER,
    notices: [],
  };
}

if (import.meta.main) run();
