import { readFileSync } from 'node:fs';
import type { KubernetesObject } from '@kubernetes/client-node';
import { AGENT_IMAGE } from './agents.ts';
import type { NamedParty } from './cli.ts';
import { type Playground, TOOLS_IMAGE } from './playground.ts';
import { type Sight, withoutPort } from './sight.ts';

/** A connection that is known beforehand. */
export interface Case {
  readonly name: string;
  /** No other connection has this port at its source. */
  readonly sourcePort: number;
  readonly expected: Sight;
}

/** What a client is reported to do, for as long as it runs. */
interface Plan {
  readonly protocol: string;
  readonly from: number;
  readonly to: string;
  readonly port: number;
  readonly quiet?: boolean;
}

interface CaseOptions {
  readonly destination: NamedParty;
  readonly service?: NamedParty;
  readonly snat?: string;
  readonly observedBy: readonly string[];
  readonly protocol?: string;
  readonly replied?: boolean;
  /** It says nothing. */
  readonly quiet?: boolean;
  /** The client is on its node's network. */
  readonly host?: boolean;
}

const ECHO = 8080;
const HOST_ECHO = 18_080;
const DNS = 5353;
const KUBELET = 10_250;
/** The kernel remembers connections for a while: another scene's ports are others, and neither of the ones that are given out. */
const FIRST_PORT = 20_000 + Math.floor(Math.random() * 100) * 100;
const PEER = readFileSync(new URL('./peer.mjs', import.meta.url), 'utf8');
/** It gets what others send; what it answers goes nowhere. */
const MUTE = 'ip route add blackhole 0.0.0.0/1 && ip route add blackhole 128.0.0.0/1 && exec httpd -f -p 8080';

/** Workloads whose connections are known: each way that packets take through a cluster. */
export class Scene {
  readonly cases: Case[] = [];
  readonly #playground: Playground;
  readonly #plans: { pod: Plan[]; host: Plan[] } = { pod: [], host: [] };
  readonly #sources: Record<'pod' | 'host', NamedParty> = { pod: {}, host: {} };

  constructor(playground: Playground) {
    this.#playground = playground;
  }

