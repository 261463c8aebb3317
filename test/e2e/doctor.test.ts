import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { each } from '../each.ts';
import { kflow } from '../lab/kflow.ts';
import { until } from '../lab/until.ts';
import { noCluster, Playground } from './playground.ts';

const image = process.env.KFLOW_TEST_IMAGE;
const skip = noCluster || (image === undefined && 'needs an image that the nodes have: set KFLOW_TEST_IMAGE');

interface Finding {
  readonly check: string;
  readonly status: string;
  readonly message: string;
  readonly next?: string;
}

describe('doctor', { skip, timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  let playground: Playground;
  before(async () => {
    playground = new Playground();
    await playground.open();
    const { status, err } = await kflow('install', '-n', playground.namespace, '--image', image ?? '', '--wait');
    assert.equal(status, 0, err);
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await playground?.close();
  });

  const doctor = async (...args: string[]) => {
    const { status, out } = await kflow('doctor', '-n', playground.namespace, '-o', 'json', ...args);
    const found = JSON.parse(out) as Finding[];
    const of = (check: string) => found.filter((finding) => finding.check === check);
    return { status, of, summary: found.map(({ check, status }) => `${check} ${status}`) };
  };
  const user = async (name: string, rules: readonly object[]) => {
    const path = join(folder, name);
    writeFileSync(path, (await playground.user(name, rules)).config.exportConfig());
    return ['--kubeconfig', path];
  };

  it('finds nothing that fails in a cluster that works', async () => {
    const { status, summary, of } = await doctor();
    assert.equal(status, 0, summary.join());
    for (const check of [
      'kubeconfig',
      'api-server',
      'permissions',
      'nodes',
      'agents',
      'versions',
      'table',
      'table-fill',
      'clock',
    ])
      assert.deepEqual(
        of(check).map(({ status }) => status),
        ['ok'],
        JSON.stringify(of(check)),
      );
    assert.match(of('table')[0]?.message ?? '', /^\/host\/proc\/1\/net\/nf_conntrack on \d+ nodes$/);
    const { out } = await kflow('doctor', '-n', playground.namespace);
    assert.match(out, /^ok +kubeconfig +context /);
  });

  it('names the rights that an ordinary user lacks', async () => {
    const rules = [
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
      { apiGroups: [''], resources: ['pods/portforward'], verbs: ['create'] },
    ];
    const { status, of, summary } = await doctor(...(await user('viewer', rules)));
    assert.equal(status, 0, summary.join());
    assert.ok(each(of('permissions'), ({ status }) => status === 'warning'));
    assert.ok(
      of('permissions').some(({ message }) =>
        /list services in all namespaces: addresses of services have no names/.test(message),
      ),
    );
    const nobody = await doctor(...(await user('nobody', [])));
    assert.equal(nobody.status, 1);
    assert.match(nobody.of('permissions')[0]?.message ?? '', /not allowed to list pods in namespace/);
    assert.match(
      nobody.of('permissions')[0]?.next ?? '',
      /^kubectl --kubeconfig=\S+ create role .* --user=system:serviceaccount:.*:nobody$/,
    );
    assert.match(nobody.of('agents')[0]?.message ?? '', /not allowed to list pods/);
    assert.equal(nobody.of('agents')[0]?.next, undefined, 'more agents would not help');
  });

  it('sees Cilium, and how it is set up', async () => {
    const settings = { 'kube-proxy-replacement': 'true', 'enable-bpf-masquerade': 'true' };
    const nowhere = { nodeSelector: { nowhere: 'true' }, containers: [{ name: 'cilium-agent', image: 'none' }] };
    const [map, pod] = [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cilium-config' }, data: settings },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'cilium', labels: { 'k8s-app': 'cilium' } }, spec: nowhere },
    ];
    await playground.create(map, pod);
    const [found] = (await doctor()).of('network');
    assert.equal(found?.status, 'warning');
    assert.match(found?.message ?? '', /Cilium’s eBPF datapath forwards pods’ traffic past conntrack/);
    assert.match(found?.next ?? '', new RegExp(`kubectl exec -n ${playground.namespace} ds/cilium`));
    await playground.core.deleteNamespacedPod({ name: 'cilium', namespace: playground.namespace });
  });

  it('fails where there are no agents, and where they do not run', async () => {
    const args = ['-n', playground.namespace, '--image', 'kflow.test/none:0'];
    await kflow('uninstall', '-n', playground.namespace, '--wait');
    const none = await doctor();
    assert.deepEqual([none.status, none.of('agents')[0]?.next], [1, `kflow install -n ${playground.namespace} --wait`]);
    await kflow('install', ...args);
    // The node first tries to pull the image.
    const { status, of } = await until('the pull has failed', 30_000, async () => {
      const reported = await doctor('--request-timeout', '8s');
      assert.doesNotMatch(JSON.stringify(reported.of('agents')), /ContainerCreating/);
      // The DaemonSet's pods come a moment after it.
      assert.match(reported.of('agents')[0]?.message ?? '', /none reports a table/);
      return reported;
    });
    assert.equal(status, 1);
    const [namespace, ...agents] = of('agents');
    assert.match(namespace?.message ?? '', /^namespace \S+: \d+ agents on \d+ nodes; none reports a table$/);
    assert.ok(agents.length > 0);
    for (const { status, message, next } of agents) {
      assert.equal(status, 'failure');
      assert.match(message, /lost: (ErrImagePull|ImagePullBackOff|the pod is Pending)/);
      assert.match(next ?? '', /^kubectl describe pod -n \S+ kflow-daemon-/);
    }
  });
});
