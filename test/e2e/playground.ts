import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { CoreV1Api, KubeConfig, type KubernetesObject, KubernetesObjectApi } from '@kubernetes/client-node';
import { type Kube, loadKube } from '../../src/client/kube/config.ts';

/** An image with busybox that the cluster's nodes have or can pull: its httpd, on the pod's loopback, stands in for an agent. */
const IMAGE = process.env.KFLOW_E2E_IMAGE ?? 'kflow.test/tools:1';
export const PORT = 50051;

/** Why tests that need a cluster are skipped; false where there is one. */
export const noCluster: string | false = process.env.KUBECONFIG ? false : 'needs a cluster: set KUBECONFIG';

/** A namespace of a test's own in the cluster that KUBECONFIG names, with labels that no real agent has. */
export class Playground {
  readonly kube: Kube = loadKube();
  readonly namespace = `kflow-e2e-${randomBytes(4).toString('hex')}`;
  readonly label = { 'kflow-e2e': this.namespace };
  readonly selector = `kflow-e2e=${this.namespace}`;
  readonly core = this.kube.config.makeApiClient(CoreV1Api);
  readonly #objects = KubernetesObjectApi.makeApiClient(this.kube.config);

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

  /** What an agent is to discovery: labelled pods, made anew when deleted, with a port on their loopback. */
  agents(replicas: number): KubernetesObject {
    const metadata = { name: 'agent', labels: this.label };
    const container = {
      name: 'agent',
      image: IMAGE,
      imagePullPolicy: 'IfNotPresent',
      command: ['/bin/busybox', 'httpd', '-f', '-p', `127.0.0.1:${PORT}`],
      ports: [{ name: 'grpc', containerPort: PORT }],
    };
    const template = { metadata, spec: { terminationGracePeriodSeconds: 1, containers: [container] } };
    const spec = { replicas, selector: { matchLabels: this.label }, template };
    return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'agent' }, spec } as KubernetesObject;
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
  async user(name: string, rules: readonly object[]): Promise<Kube> {
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
    return { ...this.kube, config, namespace: this.namespace };
  }

  get #cluster() {
    const cluster = this.kube.config.getCurrentCluster();
    if (cluster === null) throw new Error('the kubeconfig names no cluster');
    return cluster;
  }

  /** A cluster tells of nothing but by being asked. */
  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 60_000;
    while (!(await holds())) {
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
