import { cleanSentence } from '../../../src/client/format/sanitize.ts';
import type { AgentState } from '../../../src/client/model/agent.ts';
import type { Connection, Endpoint, Hop } from '../../../src/client/model/connection.ts';
import type { Snapshot } from '../../../src/client/model/snapshot.ts';
import { TCP, UDP } from '../../../src/flow/protocol.ts';
import { stateNumber } from '../../../src/flow/state.ts';

/** The time on these screens. */
export const AT = Date.UTC(2026, 0, 15, 3, 0, 0);
const MINUTE = 60_000;

/** Snapshots that are always the same, by name. */
export const SNAPSHOTS = { cluster, accountingOff, noAgents, healthy, untracked, hostile, wideNames } as const;
export type SnapshotName = keyof typeof SNAPSHOTS;

const NODES = ['node1', 'node2', 'node3'];

function agent(node: string, parts: Partial<AgentState> = {}): AgentState {
  return {
    key: `kflow/kflow-daemon-${node}`,
    node,
    namespace: 'kflow',
    pod: `kflow-daemon-${node}`,
    status: { kind: 'live' },
    flows: 5000,
    lastSeenAt: AT - 400,
    info: {
      node,
      version: '0.1.0',
      source: 'procfs',
      path: '/host/proc/1/net/nf_conntrack',
      accounting: 'on',
      timestamping: 'on',
      entries: 5000,
      maxEntries: 65_536,
      startedAt: AT - 90 * MINUTE,
    },
    poll: {
      observedAt: AT - 400,
      entries: 5000,
      unparsedLines: 0,
      durationSeconds: 0.012,
      intervalSeconds: 1,
      skipped: false,
    },
    ...parts,
  };
}

function full(one: AgentState, entries: number): AgentState {
  const { info, poll } = one;
  return {
    ...one,
    flows: entries,
    ...(info && { info: { ...info, entries } }),
    ...(poll && { poll: { ...poll, entries } }),
  };
}

function pod(namespace: string, workload: string, node: string, last: number): Endpoint {
  return {
    address: `10.244.${NODES.indexOf(node) + 1}.${last}`,
    kind: 'pod',
    namespace,
    name: `${workload}-7d9c5b6f4-x${last}k2p`,
    node,
    workload: { kind: 'Deployment', name: workload },
  };
}

const WEB = pod('shop', 'web', 'node1', 12);
const CART = pod('shop', 'cart', 'node2', 7);
const LOAD = pod('batch', 'loader', 'node3', 5);
const DATABASE: Endpoint = {
  ...pod('data', 'postgres', 'node1', 3),
  workload: { kind: 'StatefulSet', name: 'postgres' },
};
const DNS = pod('kube-system', 'coredns', 'node3', 2);
const BACKUP: Endpoint = { address: '203.0.113.10', kind: 'external', name: 'backup.example.com' };
const BROKEN: Endpoint = { address: '203.0.113.99', kind: 'external' };

let last = 0;

function connection(
  source: Endpoint,
  destination: Endpoint,
  port: number,
  parts: Partial<Connection> = {},
): Connection {
  last++;
  const seen = [source.node, destination.node].filter((node) => node !== undefined);
  const ends = {
    source: { address: source.address, port: 40_000 + last },
    destination: { address: destination.address, port },
  };
  const hops = [...new Set(seen)].map(
    (node): Hop => ({
      agent: `kflow/kflow-daemon-${node}`,
      node,
      flow: last,
      original: ends,
      reply: { source: ends.destination, destination: ends.source },
      state: parts.state ?? stateNumber('ESTABLISHED') ?? 0,
    }),
  );
  return {
    id: last,
    family: 4,
    protocol: TCP,
    source,
    sourcePort: 40_000 + last,
    destination,
    destinationPort: port,
    state: stateNumber('ESTABLISHED') ?? 0,
    replied: true,
    assured: true,
    offloaded: false,
    mark: 0,
    zone: 0,
    sentRate: 1200 * last,
    receivedRate: 300 * last,
    sentBytes: 2_000_000 * last,
    receivedBytes: 700_000 * last,
    sentPackets: 900 * last,
    receivedPackets: 800 * last,
    firstSeenAt: AT - 3 * MINUTE - last * 1000,
    hops,
    stale: false,
    ...parts,
  };
}

function silent(source: Endpoint, destination: Endpoint, port: number, parts: Partial<Connection> = {}): Connection {
  const state = stateNumber('SYN_SENT') ?? 0;
  return connection(source, destination, port, {
    state,
    replied: false,
    assured: false,
    sentRate: 0,
    receivedRate: 0,
    firstSeenAt: AT - 20_000,
    ...parts,
  });
}

function service(namespace: string, name: string, address: string, port: number): Partial<Connection> {
  return { service: { namespace, name, address, port } };
}

