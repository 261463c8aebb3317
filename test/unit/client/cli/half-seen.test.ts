import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { FileAgent } from '../../agent/over-a-file.ts';
import { FakeApi, list, sendJson, sendStatus } from '../kube/fake-api.ts';
import { runKflow } from './run-process.ts';

const POLL_MS = 250;
const NODES = ['node1', 'node2'] as const;
const ADDRESS = { node1: '10.89.0.11', node2: '10.89.0.12' };
const CLIENT = '10.244.2.3';
const BACKEND = '10.244.1.3';
const SERVICE = '10.96.222.143';

const meta = (namespace: string, name: string) => ({ uid: `uid-${name}`, namespace, name, resourceVersion: '1' });

function pod(namespace: string, name: string, node: (typeof NODES)[number], address: string) {
  return {
    metadata: { ...meta(namespace, name), creationTimestamp: '2020-01-01T00:00:00Z' },
    spec: { nodeName: node, containers: [{ name: 'agent', ports: [{ name: 'grpc', containerPort: 50051 }] }] },
    status: {
      phase: 'Running',
      startTime: '2020-01-01T00:00:00Z',
      hostIP: ADDRESS[node],
      podIP: address,
      podIPs: [{ ip: address }],
      containerStatuses: [{ name: 'agent', restartCount: 0, state: { running: {} } }],
    },
  };
}

const LISTS: Record<string, readonly unknown[]> = {
  agents: NODES.map((node, i) => pod('kflow', `kflow-daemon-${node}`, node, `10.244.${i + 1}.99`)),
  pods: [pod('shop', 'cart', 'node2', CLIENT), pod('shop', 'web', 'node1', BACKEND)],
  nodes: NODES.map((name) => ({
    metadata: { uid: name, name },
    spec: {},
    status: { addresses: [{ type: 'InternalIP', address: ADDRESS[name] }] },
  })),
  services: [
    {
      metadata: { ...meta('shop', 'web'), creationTimestamp: '2020-01-01T00:00:00Z' },
      spec: { clusterIP: SERVICE, clusterIPs: [SERVICE], ports: [{ port: 80, protocol: 'TCP' }] },
    },
  ],
};

/** A cluster of two nodes, with an agent on each of `agents`, which is reached as in any cluster. */
async function cluster(t: TestContext, agents: ReadonlyMap<string, FileAgent>): Promise<string> {
  const api = new FakeApi();
  const kubelet = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false });
  t.after(() => api.remove());
  api.handle = (_request, response, url) => {
    const kind = url.searchParams.has('labelSelector') ? 'agents' : (url.pathname.split('/').at(-1) ?? '');
    if (url.searchParams.has('watch')) response.writeHead(200).flushHeaders();
    else if (kind === 'agents')
      sendJson(response, list('1', LISTS.agents?.filter((_, i) => agents.has(NODES[i] ?? '')) ?? []));
    else if (kind in LISTS || kind === 'endpointslices') sendJson(response, list('1', LISTS[kind] ?? []));
    else sendStatus(response, 404, 'nothing here');
  };
  api.server.on('upgrade', (request, socket, head) => {
    const node = /kflow-daemon-(node\d)/.exec(request.url ?? '')?.[1] ?? '';
    kubelet.handleUpgrade(request, socket, head, (stream) => bridge(stream, agents.get(node)?.address ?? ''));
  });
  await api.start();
  api.kube();
  return `${api.folder}/kubeconfig`;
}

/** Port-forward's own protocol: a byte that tells the channel, then what is sent. */
function bridge(stream: WebSocket, address: string): void {
  const port = Buffer.from([50051 & 0xff, 50051 >> 8]);
  for (const channel of [0, 1]) stream.send(Buffer.concat([Buffer.from([channel]), port]));
  const socket = connect(address.replace(/^unix:/, ''));
  socket.on('data', (bytes) => stream.send(Buffer.concat([Buffer.from([0]), bytes])));
  stream.on('message', (bytes: Buffer) => socket.write(bytes.subarray(1)));
  socket.on('error', () => stream.close());
  socket.on('close', () => stream.close());
  stream.on('close', () => socket.destroy());
}

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
  const kubeconfig = await cluster(t, agents);
  const ports = Array.from({ length: 24 }, (_, i) => 40_000 + i);
  // One is there from the start: that it is told shows that the program follows.
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
  const kubeconfig = await cluster(t, new Map([['node1', agent]]));
  const [half] = await follow(kubeconfig, (seen) => seen.length > 0);
  assert.equal(half?.incomplete, 'no agent on node2');
  assert.deepEqual(half?.source, { address: ADDRESS.node2, port: 40_000, node: 'node2' });
});

test('a half whose other half does not come is told once with the reason; asked once, it is there at once', async (t) => {
  const agents = new Map<string, FileAgent>();
  for (const nodeName of NODES) {
    const table = nodeName === 'node1' ? halves(40_000).node1 : '';
    agents.set(nodeName, await FileAgent.start(t, table, false, { nodeName, intervalMs: POLL_MS }));
  }
  const kubeconfig = await cluster(t, agents);
  const [half] = await follow(kubeconfig, (seen) => seen.length > 0);
  assert.equal(half?.incomplete, 'not seen on node2');
  const { out } = await runKflow(['flows', '--once', '-o', 'json', '--kubeconfig', kubeconfig]);
  assert.equal(JSON.parse(out)[0]?.incomplete, 'not seen on node2');
});
