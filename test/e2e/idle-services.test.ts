/** A service without endpoints: its nodes refuse anyone who asks, so that only the cluster can tell of it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { KubernetesObject } from '@kubernetes/client-node';
import type { Snapshot } from '../../src/client/model/snapshot.ts';
import { kubernetesResolver } from '../../src/client/names/kubernetes/kubernetes-names.ts';
import type { Problem } from '../../src/client/problems/problem.ts';
import { ProblemMonitor } from '../../src/client/problems/problem-monitor.ts';
import { noCluster, Playground, TOOLS_IMAGE } from './playground.ts';

const LABELS = { app: 'late' };

describe('a service without endpoints', { skip: noCluster, timeout: 120_000 }, () => {
  let playground: Playground;
  before(async () => {
    playground = new Playground();
    await playground.open();
  });
  after(() => playground?.close());

  it('is a problem until a pod of it is ready', async () => {
    const { namespace } = playground;
    const names = kubernetesResolver(playground.kube);
    const following = names.changed$.subscribe();
    const watch = new ProblemMonitor();
    const problem = (): Problem | undefined => {
      const { servicesWithoutEndpoints = [] } = names;
      const snapshot: Snapshot = {
        at: Date.now(),
        origin: '',
        agents: [],
        connections: [],
        notices: [],
        servicesWithoutEndpoints,
      };
      return watch.of(snapshot).find(({ subject }) => subject === `${namespace}/late`);
    };
    try {
      const spec = { selector: LABELS, ports: [{ port: 80 }] };
      await playground.create({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'late' },
        spec,
      } as KubernetesObject);
      const created = Date.now();
      await playground.until('the problem', async () => problem() !== undefined);
      assert.ok(Date.now() - created < 5000);
      assert.equal(problem()?.title, 'service has no endpoints');
      const command = ['/bin/busybox', 'httpd', '-f', '-p', '80'];
      const container = { name: 'late', image: TOOLS_IMAGE, imagePullPolicy: 'IfNotPresent', command };
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'late', labels: LABELS },
        spec: { containers: [container] },
      };
      await playground.create(pod as KubernetesObject);
      await playground.until('no problem', async () => problem() === undefined);
    } finally {
      following.unsubscribe();
    }
  });
});
