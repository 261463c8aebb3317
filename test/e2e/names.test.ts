import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { kubernetesResolver } from '../../src/client/names/kubernetes/kubernetes-names.ts';
import type { NameResolver } from '../../src/client/names/name-resolver.ts';
import { Inbox } from '../unit/client/kubernetes/fake-api.ts';
import { noCluster, Playground } from './playground.ts';

/** Names and a way to wait until they are known. */
function listen(names: NameResolver) {
  const changes = new Inbox<void>();
  const subscription = names.changed$.subscribe(() => changes.push());
  const until = async (holds: () => boolean) => {
    if (!holds()) await changes.next(holds, 60_000);
  };
  return { until, stop: () => subscription.unsubscribe() };
}

describe('names', { skip: noCluster, timeout: 180_000 }, () => {
  let playground: Playground;
  before(async () => {
    playground = new Playground();
    await playground.open();
    const spec = { type: 'NodePort', selector: playground.label, ports: [{ port: 80 }] };
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec };
    await playground.create(playground.agents(1), service);
    await playground.running(1);
  });
  after(() => playground?.close());

  it('knows pods, their workload, nodes, services by address and by node port, and the outside', async () => {
    const names = kubernetesResolver(playground.kube);
    const { until, stop } = listen(names);
    const [pod] = await playground.pods();
    const ip = pod?.status?.podIP ?? '';
    await until(() => names.endpoint('203.0.113.9', Date.now())?.kind === 'external');
    const { namespace } = playground;
    const named = names.endpoint(ip, Date.now());
    assert.deepEqual(named, {
      address: ip,
      kind: 'pod',
      namespace,
      name: pod?.metadata?.name,
      node: pod?.spec?.nodeName,
      workload: { kind: 'Deployment', name: 'agent' },
    });
    assert.equal(names.endpoint(ip, Date.now()), named);
    const host = names.endpoint(pod?.status?.hostIP ?? '', Date.now());
    assert.deepEqual([host?.kind, host?.name], ['node', pod?.spec?.nodeName]);
    const { spec } = await playground.core.readNamespacedService({ name: 'web', namespace });
    assert.deepEqual(names.service(spec?.clusterIP ?? '', 80, 6), { namespace, name: 'web' });
    const nodePort = spec?.ports?.[0]?.nodePort ?? 0;
    assert.deepEqual(names.service(pod?.status?.hostIP ?? '', nodePort, 6), { namespace, name: 'web' });
    assert.deepEqual(names.notices, []);
    const before = Date.now();
    await playground.core.deleteNamespacedPod({ name: pod?.metadata?.name ?? '', namespace });
    const next = await playground.find('new pod with an address', async () =>
      (await playground.pods()).find(({ metadata, status }) => metadata?.uid !== pod?.metadata?.uid && status?.podIP),
    );
    assert.equal(names.endpoint(ip, before)?.name, named?.name, 'who had it then');
    await until(() => names.endpoint(next.status?.podIP ?? '', Date.now())?.name === next.metadata?.name);
    stop();
  });

  it('says once what may not be listed', async () => {
    const names = kubernetesResolver(await playground.user('nobody', []));
    const { until, stop } = listen(names);
    await until(() => /pods/.test(names.notices[0] ?? '') && /nodes/.test(names.notices[0] ?? ''));
    assert.equal(names.notices.length, 1);
    assert.match(names.notices[0] ?? '', /may not list them; a ClusterRole with verbs list and watch on/);
    assert.equal(names.endpoint('203.0.113.9', Date.now()), undefined);
    stop();
  });
});
