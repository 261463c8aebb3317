import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { FileAgent } from '../../../agent/file-agent.ts';
import { AgentCluster, type Lists, NODE_ADDRESS, NODES, podObject, serviceObject } from './agent-cluster.ts';
import { runKflow } from './run-process.ts';

const POLL_MS = 250;
const ADDRESS = NODE_ADDRESS;
const CLIENT = '10.244.2.3';
const BACKEND = '10.244.1.3';
const SERVICE = '10.96.222.143';

const LISTS: Lists = {
  pods: [podObject('shop', 'cart', 'node2', CLIENT), podObject('shop', 'web', 'node1', BACKEND)],
  services: [serviceObject('shop', 'web', { clusterIP: SERVICE, ports: [{ port: 80, protocol: 'TCP' }] })],
};

/** Both halves of one connection, as kube-proxy and a masquerading CNI make them. */
function halves(port: number): Record<(typeof NODES)[number], string> {
  const counters = 'packets=5 bytes=500';
  const line = (source: string, destination: string, sport: number, dport: number, reply: string) =>
    `ipv4     2 tcp      6 500 ESTABLISHED src=${source} dst=${destination} sport=${sport} dport=${dport} ${counters} ${reply} ${counters} [ASSURED] mark=0 zone=0 use=1\n`;
  const reply = `src=${BACKEND} dst=${ADDRESS.node2} sport=8080 dport=${port}`;
  return {
    node1: line(ADDRESS.node2, BACKEND, port, 8080, reply),
    node2: line(CLIENT, SERVICE, port, 80, reply),
  };
}

interface Event {
  readonly event: string;
  readonly id: number;
  readonly source: { readonly kind?: string; readonly address: string; readonly port: number; readonly name?: string };
  readonly via?: object;
  readonly incomplete?: string;
}

/** `kflow flows -f -o json` until `isDone`. */
async function follow(kubeconfig: string, isDone: (events: readonly Event[]) => boolean): Promise<Event[]> {
  const events: Event[] = [];
  let rest = '';
  const args = ['flows', '-f', '-o', 'json', '--kubeconfig', kubeconfig];
  const { status, err } = await runKflow(args, {
    read: (text, kill) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) events.push(JSON.parse(line));
      if (isDone(events)) kill('SIGINT');
    },
  });
  assert.equal(status, 130, err);
  return events;
}

const addedBy = (events: readonly Event[]) => events.filter(({ event }) => event === 'added');

test('flows -f never adds a node as the client of a connection whose halves come one after the other', async (t) => {
  const agents = new Map<string, FileAgent>();
  for (const nodeName of NODES)
    agents.set(nodeName, await FileAgent.start(t, '', false, { nodeName, intervalMs: POLL_MS }));
  const tables = { node1: new Map<number, string>(), node2: new Map<number, string>() };
  const write = (node: (typeof NODES)[number], port: number) => {
    tables[node].set(port, halves(port)[node]);
    agents.get(node)?.writeText([...tables[node].values()].join(''));
  };
  const { kubeconfig } = await AgentCluster.start(t, agents, LISTS);
  const ports = Array.from({ length: 24 }, (_, i) => 40_000 + i);
  // One is there from the start: that it is reported shows that the program follows.
  write('node1', 39_999);
  write('node2', 39_999);
  let traffic: Promise<void> | undefined;
  const make = async () => {
    for (const [i, port] of ports.entries()) {
      const [first, second] = i % 2 === 0 ? NODES : [NODES[1], NODES[0]];
      write(first, port);
      await delay([0, 70, 130, 200][i % 4]);
      write(second, port);
      await delay(37);
    }
  };
  const events = await follow(kubeconfig, (seen) => {
    if (seen.length > 0) traffic ??= make();
    return addedBy(seen).length > ports.length;
  });
  await traffic;
  const added = addedBy(events);
  assert.equal(added.length, ports.length + 1, 'each once');
  assert.equal(added.filter(({ source }) => source.kind === 'node').length, 0);
  for (const { source, via, incomplete } of added) {
    assert.deepEqual([source.kind, source.name, incomplete], ['pod', 'cart', undefined]);
    assert.ok(via !== undefined);
  }
  const first = new Map(added.map(({ id, source }) => [id, source.address]));
  const corrected = events.filter(({ id, source }) => first.get(id) !== source.address);
  assert.deepEqual(corrected, []);
});

test('without an agent on the client’s node the half says so, and claims no client', async (t) => {
  const agent = await FileAgent.start(t, halves(40_000).node1, false, { nodeName: 'node1', intervalMs: POLL_MS });
  const { kubeconfig } = await AgentCluster.start(t, new Map([['node1', agent]]), LISTS);
  const [half] = await follow(kubeconfig, (seen) => seen.length > 0);
  assert.equal(half?.incomplete, 'no agent on node2');
  assert.deepEqual(half?.source, { address: ADDRESS.node2, port: 40_000, node: 'node2' });
});

test('a half whose other half does not come is reported once with the reason; asked once, it is there at once', async (t) => {
  const agents = new Map<string, FileAgent>();
  for (const nodeName of NODES) {
    const table = nodeName === 'node1' ? halves(40_000).node1 : '';
    agents.set(nodeName, await FileAgent.start(t, table, false, { nodeName, intervalMs: POLL_MS }));
  }
  const { kubeconfig } = await AgentCluster.start(t, agents, LISTS);
  const [half] = await follow(kubeconfig, (seen) => seen.length > 0);
  assert.equal(half?.incomplete, 'not seen on node2');
  const { out } = await runKflow(['flows', '--once', '-o', 'json', '--kubeconfig', kubeconfig]);
  assert.equal(JSON.parse(out)[0]?.incomplete, 'not seen on node2');
});
