import type { AgentState } from '../../../../src/client/model/agent.ts';
import type { Connection, Endpoint, Hop } from '../../../../src/client/model/connection.ts';
import type { Snapshot } from '../../../../src/client/model/snapshot.ts';
import { TCP } from '../../../../src/flow/protocol.ts';
import { stateNumber } from '../../../../src/flow/state.ts';

export const NOW = 1_700_000_000_000;

let lastId = 0;

export function connection(parts: Partial<Connection> = {}): Connection {
  return {
    id: ++lastId,
    family: 4,
    protocol: TCP,
    source: { address: '10.0.0.1' },
    sourcePort: 40_000,
    destination: { address: '10.0.0.2' },
    destinationPort: 443,
    state: stateNumber('ESTABLISHED') ?? 0,
    replied: true,
    assured: true,
    offloaded: false,
    mark: 0,
    zone: 0,
    sentRate: 100,
    receivedRate: 900,
    sentBytes: 10_000,
    receivedBytes: 90_000,
    sentPackets: 10,
    receivedPackets: 90,
    firstSeenAt: NOW - 60_000,
    hops: [],
    stale: false,
    ...parts,
  };
}

/** A SYN that nobody answers. */
export function unanswered(parts: Partial<Connection> = {}): Connection {
  const { sentRate: _, receivedRate: __, ...rest } = connection();
  const state = stateNumber('SYN_SENT') ?? 0;
  const hops = (parts.hops ?? []).map((one) => ({ ...one, state }));
  return { ...rest, state, replied: false, assured: false, unanswered: true, ...parts, hops, id: ++lastId };
}

export function nodeParty(name: string): Endpoint {
  return { address: `192.0.2.${name.replace(/\D/g, '') || 1}`, kind: 'node', name };
}

export function pod(name: string, node: string, namespace = 'shop'): Endpoint {
  return {
    address: `10.244.0.${name.length}`,
    kind: 'pod',
    namespace,
    name: `${name}-5d8-x2`,
    node,
    workload: { kind: 'Deployment', name },
  };
}

export function hop(node: string): Hop {
  const end = { address: '10.0.0.1', port: 1 };
  const tuple = { source: end, destination: end };
  return { agent: node, node, flow: 1, original: tuple, reply: tuple, state: 0 };
}

export function agent(node: string, parts: Partial<AgentState> = {}): AgentState {
  return { key: node, node, status: { kind: 'live' }, flows: 1, lastSeenAt: NOW - 800, ...parts };
}

export function snapshot(connections: readonly Connection[], parts: Partial<Snapshot> = {}): Snapshot {
  return { at: NOW, origin: 'test', agents: [agent('node1')], connections, notices: [], ...parts };
}
