import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CoreV1Api, KubeConfig, type KubernetesObject, KubernetesObjectApi } from '@kubernetes/client-node';
import { type KubeClient, loadKubeClient } from '../../src/client/kubernetes/config.ts';
import type { NamedParty } from './cli.ts';

/** An image with busybox that the cluster's nodes have or can pull: its httpd, on the pod's loopback, stands in for an agent. */
export const TOOLS_IMAGE = process.env.KFLOW_TEST_TOOLS_IMAGE ?? 'kflow.test/tools:1';
export const PORT = 50051;

/** Why tests that need a cluster are skipped; false where there is one. */
export const noCluster: string | false = process.env.KUBECONFIG ? false : 'needs a cluster: set KUBECONFIG';

/** client-node's, for tests that look at the cluster by other means than kflow's. */
function defaultConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}

/** A namespace of a test's own in the cluster that KUBECONFIG names, with labels that no real agent has. */
export class Playground {
  readonly kube: KubeClient = loadKubeClient();
  readonly config = defaultConfig();
  readonly namespace: string;
  readonly label: { readonly 'kflow-e2e': string };
  readonly selector: string;
  readonly core = this.config.makeApiClient(CoreV1Api);
  readonly #objects = KubernetesObjectApi.makeApiClient(this.config);

  constructor(namespace = `kflow-e2e-${randomBytes(4).toString('hex')}`) {
    this.namespace = namespace;
    this.label = { 'kflow-e2e': namespace };
    this.selector = `kflow-e2e=${namespace}`;
  }

  async create(...objects: readonly KubernetesObject[]): Promise<void> {
    for (const object of objects) {
      const metadata = { ...object.metadata, namespace: this.namespace };
      await this.#objects.create({ ...object, metadata });
    }
  }

  async open(): Promise<void> {
    await this.core.createNamespace({ body: { metadata: { name: this.namespace } } });
    // The pods' account is made a moment later.
    await this.until('a service account', async () => {
      const accounts = await this.core.listNamespacedServiceAccount({ namespace: this.namespace });
      return accounts.items.length > 0;
    });
  }

  async close(): Promise<void> {
    await this.core.deleteNamespace({ name: this.namespace });
  }

  /** What an agent is to discovery: labelled pods, rebuilt when deleted, with a port on their loopback. */
  agents(replicas: number): KubernetesObject {
    const metadata = { name: 'agent', labels: this.label };
    const container = {
      name: 'agent',
      image: TOOLS_IMAGE,
      imagePullPolicy: 'IfNotPresent',
      command: ['/bin/busybox', 'httpd', '-f', '-p', `127.0.0.1:${PORT}`],
      ports: [{ name: 'grpc', containerPort: PORT }],
    };
    const template = { metadata, spec: { terminationGracePeriodSeconds: 1, containers: [container] } };
    const spec = { replicas, selector: { matchLabels: this.label }, template };
    return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'agent' }, spec } as KubernetesObject;
  }

  /** The same as kflow takes for agents: one on each node, which mounts the node's table. */
  daemon(): KubernetesObject {
    const deployment = this.agents(1) as KubernetesObject & {
      readonly spec: { readonly template: { readonly spec: { readonly containers: readonly object[] } } };
    };
    const { template } = deployment.spec;
    const containers = template.spec.containers.map((container) => ({
      ...container,
      volumeMounts: [{ name: 'net', mountPath: '/host/proc/1/net', readOnly: true }],
    }));
    const volumes = [{ name: 'net', hostPath: { path: '/proc/1/net' } }];
    const spec = {
      selector: { matchLabels: this.label },
      template: { ...template, spec: { ...template.spec, tolerations: [{ operator: 'Exists' }], containers, volumes } },
    };
    return { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'agent' }, spec } as KubernetesObject;
  }

  async pods() {
    const { items } = await this.core.listNamespacedPod({ namespace: this.namespace, labelSelector: this.selector });
    return items;
  }

  async running(replicas: number): Promise<void> {
    await this.until(`${replicas} running pods`, async () => {
      const phases = (await this.pods()).map(({ status }) => status?.containerStatuses?.[0]?.state?.running);
      return phases.filter((running) => running !== undefined).length === replicas;
    });
  }

  /** A user with these rights in this namespace, and no others. */
  async user(name: string, rules: readonly object[]): Promise<KubeClient & { readonly config: KubeConfig }> {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name }, rules };
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace: this.namespace }],
    };
    await this.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }, role, binding);
    const { status } = await this.core.createNamespacedServiceAccountToken({
      name,
      namespace: this.namespace,
      body: { spec: { audiences: [], expirationSeconds: 3600 } },
    });
    const config = new KubeConfig();
    config.loadFromClusterAndUser(this.#cluster, { name, token: status?.token ?? '' });
    const folder = mkdtempSync(join(tmpdir(), 'kflow-e2e-'));
    try {
      const kubeconfig = join(folder, 'kubeconfig');
      writeFileSync(kubeconfig, config.exportConfig(), { mode: 0o600 });
      return { ...loadKubeClient({ kubeconfig, namespace: this.namespace }), config };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  get #cluster() {
    const cluster = this.config.getCurrentCluster();
    if (cluster === null) throw new Error('the kubeconfig names no cluster');
    return cluster;
  }

  /** Those that run pods, in the order of their names. */
  async nodes(): Promise<{ readonly name: string; readonly address: string }[]> {
    const { items } = await this.core.listNode();
    return items
      .map(({ metadata, status }) => ({
        name: metadata?.name ?? '',
        address: status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
      }))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Where the API server listens: outside, as seen from pods, where it is no pod. */
  async apiServer(): Promise<NamedParty> {
    const { subsets } = await this.core.readNamespacedEndpoints({ name: 'kubernetes', namespace: 'default' });
    const [subset] = subsets ?? [];
    return {
      kind: 'external',
      address: subset?.addresses?.[0]?.ip ?? '',
      port: subset?.ports?.[0]?.port ?? 0,
    };
  }

  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    await this.find(what, async () => ((await holds()) ? true : undefined));
  }

  /** A cluster tells of nothing but by being asked. */
  async find<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    const end = Date.now() + 60_000;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > end) throw new Error(`no ${what} in 60 s`);
      await delay(200);
    }
  }
}

/** What the stand-in answers, without the version of HTTP that this busybox speaks. */
export function greet(address: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(address.replace(/^unix:/, ''));
    socket.on('data', (bytes) => {
      resolve(/^HTTP\/1\.[01] (.*)\r\n/.exec(bytes.toString())?.[1]);
      socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the pod ended the connection')));
    socket.write('GET /nothing HTTP/1.0\r\n\r\n');
  });
}

export const GREETING = '404 Not Found';
