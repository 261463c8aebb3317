import type { IncomingMessage, ServerResponse } from 'node:http';
import { agentSpec, CONTROLLER } from '../agents/agent-pods.ts';
import { FakeApi, list, sendJson, sendStatus } from './fake-api.ts';

export interface FakePod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  /** Of its container's wait: "ErrImagePull". Absent: it runs. */
  readonly waiting?: string;
  /** The uid of its DaemonSet. */
  readonly owner?: string;
  readonly ready?: boolean;
}

/** A cluster with nodes and agents' pods, none of which can be reached, and a user who may do all but what is refused. */
export class FakeCluster extends FakeApi {
  pods: readonly FakePod[] = [];
  /** Names; the value is why one is not ready. */
  nodes: Readonly<Record<string, { reason: string; message: string } | undefined>> = {};
  /** "verb resource" and "verb resource namespace". */
  refused: readonly string[] = [];
  /** Answers by "METHOD /path", before all others. */
  answers: Record<string, (response: ServerResponse, body: unknown) => void> = {};

  override handle = (request: IncomingMessage, response: ServerResponse, url: URL) => {
    let body = '';
    request.on('data', (bytes) => {
      body += bytes;
    });
    request.on('end', () => this.#answer(`${request.method} ${url.pathname}`, url, response, body));
  };

  /** Writes the kubeconfig, and gives its path. */
  get kubeconfig(): string {
    this.kube();
    return `${this.folder}/kubeconfig`;
  }

  #answer(asked: string, url: URL, response: ServerResponse, body: string): unknown {
    const own = this.answers[asked];
    if (own !== undefined) return own(response, body === '' ? undefined : JSON.parse(body));
    const [, namespace] = /^GET \/api\/v1\/(?:namespaces\/([^/]+)\/)?pods$/.exec(asked) ?? [];
    if (url.searchParams.has('watch')) return response.writeHead(200).flushHeaders();
    if (asked.endsWith('/selfsubjectaccessreviews')) return this.#review(response, body);
    if (asked.endsWith('/selfsubjectreviews'))
      return sendJson(response, { status: { userInfo: { username: 'jane' } } });
    if (asked === 'GET /version') return sendJson(response, { gitVersion: 'v1.34.0', minor: '34' });
    if (asked === 'GET /api/v1/nodes') return sendJson(response, list('1', this.#nodeObjects()));
    if (/\/pods$/.test(asked)) {
      if (this.#isRefused(`list pods${namespace === undefined ? '' : ` ${namespace}`}`))
        return sendStatus(response, 403, 'User "jane" cannot list resource "pods"');
      const isAgents = namespace !== undefined || url.searchParams.get('labelSelector') === 'app=kflow-daemon';
      const pods = this.pods.filter((pod) => isAgents && (namespace === undefined || pod.namespace === namespace));
      return sendJson(response, list('1', pods.map(podObject)));
    }
    const pod = this.pods.find(({ namespace, name }) => asked === `GET /api/v1/namespaces/${namespace}/pods/${name}`);
    if (pod !== undefined) return sendJson(response, podObject(pod));
    if (asked.startsWith('GET ') && !asked.endsWith('/portforward')) return sendJson(response, list('1', []));
    return sendStatus(response, 404, 'nothing here');
  }

  #review(response: ServerResponse, body: string): void {
    const { verb, resource, subresource, namespace } = JSON.parse(body).spec.resourceAttributes;
    const asked = [verb, subresource ? `${resource}/${subresource}` : resource, namespace].filter(Boolean).join(' ');
    sendJson(response, { status: { allowed: !this.#isRefused(asked) } });
  }

  #isRefused(asked: string): boolean {
    return this.refused.some((right) => right === asked || asked.startsWith(`${right} `));
  }

  #nodeObjects() {
    return Object.entries(this.nodes).map(([name, fault]) => ({
      metadata: { name },
      status: {
        conditions: [{ type: 'Ready', status: fault === undefined ? 'True' : 'Unknown', ...fault }],
        nodeInfo: { containerRuntimeVersion: 'containerd://2.1.4' },
      },
    }));
  }
}

function podObject({ namespace, name, node, waiting, owner = `ds-${namespace}`, ready = false }: FakePod) {
  const state =
    waiting === undefined
      ? { running: {} }
      : { waiting: { reason: waiting, message: 'registry.example: no such host' } };
  return {
    metadata: {
      uid: `${namespace}-${name}`,
      namespace,
      name,
      labels: { app: 'kflow-daemon' },
      ownerReferences: [{ ...CONTROLLER, uid: owner }],
    },
    spec: agentSpec({ nodeName: node }, { image: 'registry.example/kflow-daemon:1' }),
    status: {
      phase: waiting === undefined ? 'Running' : 'Pending',
      containerStatuses: [{ name: 'agent', state, ready }],
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  };
}
