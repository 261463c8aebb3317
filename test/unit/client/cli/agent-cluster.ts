import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import type { FileAgent } from '../../agent/over-a-file.ts';
import { event, FakeApi, list, sendJson, sendStatus } from '../kube/fake-api.ts';

export const NODES = ['node1', 'node2'] as const;
export type NodeName = (typeof NODES)[number];
export const NODE_ADDRESS = { node1: '10.89.0.11', node2: '10.89.0.12' } as const;

const LONG_AGO = '2020-01-01T00:00:00Z';
const meta = (namespace: string, name: string) => ({ uid: `uid-${name}`, namespace, name, resourceVersion: '1' });

export function podObject(namespace: string, name: string, node: NodeName, address: string, status: object = {}) {
  return {
    metadata: { ...meta(namespace, name), creationTimestamp: LONG_AGO },
    spec: { nodeName: node, containers: [{ name: 'agent', ports: [{ name: 'grpc', containerPort: 50051 }] }] },
    status: {
      phase: 'Running',
      startTime: LONG_AGO,
      hostIP: NODE_ADDRESS[node],
      podIP: address,
      podIPs: [{ ip: address }],
      containerStatuses: [{ name: 'agent', restartCount: 0, state: { running: {} } }],
      ...status,
    },
  };
}

/** `spec` with a clusterIP. */
export function serviceObject(
  namespace: string,
  name: string,
  spec: { readonly clusterIP: string; readonly [key: string]: unknown },
  creationTimestamp: string = LONG_AGO,
) {
  return {
    metadata: { ...meta(namespace, name), creationTimestamp },
    spec: { clusterIPs: [spec.clusterIP], ...spec },
  };
}

/** What is in the cluster beside its agents, by resource. */
export type Lists = Readonly<Record<string, readonly unknown[]>>;

/** An API of a cluster of two nodes, with an agent on each of those that are given, which is reached as in any cluster. */
export class AgentCluster extends FakeApi {
  readonly #watches = new Map<string, ServerResponse[]>();

  static async start(t: TestContext, agents: ReadonlyMap<string, FileAgent>, lists: Lists): Promise<AgentCluster> {
    const api = new AgentCluster();
    t.after(() => api.remove());
    api.#answer(agents, {
      nodes: NODES.map((name) => ({
        metadata: { uid: name, name },
        spec: {},
        status: { addresses: [{ type: 'InternalIP', address: NODE_ADDRESS[name] }] },
      })),
      services: [],
      endpointslices: [],
      ...lists,
    });
    await api.start();
    api.kube();
    return api;
  }

  get kubeconfig(): string {
    return `${this.folder}/kubeconfig`;
  }

  /** Tells all who watch this resource. */
  tell(resource: string, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: object): void {
    for (const watch of this.#watches.get(resource) ?? []) watch.write(event(type, object));
  }

  #answer(agents: ReadonlyMap<string, FileAgent>, lists: Lists): void {
    const pods = NODES.map((node, i) => podObject('kflow', `kflow-daemon-${node}`, node, `10.244.${i + 1}.99`));
    const kubelet = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false });
    this.handle = (_request, response, url) => {
      const kind = url.searchParams.has('labelSelector') ? 'agents' : (url.pathname.split('/').at(-1) ?? '');
      if (url.searchParams.has('watch')) {
        this.#watches.set(kind, [...(this.#watches.get(kind) ?? []), response]);
        response.writeHead(200).flushHeaders();
      } else if (kind === 'agents')
        sendJson(response, list('1', pods.filter((_, i) => agents.has(NODES[i] ?? '')) ?? []));
      else if (kind in lists) sendJson(response, list('1', lists[kind] ?? []));
      else sendStatus(response, 404, 'nothing here');
    };
    this.server.on('upgrade', (request, socket, head) => {
      const node = /kflow-daemon-(node\d)/.exec(request.url ?? '')?.[1] ?? '';
      kubelet.handleUpgrade(request, socket, head, (stream) => bridge(stream, agents.get(node)?.address ?? ''));
    });
  }
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
