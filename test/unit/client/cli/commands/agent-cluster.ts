import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import type { FileAgent } from '../../../agent/file-agent.ts';
import { agentSpec, CONTROLLER } from '../../agents/agent-pods.ts';
import { event, FakeApi, list, sendJson, sendStatus } from '../../kubernetes/fake-api.ts';

export const NODES = ['node1', 'node2'] as const;
export type NodeName = (typeof NODES)[number];
export const NODE_ADDRESS = { node1: '10.89.0.11', node2: '10.89.0.12' } as const;

const LONG_AGO = '2020-01-01T00:00:00Z';
const meta = (namespace: string, name: string) => ({ uid: `uid-${name}`, namespace, name, resourceVersion: '1' });

export function podObject(namespace: string, name: string, node: NodeName, address: string, status: object = {}) {
  return {
    metadata: { ...meta(namespace, name), creationTimestamp: LONG_AGO },
    spec: { nodeName: node, containers: [{ name: 'agent', ports: [GRPC_PORT] }] } as object,
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

const GRPC_PORT = { name: 'grpc', containerPort: 50051 };

/** A pod as kflow's DaemonSet makes it. */
export function agentObject(namespace: string, name: string, node: NodeName, address: string, metadata: object = {}) {
  const pod = podObject(namespace, name, node, address);
  return {
    ...pod,
    metadata: { ...pod.metadata, labels: { app: 'kflow-daemon' }, ownerReferences: [CONTROLLER], ...metadata },
    spec: agentSpec({ nodeName: node }, { ports: [GRPC_PORT] }),
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

/** What is in the cluster beside its agents, by resource. `agents`: other pods that may be taken for agents. */
export type Lists = Readonly<Record<string, readonly unknown[]>>;

interface Labelled {
  readonly metadata: { readonly namespace: string; readonly labels?: Readonly<Record<string, string>> };
}

/** An API of a cluster of two nodes, with an agent on each of the ones that are given, by node or pod, which is reached as in any cluster. */
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
    const own = NODES.map((node, i) => agentObject('kflow', `kflow-daemon-${node}`, node, `10.244.${i + 1}.99`));
    const pods = [
      ...own.filter((_, i) => agents.has(NODES[i] ?? '')),
      ...((lists.agents ?? []) as readonly Labelled[]),
    ];
    const kubelet = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false });
    this.handle = (request, response, url) => {
      if (url.pathname === '/version') return sendJson(response, { gitVersion: 'v1.34.0' });
      if (request.method === 'POST') return sendJson(response, { status: { allowed: true } });
      const namespace = /\/namespaces\/([^/]+)\/pods$/.exec(url.pathname)?.[1];
      const label = url.searchParams.get('labelSelector');
      const isAgents = namespace !== undefined || label !== null;
      const kind = isAgents ? 'agents' : (url.pathname.split('/').at(-1) ?? '');
      if (url.searchParams.has('watch')) {
        this.#watches.set(kind, [...(this.#watches.get(kind) ?? []), response]);
        response.writeHead(200).flushHeaders();
      } else if (kind === 'agents')
        sendJson(
          response,
          list(
            '1',
            pods.filter(
              ({ metadata: { namespace: home, labels } }) =>
                (namespace === undefined || home === namespace) && (label === null || `app=${labels?.app}` === label),
            ),
          ),
        );
      else if (kind in lists) sendJson(response, list('1', lists[kind] ?? []));
      else sendStatus(response, 404, 'nothing here');
    };
    this.server.on('upgrade', (request, socket, head) => {
      const pod = /\/pods\/([^/]+)\/portforward/.exec(request.url ?? '')?.[1] ?? '';
      const agent = agents.get(pod) ?? agents.get(pod.replace('kflow-daemon-', ''));
      kubelet.handleUpgrade(request, socket, head, (stream) => bridge(stream, agent?.address ?? ''));
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
