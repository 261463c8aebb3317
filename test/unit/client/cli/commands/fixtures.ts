import type { AgentState } from '../../../../../src/client/model/agent.ts';
import type { Connection, Endpoint } from '../../../../../src/client/model/connection.ts';
import type { Snapshot } from '../../../../../src/client/model/snapshot.ts';

const CART: Endpoint = {
  kind: 'pod',
  address: '10.244.2.3',
  namespace: 'shop',
  name: 'cart-5d',
  node: 'node2',
  workload: { kind: 'Deployment', name: 'cart' },
};
const WEB: Endpoint = { kind: 'pod', address: '10.244.1.3', namespace: 'shop', name: 'web-7f', node: 'node1' };

function hop(node: string): Connection['hops'][number] {
  const end = { address: '10.244.2.3', port: 33522 };
  return {
    agent: node,
    node,
    flow: 1,
    original: { source: end, destination: end },
    reply: { source: end, destination: end },
    state: 4,
  };
}

/** A connection of which everything is known. */
export function connection(over: Partial<Connection> = {}): Connection {
  return {
    id: 1,
    family: 4,
    protocol: 6,
    source: CART,
    sourcePort: 33522,
    destination: WEB,
    destinationPort: 8080,
    service: { namespace: 'shop', name: 'web', address: '10.96.222.143', port: 80 },
    snat: { address: '10.89.0.12', port: 33522 },
    state: 4,
    replied: true,
    assured: true,
    offloaded: false,
    mark: 0,
    zone: 0,
    sentRate: 1810.4,
    receivedRate: 411870,
    sentBytes: 20000,
    receivedBytes: 4000000,
    sentPackets: 200,
    receivedPackets: 3000,
    firstSeenAt: 1_000_000,
    hops: [hop('node1'), hop('node2'), hop('node1')],
    stale: false,
    ...over,
  };
}

/** A connection of which little is known: no accounting, no names, no answer. */
export function bareConnection(over: Partial<Connection> = {}): Connection {
  return {
    id: 2,
    family: 6,
    protocol: 58,
    source: { address: '2001:db8::1' },
    destination: { address: '2001:db8::2' },
    icmp: { type: 128, code: 0, id: 7 },
    state: 0,
    replied: false,
    offloaded: false,
    mark: 0,
    zone: 0,
    firstSeenAt: 1_000_000,
    hops: [hop('node1')],
    stale: false,
    ...over,
  };
}

export function agent(over: Partial<AgentState> = {}): AgentState {
  return { key: 'a', node: 'node1', status: { kind: 'live' }, ...over };
}

export function snapshot(over: Partial<Snapshot> = {}): Snapshot {
  return { at: 1_012_000, origin: 'a test', agents: [], connections: [], notices: [], ...over };
}