  async open(): Promise<void> {
    const playground = this.#playground;
    const [a, b, c = a] = await playground.nodes();
    if (a === undefined || b === undefined || c === undefined) throw new Error('a scene needs two nodes');
    await playground.create(
      workload('web', b.name, node({ tcp: [ECHO], udp: [DNS] })),
      workload('neighbour', a.name, node({ tcp: [ECHO] })),
      workload('host-web', b.name, node({ tcp: [HOST_ECHO] }), true),
      workload('mute', b.name, mute),
      service('web', 'web', { port: 80, targetPort: ECHO }),
      service('dns', 'web', { port: 53, targetPort: DNS, protocol: 'UDP' }),
      service('host-web', 'host-web', { port: 80, targetPort: HOST_ECHO }),
      service('mute', 'mute', { port: 80, targetPort: ECHO }),
      service('nobody', 'nobody', { port: 80 }, 'NodePort'),
      service('exposed', 'web', { port: 80, targetPort: ECHO }, 'NodePort'),
    );
    const [web, neighbour, silent] = [await this.#pod('web'), await this.#pod('neighbour'), await this.#pod('mute')];
    await this.#pod('host-web');
    const [inWeb, inDns, inHostWeb, inMute] = [
      await this.#service('web'),
      await this.#service('dns'),
      await this.#service('host-web'),
      await this.#service('mute'),
    ];
    const exposed = await this.#service('exposed', c.address);
    const outside = await playground.apiServer();
    const nodeB = { kind: 'node', address: b.address, name: b.name };
    const both = { snat: a.address, observedBy: [a.name, b.name] };

    this.#case('same-node', neighbour, ECHO, { destination: neighbour, observedBy: [a.name] });
    this.#case('cross-node', web, ECHO, { destination: web, ...both });
    this.#case('cluster-ip', inWeb, 80, { destination: web, service: inWeb, ...both });
    this.#case('node-port', exposed, exposed.port ?? 0, {
      destination: web,
      service: exposed,
      snat: c.address,
      observedBy: c === a ? [a.name, b.name] : [a.name, c.name, b.name],
    });
    this.#case('host-network-server', nodeB, HOST_ECHO, { destination: nodeB, ...both });
    this.#case('host-network-service', inHostWeb, 80, { destination: nodeB, service: inHostWeb, ...both });
    this.#case('host-network-client', web, ECHO, { destination: web, observedBy: [a.name, b.name], host: true });
    this.#case('pod-to-node', nodeB, KUBELET, { destination: nodeB, ...both, quiet: true });
    this.#case('pod-to-outside', outside, outside.port ?? 0, {
      destination: withoutPort(outside),
      snat: a.address,
      observedBy: [a.name],
      quiet: true,
    });
    this.#case('udp-dns', inDns, 53, { protocol: 'udp', destination: web, service: inDns, ...both });
    this.#case('unreplied-syn', inMute, 80, { replied: false, destination: silent, service: inMute, ...both });
    // At a cluster address kube-proxy refuses it before the kernel makes an entry; at another node's address, after this one did.
    const nobody = await this.#service('nobody', b.address);
    this.#case('no-endpoints', nobody, nobody.port ?? 0, {
      replied: false,
      destination: { kind: 'service', ...withoutPort(nobody) },
      snat: a.address,
      observedBy: [a.name],
    });

    await playground.create(
      workload('cart', a.name, node({ clients: this.#plans.pod, loops: [{ to: inWeb.address, port: inWeb.port }] })),
      workload('host-cart', a.name, node({ clients: this.#plans.host }), true),
    );
    Object.assign(this.#sources.pod, await this.#pod('cart'));
    Object.assign(this.#sources.host, { kind: 'node', address: a.address, name: a.name });
    await this.#pod('host-cart');
  }

  #case(name: string, to: NamedParty, port: number, options: CaseOptions): void {
    const { protocol = 'tcp', replied = true, quiet = false, host = false, ...rest } = options;
    const kind = host ? 'host' : 'pod';
    const sourcePort = FIRST_PORT + this.cases.length;
    this.#plans[kind].push({ protocol, from: sourcePort, to: to.address ?? '', port, quiet });
    const expected = { protocol, replied, source: this.#sources[kind], ...rest };
    this.cases.push({ name, sourcePort, expected });
  }

  /** The running pod of a workload. */
  async #pod(app: string): Promise<NamedParty> {
    const { core, namespace } = this.#playground;
    return this.#playground.find(`a running pod of ${app}`, async () => {
      const { items } = await core.listNamespacedPod({ namespace, labelSelector: `app=${app}` });
      const pod = items.find(({ status }) => status?.containerStatuses?.[0]?.ready);
      const { podIP } = pod?.status ?? {};
      if (pod === undefined || podIP === undefined) return undefined;
      return {
        kind: 'pod',
        address: podIP,
        namespace,
        name: pod.metadata?.name ?? '',
        node: pod.spec?.nodeName ?? '',
        workload: { kind: 'Deployment', name: app },
      };
    });
  }

  /** A service as it is seen; at a node's address, by its node port. */
  async #service(name: string, nodeAddress?: string): Promise<NamedParty> {
    const { core, namespace } = this.#playground;
    const { spec } = await core.readNamespacedService({ name, namespace });
    const [port] = spec?.ports ?? [];
    const where =
      nodeAddress === undefined
        ? { address: spec?.clusterIP ?? '', port: port?.port ?? 0 }
        : { address: nodeAddress, port: port?.nodePort ?? 0 };
    return { namespace, name, ...where };
  }
}

function node(plan: object): object {
  const command = ['/usr/local/bin/node', '--input-type=module', '-e', PEER, JSON.stringify(plan)];
  return { image: AGENT_IMAGE, command };
}

const mute = {
  image: TOOLS_IMAGE,
  command: ['/bin/busybox', 'sh', '-c', MUTE],
  securityContext: { capabilities: { add: ['NET_ADMIN'] } },
};

export function workload(name: string, nodeName: string, container: object, hostNetwork = false): KubernetesObject {
  const labels = { app: name };
  const spec = {
    nodeName,
    hostNetwork,
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'main', imagePullPolicy: 'IfNotPresent', ...container }],
  };
  const template = { metadata: { labels }, spec };
  const metadata = { name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas: 1, selector: { matchLabels: labels }, template },
  } as KubernetesObject;
}

export function service(name: string, app: string, port: object, type = 'ClusterIP'): KubernetesObject {
  const spec = { type, selector: { app }, ports: [port] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec } as KubernetesObject;
}
