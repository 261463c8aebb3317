import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  adaptToServerVersion,
  customize,
  type InstallOverrides,
  type PreparedManifest,
} from '../../../../src/client/install/customize.ts';
import { withInventory } from '../../../../src/client/install/inventory.ts';
import { agentContainer, type Manifest, parseManifest } from '../../../../src/client/install/manifest.ts';

const OWN = readFileSync(new URL('../../../../k8s/daemonset.yaml', import.meta.url), 'utf8');

function manifest(text = OWN): Manifest {
  const parsed = parseManifest(text);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.reason);
  return parsed;
}

function wished(overrides: InstallOverrides, text = OWN): PreparedManifest {
  const result = customize(manifest(text), overrides);
  assert.ok(result.ok, result.ok ? '' : result.reason);
  return result;
}

function environment({ agents }: PreparedManifest, name: string): string | undefined {
  return agentContainer(agents)?.env?.find((variable) => variable.name === name)?.value;
}

test('without wishes the objects are those of the manifest', () => {
  const { namespace, others, agents } = wished({});
  assert.deepEqual([namespace, ...others, agents], manifest().objects);
});

test('kflow’s own manifest is of this version', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'));
  assert.equal(agentContainer(manifest().agents)?.image, `kflow-daemon:${version}`);
});

test('another namespace is that of every object, and keeps its labels', () => {
  const { namespace, agents } = wished({ namespace: 'team-a' });
  assert.equal(namespace.metadata.name, 'team-a');
  assert.equal(namespace.metadata.labels?.['pod-security.kubernetes.io/enforce'], 'privileged');
  assert.equal(agents.metadata.namespace, 'team-a');
  assert.deepEqual(manifest().agents.metadata.namespace, 'kflow', 'the manifest itself stays as it is');
});

test('a namespace that the manifest does not have is added, what is in another stays there', () => {
  const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a, namespace: elsewhere}\n---\n';
  const { namespace, others } = wished({ namespace: 'x' }, account + OWN.slice(OWN.indexOf('apiVersion: apps/v1')));
  assert.deepEqual([namespace.kind, namespace.metadata.name], ['Namespace', 'x']);
  assert.equal(others[0]?.metadata.namespace, 'elsewhere');
  assert.equal(others[0]?.metadata.labels?.['app.kubernetes.io/managed-by'], 'kflow');
});

for (const [typed, inPod] of [
  ['auto', 'auto'],
  ['/proc/net/nf_conntrack', '/host/proc/1/net/nf_conntrack'],
  ['/proc/self/net/nf_conntrack', '/host/proc/1/net/nf_conntrack'],
  ['/proc/1/net/ip_conntrack', '/host/proc/1/net/ip_conntrack'],
  ['/host/proc/1/net/nf_conntrack', '/host/proc/1/net/nf_conntrack'],
] as const) {
  test(`--conntrack ${typed} is the agent's ${inPod}`, () => {
    assert.equal(environment(wished({ conntrack: typed }), 'CONNTRACK_PATH'), inPod);
  });
}

test('--conntrack outside the mounts adds that one file, read-only, and nothing else', () => {
  const { agents, ...rest } = wished({ conntrack: '/proc/uptime' });
  assert.equal(environment({ agents, ...rest }, 'CONNTRACK_PATH'), '/host/table/uptime');
  const { volumes = [] } = agents.spec?.template.spec ?? {};
  assert.deepEqual(
    volumes.map(({ hostPath }) => hostPath),
    [
      { path: '/proc/1/net', type: 'Directory' },
      { path: '/proc/uptime', type: 'File' },
    ],
  );
  const added = agentContainer(agents)?.volumeMounts?.at(-1);
  assert.deepEqual(added, { name: 'conntrack-table', mountPath: '/host/table/uptime', readOnly: true });
  assert.equal(volumes.at(-1)?.name, added?.name);
});

test('image and source', () => {
  const overrides = wished({ image: 'localhost:5000/kflow-daemon@sha256:12ab', source: 'procfs' });
  assert.equal(agentContainer(overrides.agents)?.image, 'localhost:5000/kflow-daemon@sha256:12ab');
  assert.equal(environment(overrides, 'KFLOW_SOURCE'), 'procfs');
  assert.equal(environment(overrides, 'CONNTRACK_PATH'), 'auto');
});

