import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  RbacAuthorizationV1Api,
  type V1DaemonSet,
  type V1Namespace,
  type V1Pod,
  type V1Service,
} from '@kubernetes/client-node';
import { each } from '../each.ts';
import { kflow } from '../lab/kflow.ts';
import { noCluster, Playground, TOOLS_IMAGE } from './playground.ts';

const image = process.env.KFLOW_TEST_IMAGE;
const skip = noCluster || (image === undefined && 'needs an image that the nodes have: set KFLOW_TEST_IMAGE');

describe('install', { skip, timeout: 600_000 }, () => {
  const IMAGE = image ?? '';
  const namespace = `kflow-e2e-${randomBytes(4).toString('hex')}`;
  const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  const config = new KubeConfig();
  config.loadFromDefault();
  const core = config.makeApiClient(CoreV1Api);
  const apps = config.makeApiClient(AppsV1Api);
  const roles = config.makeApiClient(RbacAuthorizationV1Api);

  const hasNamespace = async (name = namespace) =>
    (await core.listNamespace()).items.some(
      ({ metadata, status }) => metadata?.name === name && status?.phase === 'Active',
    );
  const agents = () => apps.readNamespacedDaemonSet({ name: 'kflow-daemon', namespace });
  const install = (...args: string[]) => kflow('install', '-n', namespace, '--image', IMAGE, ...args);

  after(async () => {
    rmSync(folder, { recursive: true });
    if (await hasNamespace()) await core.deleteNamespace({ name: namespace });
  });

  it('changes nothing in a dry run, and prints what it would apply', async () => {
    const { status, out, err } = await install('--dry-run');
    assert.equal(status, 0, err);
    assert.match(err, new RegExp(`^namespace/${namespace} created \\(dry run\\)\n`));
    assert.match(
      out,
      /^apiVersion: v1\nkind: Namespace\n(?:.*\n)*---\napiVersion: networking\.k8s\.io\/v1\nkind: NetworkPolicy\n(?:.*\n)*---\napiVersion: apps\/v1\nkind: DaemonSet\n/,
    );
    assert.equal(await hasNamespace(), false);
  });

  it('puts an agent on every node, and tells of each', async () => {
    const nodes = (await core.listNode()).items.map(({ metadata }) => metadata?.name ?? '');
    const { status, out, err } = await install('--wait');
    assert.equal(status, 0, err);
    assert.match(out, /daemonset\.apps\/kflow-daemon in namespace .* created\n/);
    assert.match(out, new RegExp(`${nodes.length} of ${nodes.length} nodes have their agent`));
    for (const node of nodes) assert.match(err, new RegExp(`^${node}: ready$`, 'm'));
    const { out: json } = await kflow('agents', '--agent-namespace', namespace, '-o', 'json');
    const rows = JSON.parse(json) as { node: string; status: string; path: string }[];
    assert.deepEqual(rows.map(({ node }) => node).sort(), nodes.sort());
    for (const { status, path } of rows) assert.deepEqual([status, path], ['live', '/host/proc/1/net/nf_conntrack']);
  });

  it('runs the agents in networks of their own, without a token', async () => {
    const { items } = await core.listNamespacedPod({ namespace });
    for (const { spec, status } of items) {
      assert.deepEqual([spec?.hostNetwork, status?.podIP === status?.hostIP], [undefined, false]);
      assert.deepEqual(
        spec?.volumes?.map(({ name }) => name),
        ['proc-net'],
      );
    }
  });

  it('is idempotent', async () => {
    const before = await agents();
    const { out } = await install('--wait');
    assert.match(
      out,
      /namespace\/.* unchanged\nnetworkpolicy.* unchanged\ndaemonset.* unchanged\nnothing to change: \d+ of \d+ nodes have their agent/,
    );
    assert.deepEqual(spoken(await agents()), spoken(before));
    assert.equal((await agents()).metadata?.generation, before.metadata?.generation);
    const printed = await install('--dry-run', '-o', 'yaml');
    const tried = spawnSync('kubectl', ['apply', '--dry-run=server', '-f', '-'], {
      input: printed.out,
      encoding: 'utf8',
    });
    assert.equal(tried.status, 0, tried.stderr);
    assert.match(tried.stdout, /daemonset\.apps\/kflow-daemon \S+ \(server dry run\)/);
  });

  it('upgrades by the same command: a change of options is rolled out, and taken back', async () => {
    const conntrack = async () => environment(await agents(), 'CONNTRACK_PATH');
    const { out, err } = await install('--conntrack', '/proc/net/nf_conntrack', '--source', 'procfs', '--wait');
    assert.match(out, /daemonset.* configured\n/);
    assert.match(err, /the agent before/);
    assert.equal(await conntrack(), '/host/proc/1/net/nf_conntrack');
    assert.equal(environment(await agents(), 'KFLOW_SOURCE'), 'procfs');
    const rows = JSON.parse((await kflow('agents', '--agent-namespace', namespace, '-o', 'json')).out) as {
      path: string;
    }[];
    assert.ok(
      each(rows, ({ path }) => path === '/host/proc/1/net/nf_conntrack'),
      'the node’s table, not the pod’s',
    );
    await install('--wait');
    assert.equal(await conntrack(), 'auto');
    assert.equal(environment(await agents(), 'KFLOW_SOURCE'), 'procfs', 'the source is kept');
    await install('--source', 'auto', '--wait');
    assert.equal(environment(await agents(), 'KFLOW_SOURCE'), 'auto');
  });

  it('says per node why it is late', async () => {
    const { status, err } = await kflow(
      'install',
      '-n',
      namespace,
      '--image',
      'kflow.test/none:0',
      '--wait',
      '--timeout',
      '8s',
    );
    assert.equal(status, 1);
    const why = /timed out after 8s; agents that are not ready:\n((?: {2}node\d+: .*\n)+)/.exec(err)?.[1] ?? '';
    assert.match(why, /ImagePull|before still runs/);
    const { status: mended } = await install('--wait');
    assert.equal(mended, 0);
  });

  it('spares what others made when it is removed, and the namespace with it', async () => {
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'mine' } } });
    const dry = await kflow('uninstall', '-n', namespace, '--dry-run');
    assert.match(
      dry.out,
      /^daemonset\.apps\/kflow-daemon .* deleted \(dry run\)\nnetworkpolicy.* deleted \(dry run\)\n$/,
    );
    assert.ok(await agents());
    const { status, out, err } = await kflow('uninstall', '-n', namespace, '--wait');
    assert.equal(status, 0, err);
    assert.match(
      out,
      /^daemonset\.apps\/kflow-daemon in namespace .* deleted\nnetworkpolicy\S+ in namespace .* deleted\n$/,
    );
    assert.match(err, /namespace .* stays: it also has configmaps\/mine/);
    assert.equal((await core.listNamespacedPod({ namespace })).items.length, 0);
    assert.ok(await core.readNamespacedConfigMap({ name: 'mine', namespace }));
    await core.deleteNamespacedConfigMap({ name: 'mine', namespace });
  });

  it('leaves nothing', async () => {
    await install();
    const { status, out } = await kflow('uninstall', '-n', namespace, '--wait');
    assert.equal(status, 0);
    assert.match(out, /namespace\/.* deleted\n$/);
    await assert.rejects(core.readNamespace({ name: namespace }), /404/);
    const again = await kflow('uninstall', '-n', namespace);
    assert.equal(again.status, 0);
    assert.match(again.err, /nothing to remove in namespace/);
  });

  it('gives what kubectl apply -f k8s/ gives, and removes that too', async () => {
    const copy = join(folder, 'k8s');
    cpSync('k8s', copy, { recursive: true });
    const manifest = readFileSync(join(copy, 'daemonset.yaml'), 'utf8')
      .replaceAll(/^( *(?:name|namespace): )kflow$/gm, `$1${namespace}`)
      .replaceAll('"namespace":"kflow"', `"namespace":"${namespace}"`)
      .replace(/image: .*/, `image: ${IMAGE}`);
    writeFileSync(join(copy, 'daemonset.yaml'), manifest);
    execFileSync('kubectl', ['apply', '-f', `${copy}/`]);
    const byHand = [spoken(await core.readNamespace({ name: namespace })), spoken(await agents())];
    const over = await install();
    assert.match(over.out, /networkpolicy.* unchanged\ndaemonset.* unchanged\n/);
    const removed = await kflow('uninstall', '-n', namespace, '--wait');
    assert.equal(removed.status, 0, removed.err);
    await install();
    assert.deepEqual([spoken(await core.readNamespace({ name: namespace })), spoken(await agents())], byHand);
    await kflow('uninstall', '-n', namespace, '--wait');
    assert.equal(await hasNamespace(), false);
  });

  it('takes a manifest of one’s own, prunes what it no longer has, and removes all of it without the file', async () => {
    const file = join(folder, 'own.yaml');
    const own = readFileSync('k8s/daemonset.yaml', 'utf8');
    const role = `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: ${namespace}}\nrules: []\n`;
    const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n';
    writeFileSync(file, [own, role, map].join('\n---\n'));
    const first = await install('--file', file);
    assert.match(first.out, new RegExp(`clusterrole\\.rbac\\.authorization\\.k8s\\.io/${namespace} created\n`));
    assert.match(first.out, new RegExp(`configmap/extra in namespace ${namespace} created\n`));
    writeFileSync(file, [own, role].join('\n---\n'));
    assert.match(
      (await install('--file', file)).out,
      new RegExp(`configmap/extra in namespace ${namespace} deleted\n`),
    );
    const { out } = await kflow('uninstall', '-n', namespace, '--wait');
    assert.match(
      out,
      new RegExp(`clusterrole\\S+/${namespace} deleted\nnetworkpolicy.* deleted\nnamespace/${namespace} deleted\n`),
    );
  });

  describe('in a namespace of somebody else', () => {
    let playground: Playground;
    before(async () => {
      playground = new Playground();
      await playground.open();
    });
    after(() => playground?.close());

    const kubeconfig = async (name: string, rules: readonly object[]) => {
      const kube = await playground.user(name, rules);
      const path = join(folder, `${name}.kubeconfig`);
      writeFileSync(path, kube.config.exportConfig());
      return path;
    };

    it('names the rights that are missing', async () => {
      const path = await kubeconfig('nobody', []);
      const { status, out, err } = await kflow('install', '-n', playground.namespace, '--kubeconfig', path);
      assert.deepEqual([status, out], [1, '']);
      assert.match(err, /user "system:serviceaccount:.*:nobody" does not have all the permissions that this needs/);
      assert.match(err, /^ {2}daemonsets\.apps +kflow-e2e-\w+ +get,create,patch$/m);
      assert.match(err, /^ {2}networkpolicies\.networking\.k8s\.io +kflow-e2e-\w+ +get,create,patch$/m);
      assert.match(err, /^ {2}namespaces +\(cluster\) +get/m);
      const removal = await kflow('uninstall', '-n', playground.namespace, '--kubeconfig', path);
      assert.equal(removal.status, 1);
      assert.match(removal.err, /^ {2}daemonsets\.apps +kflow-e2e-\w+ +list$/m);
    });

    it('needs no right beyond the namespace, leaves it as it is, and leaves it behind', async () => {
      const rules = [
        { apiGroups: ['apps'], resources: ['daemonsets'], verbs: ['get', 'list', 'create', 'patch', 'delete'] },
        {
          apiGroups: ['networking.k8s.io'],
          resources: ['networkpolicies'],
          verbs: ['get', 'create', 'patch', 'delete'],
        },
        { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
        { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
      ];
      const path = await kubeconfig('admin', rules);
      const user = ['-n', playground.namespace, '--kubeconfig', path];
      const before = await core.readNamespace({ name: playground.namespace });
      const { status, out, err } = await kflow('install', ...user, '--image', IMAGE, '--wait');
      assert.equal(status, 0, err);
      assert.match(
        out,
        /^networkpolicy\S+ in namespace .* created\ndaemonset\.apps\/kflow-daemon in namespace .* created\n/,
      );
      assert.deepEqual(await core.readNamespace({ name: playground.namespace }), before);
      const removal = await kflow('uninstall', ...user, '--wait');
      assert.deepEqual([removal.status, removal.err.includes('stays')], [0, false], removal.err);
      assert.ok(await hasNamespace(playground.namespace));
    });

    it('breaks Pod Security in nothing but what it needs: the network files of the host', async () => {
      const manifest = readFileSync('k8s/daemonset.yaml', 'utf8').replace(/^ {2}namespace: .*\n/gm, '');
      const agents = manifest.slice(manifest.indexOf('apiVersion: apps/v1'));
      const warnings = async (level: string) => {
        const labels = { 'pod-security.kubernetes.io/warn': level };
        const body = [{ op: 'add', path: '/metadata/labels', value: labels }];
        await core.patchNamespace({ name: playground.namespace, body });
        const args = ['-n', playground.namespace, 'create', '--dry-run=server', '-f', '-'];
        return spawnSync('kubectl', args, { input: agents, encoding: 'utf8' }).stderr.trim();
      };
      assert.match(
        await warnings('baseline'),
        /^Warning: .*"baseline:latest": hostPath volumes \(volume "proc-net"\)$/,
      );
      assert.match(await warnings('restricted'), /^Warning: .*: restricted volume types \(volume "proc-net" .*\)$/);
    });

    it('is led by no annotation to what a tenant has no rights on', async (t) => {
      const { namespace: tenant } = playground;
      const victim = `${tenant}-victim`;
      const ours = { 'app.kubernetes.io/managed-by': 'kflow' };
      const role = await roles.createClusterRole({
        body: { metadata: { name: victim, labels: { ...ours, 'kflow/agent-namespace': victim } }, rules: [] },
      });
      await core.createNamespace({ body: { metadata: { name: victim, labels: ours } } });
      t.after(() => Promise.all([roles.deleteClusterRole({ name: victim }), core.deleteNamespace({ name: victim })]));
      await core.createNamespacedConfigMap({
        namespace: victim,
        body: { metadata: { name: 'theirs', labels: ours } },
      });

      // A service of the tenant's that answers everything: what kinds there are, and an object with labels of this install.
      const answer = {
        resources: [{ name: 'evils', kind: 'Evil', namespaced: false, verbs: ['get', 'delete'] }],
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: victim, uid: role.metadata?.uid, labels: { ...ours, 'kflow/agent-namespace': tenant } },
      };
      const serve = 'echo "$ANSWER" > /tmp/index.html && exec busybox httpd -f -p 8080 -h /tmp';
      const labels = { app: 'evil' };
      await playground.create(
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'evil', labels },
          spec: {
            terminationGracePeriodSeconds: 1,
            containers: [
              {
                name: 'evil',
                image: TOOLS_IMAGE,
                imagePullPolicy: 'IfNotPresent',
                command: ['/bin/busybox', 'sh', '-c', serve],
                env: [{ name: 'ANSWER', value: JSON.stringify(answer) }],
              },
            ],
          },
        } as V1Pod,
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'evil' },
          spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
        } as V1Service,
      );
      const version = `v1%2Fnamespaces%2F${tenant}%2Fservices%2Fhttp:evil:80%2Fproxy%2F?x=`;
      await playground.until('the tenant’s service answers for a path of the API', async () => {
        const { stdout } = spawnSync('kubectl', ['get', '--raw', `/api/${version}`], { encoding: 'utf8' });
        return stdout.includes('"Evil"');
      });

      const template = {
        metadata: { labels: { app: 'kflow-daemon' } },
        spec: { nodeSelector: { nowhere: 'true' }, containers: [{ name: 'agent', image: IMAGE }] },
      };
      const listed = [
        { apiVersion: version, kind: 'Evil', name: 'x' },
        { apiVersion: 'v1', kind: 'Namespace', name: victim },
        { apiVersion: 'v1', kind: 'ConfigMap', name: 'theirs', namespace: victim },
        { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: victim },
      ];
      const agents = {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'kflow-daemon', labels: ours, annotations: { 'kflow/objects': JSON.stringify(listed) } },
        spec: { selector: { matchLabels: template.metadata.labels }, template },
      } as V1DaemonSet;
      const stays = async () => {
        assert.equal((await roles.readClusterRole({ name: victim })).metadata?.uid, role.metadata?.uid);
        assert.ok(await core.readNamespacedConfigMap({ name: 'theirs', namespace: victim }));
        assert.ok(await hasNamespace(victim));
      };
      await playground.create(agents);
      const removal = await kflow('uninstall', '-n', tenant, '--wait');
      assert.equal(removal.status, 0, removal.err);
      assert.match(removal.out, /^daemonset\.apps\/kflow-daemon in namespace \S+ deleted\n$/);
      await stays();
      await playground.create(agents);
      const over = await kflow('install', '-n', tenant, '--image', IMAGE);
      assert.equal(over.status, 0, over.err);
      assert.doesNotMatch(over.out, /deleted/);
      await stays();
      assert.equal((await kflow('uninstall', '-n', tenant, '--wait')).status, 0);
    });

    it('does not take over a DaemonSet that somebody else made', async () => {
      const template = {
        metadata: { labels: { app: 'kflow-daemon' } },
        spec: { nodeSelector: { nowhere: 'true' }, containers: [{ name: 'a', image: IMAGE }] },
      };
      const spec = { selector: { matchLabels: { app: 'kflow-daemon' } }, template };
      await playground.create({
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'kflow-daemon' },
        spec,
      } as V1DaemonSet);
      const { status, err } = await kflow('install', '-n', playground.namespace);
      assert.equal(status, 1);
      assert.match(err, /daemonset\.apps\/kflow-daemon in namespace .* already exists and is not managed by kflow/);
      const removal = await kflow('uninstall', '-n', playground.namespace);
      assert.match(removal.err, /nothing to remove/);
    });
  });
});

/** What is said of an object, without what differs from one making of it to the next. */
function spoken({ metadata, spec }: V1DaemonSet | V1Namespace) {
  const { name, namespace, labels, annotations = {} } = metadata ?? {};
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...reported } = annotations;
  return JSON.parse(JSON.stringify({ spec, metadata: { name, namespace, labels, annotations: reported } }));
}

function environment({ spec }: V1DaemonSet, name: string): string | undefined {
  return spec?.template.spec?.containers[0]?.env?.find((variable) => variable.name === name)?.value;
}