/** A cluster with traffic, names, NAT, both families, no answers, a lost agent and a table that fills up. */
function cluster(): Snapshot {
  last = 0;
  const web = service('shop', 'web', '10.96.0.10', 80);
  const database = service('data', 'postgres', '10.96.0.20', 5432);
  const names = service('kube-system', 'kube-dns', '10.96.0.53', 53);
  const lost: Endpoint = pod('batch', 'reporter', 'node3', 9);
  return {
    at: AT,
    origin: 'prod-eu',
    agents: [
      full(agent('node1'), 59_800),
      agent('node2'),
      agent('node3', {
        status: { kind: 'lost', reason: 'connection refused', retryAt: AT + 4000 },
        lastSeenAt: AT - 95_000,
      }),
    ],
    connections: [
      connection(CART, DATABASE, 5432, {
        ...database,
        snat: { address: '10.89.0.12', port: 31_000 },
        sentRate: 210_000,
        receivedRate: 4_100_000,
      }),
      connection(CART, WEB, 8080, { ...web, sentRate: 18_000, receivedRate: 1_250_000 }),
      connection(WEB, BACKUP, 443, {
        snat: { address: '10.89.0.11', port: 52_000 },
        sentRate: 640_000,
        receivedRate: 9_000,
      }),
      connection(WEB, DATABASE, 5432, { ...database, sentRate: 45_000, receivedRate: 88_000 }),
      connection(CART, DNS, 53, { ...names, protocol: UDP, state: 0, sentRate: 400, receivedRate: 900 }),
      connection(WEB, DNS, 53, {
        ...names,
        protocol: UDP,
        state: 0,
        replied: false,
        assured: false,
        sentRate: 80,
        receivedRate: 0,
        firstSeenAt: AT - 5000,
      }),
      silent(CART, BROKEN, 9999),
      silent(WEB, BROKEN, 9999),
      connection(LOAD, lost, 9000, { stale: true }),
      connection({ ...CART, address: 'fd00:10:244:2::7' }, { ...WEB, address: 'fd00:10:244:1::c' }, 8080, {
        family: 6,
        ...service('shop', 'web', 'fd00:10:96::10', 80),
      }),
      connection(WEB, CART, 6379, { state: stateNumber('TIME_WAIT') ?? 0, sentRate: 0, receivedRate: 0 }),
      withoutRates(connection(CART, WEB, 9100)),
    ],
    notices: [],
  };
}

function withoutRates(one: Connection): Connection {
  const { sentRate: _, receivedRate: __, sentBytes: ___, receivedBytes: ____, ...rest } = one;
  return rest;
}

function accountingOff(): Snapshot {
  const all = cluster();
  const command = 'sysctl -w net.netfilter.nf_conntrack_acct=1';
  return {
    ...all,
    agents: NODES.map((node) => {
      const one = agent(node);
      return one.info === undefined ? one : { ...one, info: { ...one.info, accounting: 'off' as const } };
    }),
    connections: all.connections.map(withoutRates),
    notices: [`the kernels of 3 nodes count no bytes: no rates. Turn it on: ${command}`],
  };
}

function noAgents(): Snapshot {
  const discoveryError = cleanSentence('No agents in namespace kflow: `kflow install`, or `kflow --local`');
  return { at: AT, origin: 'prod-eu', discoveryError, agents: [], connections: [], notices: [] };
}

function healthy(): Snapshot {
  last = 0;
  return {
    at: AT,
    origin: 'prod-eu',
    agents: NODES.map((node) => agent(node)),
    connections: [connection(CART, WEB, 80)],
    notices: [],
  };
}

function untracked(): Snapshot {
  return {
    at: AT,
    origin: 'prod-eu',
    agents: NODES.map((node) => agent(node, { flows: 0 })),
    connections: [],
    notices: [],
  };
}

/** Names that would steer a terminal, if they reached it as they are. */
function hostile(): Snapshot {
  last = 0;
  const evil: Endpoint = {
    address: '203.0.113.66',
    kind: 'external',
    name: '\x1b]0;owned\x07\x1b[2J\x1b[31m{red-fg}evil{/}\u202e.example',
  };
  return { ...healthy(), connections: [connection(CART, evil, 443)] };
}

/** Names of characters that are two cells wide, or made of several: in each place where a name may be. */
function wideNames(): Snapshot {
  last = 0;
  const all = healthy();
  const box: Endpoint = { address: '203.0.113.77', kind: 'external', name: 'メール🙂.例え.テスト' };
  const team: Endpoint = { address: '203.0.113.78', kind: 'external', name: 'équipe-👩‍💻-서울' };
  return {
    ...all,
    origin: '生産環境',
    agents: all.agents.map((one, i) => (i === 0 ? { ...one, node: '東京-1' } : one)),
    connections: [connection(CART, box, 443), connection(WEB, team, 25), connection(box, WEB, 80)],
  };
}