for (const [overrides, reason] of [
  [{ namespace: 'Bad_Name' }, /"Bad_Name" is not a namespace's name/],
  [{ image: 'a b' }, /"a b" is not an image's name/],
  [{ image: '' }, /"" is not an image's name/],
  [{ selinuxType: 'a b' }, /"a b" is not an SELinux type/],
  [{ source: 'ebpf' }, /--source is auto, procfs or netlink, not "ebpf"/],
  [{ conntrack: 'proc/net' }, /a path such as \/proc\/net\/nf_conntrack, or "auto"; not "proc\/net"/],
  [{ conntrack: '/run/x*' }, /a path such as .*; not "\/run\/x\*"/],
  [{ conntrack: '/proc/../etc/shadow' }, /a path such as/],
  [{ conntrack: '/proc/net/' }, /a path such as/],
] as const) {
  test(`${JSON.stringify(overrides)} is refused`, () => {
    const result = customize(manifest(), overrides);
    assert.equal(result.ok, false);
    assert.match(result.ok ? '' : result.reason, reason);
  });
}

test('an API server that does not know a field yet does not get it', () => {
  const { agents } = wished({});
  const mounts = (minor: number) => JSON.stringify(adaptToServerVersion(agents, minor).spec?.template.spec?.containers);
  assert.match(mounts(30), /recursiveReadOnly/);
  assert.doesNotMatch(mounts(29), /recursiveReadOnly/);
});

for (const [text, reason] of [
  ['{', /it is not YAML/],
  ['', /it has no DaemonSet whose pods have the label app=kflow-daemon/],
  ['- 1', /its document 1 is not an object/],
  ['kind: Pod', /its document 1 has no apiVersion/],
  ['apiVersion: v1\nkind: Pod\nmetadata: {}', /its document 1 \(Pod\) has no metadata.name/],
  [`${OWN}\n---\n${OWN}`, /it has 2 DaemonSets/],
] as const) {
  test(`a manifest is refused: ${reason.source}`, () => {
    const parsed = parseManifest(text);
    assert.match(parsed.ok ? '' : parsed.reason, reason);
  });
}

test('a List is its items', () => {
  const items = manifest().objects;
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  assert.deepEqual(manifest(list).objects, items);
});

test('nothing of a manifest is lost or changed on the way', () => {
  const extra =
    '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {since: "2026-01-01"}}\nnewField: 0644\n';
  const [map] = manifest(OWN + extra).objects.slice(-1);
  assert.deepEqual([map?.newField, map?.metadata.annotations?.since], [0o644, '2026-01-01']);
});

test('what the manifest has beside the agents is listed at them, as an install would', () => {
  const { agents, others } = wished({});
  assert.deepEqual(withInventory(agents, others), agents);
});

test('the manifest cuts the agents off from all networks, and no other pod of the namespace', () => {
  const { others, agents } = wished({ namespace: 'team-a' });
  const policy = others.find(({ kind }) => kind === 'NetworkPolicy');
  assert.equal(policy?.metadata.namespace, 'team-a');
  assert.deepEqual(policy?.spec, {
    podSelector: agents.spec?.selector,
    policyTypes: ['Ingress', 'Egress'],
  });
});

test('the manifest keeps the sidecars of service meshes away', () => {
  const { namespace, agents } = wished({});
  const { labels, annotations } = agents.spec?.template.metadata ?? {};
  assert.equal(namespace.metadata.labels?.['istio-injection'], 'disabled');
  assert.equal(labels?.['sidecar.istio.io/inject'], 'false');
  assert.equal(labels?.['kuma.io/sidecar-injection'], 'disabled');
  assert.equal(annotations?.['linkerd.io/inject'], 'disabled');
  assert.equal(annotations?.['consul.hashicorp.com/connect-inject'], 'false');
});

test('what the manifest promises', () => {
  const pod = manifest().agents.spec?.template.spec;
  const container = agentContainer(manifest().agents);
  assert.equal(pod?.hostNetwork, undefined);
  assert.equal(pod?.hostPID, undefined);
  assert.equal(pod?.automountServiceAccountToken, false);
  assert.equal(pod?.priorityClassName, undefined);
  assert.equal(pod?.securityContext?.seccompProfile?.type, 'RuntimeDefault');
  assert.deepEqual(pod?.tolerations, [{ operator: 'Exists' }]);
  assert.deepEqual(container?.securityContext, {
    runAsNonRoot: true,
    runAsUser: 20050,
    runAsGroup: 0,
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  assert.deepEqual(container?.volumeMounts, [
    { name: 'proc-net', mountPath: '/host/proc/1/net', readOnly: true, recursiveReadOnly: 'IfPossible' },
  ]);
  assert.deepEqual(pod?.volumes, [{ name: 'proc-net', hostPath: { path: '/proc/1/net', type: 'Directory' } }]);
  assert.ok(container?.resources?.requests && container.resources.limits);
});

test('--openshift: a policy that admits these pods and no others, for an account of theirs', () => {
  const { agents, others } = wished({ openshift: true, namespace: 'net' });
  const of = (kind: string) => others.find((object) => object.kind === kind);
  assert.partialDeepStrictEqual(of('SecurityContextConstraints'), {
    metadata: { name: 'kflow-daemon-net', labels: { 'app.kubernetes.io/managed-by': 'kflow' } },
    allowHostDirVolumePlugin: true,
    allowHostNetwork: false,
    allowHostPID: false,
    allowHostIPC: false,
    allowHostPorts: false,
    allowPrivilegedContainer: false,
    allowPrivilegeEscalation: false,
    requiredDropCapabilities: ['ALL'],
    runAsUser: { type: 'MustRunAs', uid: agentContainer(agents)?.securityContext?.runAsUser },
    // With MustRunAs OpenShift adds the namespace's level, and refuses pods that name a type without it.
    seLinuxContext: { type: 'RunAsAny' },
    readOnlyRootFilesystem: true,
    seccompProfiles: ['runtime/default'],
    volumes: ['hostPath'],
  });
  assert.partialDeepStrictEqual(of('Role'), {
    metadata: { namespace: 'net' },
    rules: [{ resourceNames: ['kflow-daemon-net'], verbs: ['use'] }],
  });
  const account = { kind: 'ServiceAccount', name: 'kflow-daemon', namespace: 'net' };
  assert.deepEqual(of('RoleBinding')?.subjects, [account]);
  assert.equal(of('ServiceAccount')?.automountServiceAccountToken, false);
  const pod = agents.spec?.template.spec;
  assert.deepEqual([pod?.serviceAccountName, pod?.automountServiceAccountToken], ['kflow-daemon', false]);
  assert.deepEqual(agentContainer(agents)?.securityContext?.seLinuxOptions, { type: 'spc_t' });
  assert.equal(wished({}).agents.spec?.template.spec?.serviceAccountName, undefined);
});

test('--selinux-type adds the type, and no objects', () => {
  const { agents, others } = wished({ selinuxType: 'kflow_t' });
  assert.deepEqual(agentContainer(agents)?.securityContext?.seLinuxOptions, { type: 'kflow_t' });
  assert.deepEqual(agentContainer(agents)?.securityContext?.capabilities, { drop: ['ALL'] });
  assert.deepEqual(
    others.map(({ kind }) => kind),
    wished({}).others.map(({ kind }) => kind),
  );
});

test('--no-control-plane: no node with its label, whatever else a manifest asks for', () => {
  const away = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'].map((key) => ({
    key,
    operator: 'DoesNotExist',
  }));
  const terms = (text?: string) => {
    const result = customize(manifest(text), { controlPlane: false });
    assert.ok(result.ok);
    const { nodeAffinity } = result.agents.spec?.template.spec?.affinity ?? {};
    return nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  };
  assert.deepEqual(terms(), [{ matchExpressions: away }]);
  const own = { key: 'pool', operator: 'In', values: ['a'] };
  const affinity = {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [own] }] },
  };
  const text = OWN.replace(
    '      nodeSelector:',
    `      affinity: { nodeAffinity: ${JSON.stringify(affinity)} }\n      nodeSelector:`,
  );
  assert.deepEqual(terms(text), [{ matchExpressions: [own, ...away] }]);
  assert.equal(wished({}).agents.spec?.template.spec?.affinity, undefined);
});
