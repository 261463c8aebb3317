import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { buildManifest, MANIFEST } from '../../../../scripts/netlink-manifest.ts';
import { findIdentityError } from '../../../../src/client/agents/agent-identity.ts';
import { customize, type InstallOverrides } from '../../../../src/client/install/customize.ts';
import {
  agentContainer,
  type DaemonSetObject,
  type Manifest,
  parseManifest,
} from '../../../../src/client/install/manifest.ts';
import { isReader, readReaderOptions, usesReader } from '../../../../src/client/install/reader-objects.ts';

const OWN = readFileSync(new URL('../../../../k8s/daemonset.yaml', import.meta.url), 'utf8');

function manifest(text = OWN): Manifest {
  const parsed = parseManifest(text);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.reason);
  return parsed;
}

function prepared(overrides: InstallOverrides, text = OWN) {
  const result = customize(manifest(text), overrides);
  assert.ok(result.ok, result.ok ? '' : result.reason);
  const readers = result.others.filter(isReader) as unknown as DaemonSetObject[];
  return { ...result, readers, reader: readers[0] as DaemonSetObject };
}

test('k8s/netlink/kflow.yaml is what the script makes', () => {
  assert.equal(readFileSync(MANIFEST, 'utf8'), buildManifest(), 'npm run manifest');
});

test('its agents have no more than those of procfs: another mount in the place of the node’s network files', () => {
  const { agents } = prepared({ source: 'netlink' });
  const before = manifest().agents;
  const pod = agents.spec?.template.spec;
  const container = agentContainer(agents);
  assert.deepEqual(pod?.volumes, [{ name: 'run-kflow', hostPath: { path: '/run/kflow', type: 'DirectoryOrCreate' } }]);
  assert.deepEqual(container?.volumeMounts, [{ name: 'run-kflow', mountPath: '/run/kflow', readOnly: true }]);
  assert.deepEqual(container?.securityContext, agentContainer(before)?.securityContext);
  assert.equal(pod?.hostNetwork, undefined);
  assert.equal(container?.env?.find(({ name }) => name === 'KFLOW_SOURCE')?.value, 'netlink');
  const metadata = { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', controller: true }] };
  assert.equal(findIdentityError({ metadata, spec: pod }), undefined, 'the console takes it for an agent');
});

test('the reader has NET_ADMIN and the host network, and nothing else', () => {
  const { reader, agents } = prepared({ source: 'netlink', image: 'registry.example/kflow:2', namespace: 'net' });
  const pod = reader.spec?.template.spec;
  const [container, ...rest] = pod?.containers ?? [];
  assert.deepEqual(rest, []);
  assert.equal(reader.metadata.namespace, 'net');
  assert.equal(reader.metadata.labels?.['app.kubernetes.io/managed-by'], 'kflow');
  assert.equal(container?.image, 'registry.example/kflow:2');
  assert.equal(pod?.hostNetwork, true);
  for (const field of ['hostPID', 'hostIPC', 'serviceAccountName', 'priorityClassName'] as const)
    assert.equal(pod?.[field], undefined, field);
  assert.equal(pod?.automountServiceAccountToken, false);
  assert.equal(container?.ports, undefined);
  assert.deepEqual(container?.securityContext, {
    runAsUser: 0,
    runAsGroup: 0,
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
  });
  assert.deepEqual(
    pod?.volumes?.map(({ hostPath }) => hostPath),
    [{ path: '/run/kflow', type: 'DirectoryOrCreate' }],
  );
  assert.deepEqual(
    container?.env?.map(({ name }) => name),
    ['KUBE_HOST_IP'],
  );
  assert.deepEqual(pod?.tolerations, agents.spec?.template.spec?.tolerations);
  assert.ok(container?.resources?.requests && container.resources.limits);
  const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', controller: true };
  assert.equal(findIdentityError({ metadata: { ownerReferences: [owner] }, spec: pod }), 'it has the host network');
  // Of the same namespace's deny-all policy it is not a part, and no agent's selector finds it.
  assert.equal(reader.spec?.template.metadata?.labels?.app, 'kflow-reader');
  assert.deepEqual(reader.spec?.selector, { matchLabels: { app: 'kflow-reader' } });
});

test('--accounting and --timestamps: each file alone, and read back', () => {
  const { reader } = prepared({ source: 'netlink', reader: { accounting: true, timestamps: false } });
  const [container] = reader.spec?.template.spec?.containers ?? [];
  assert.deepEqual(
    reader.spec?.template.spec?.volumes?.map(({ hostPath }) => hostPath),
    [
      { path: '/run/kflow', type: 'DirectoryOrCreate' },
      { path: '/proc/sys/net/netfilter/nf_conntrack_acct', type: 'File' },
    ],
  );
  assert.deepEqual(container?.volumeMounts?.at(-1), {
    name: 'nf-conntrack-acct',
    mountPath: '/host/netfilter/nf_conntrack_acct',
  });
  for (const options of [
    { accounting: true, timestamps: false },
    { accounting: false, timestamps: true },
    { accounting: true, timestamps: true },
    { accounting: false, timestamps: false },
  ])
    assert.deepEqual(readReaderOptions(prepared({ source: 'netlink', reader: options }).reader), options);
});

test('the reader runs where the agents do, and as the same SELinux type', () => {
  const { reader, agents } = prepared({ source: 'netlink', controlPlane: false, selinuxType: 'spc_t' });
  assert.ok(agents.spec?.template.spec?.affinity);
  assert.deepEqual(reader.spec?.template.spec?.affinity, agents.spec?.template.spec?.affinity);
  assert.deepEqual(reader.spec?.template.spec?.containers[0]?.securityContext?.seLinuxOptions, { type: 'spc_t' });
});

test('--openshift: a policy of its own for each of the two', () => {
  const { others, reader } = prepared({ source: 'netlink', openshift: true });
  const policies = others.filter(({ kind }) => kind === 'SecurityContextConstraints');
  assert.partialDeepStrictEqual(policies, [
    { metadata: { name: 'kflow-daemon-kflow' }, allowHostNetwork: false, allowedCapabilities: null },
    {
      metadata: { name: 'kflow-reader-kflow' },
      allowHostNetwork: true,
      allowHostPorts: false,
      allowedCapabilities: ['NET_ADMIN'],
      runAsUser: { type: 'MustRunAs', uid: 0 },
    },
  ]);
  assert.equal(reader.spec?.template.spec?.serviceAccountName, 'kflow-reader');
});

test('the manifest for netlink gets no second reader, and is not for procfs', () => {
  const { readers, agents } = prepared({ source: 'netlink' }, buildManifest());
  assert.equal(readers.length, 1);
  assert.ok(usesReader(agents));
  assert.equal(agents.spec?.template.spec?.volumes?.length, 1);
  assert.equal(prepared({}, buildManifest()).readers.length, 1);
  const result = customize(manifest(buildManifest()), { source: 'procfs' });
  assert.match(
    result.ok ? '' : result.reason,
    /^--source procfs: the agents of this manifest get the table from kflow-reader/,
  );
});

for (const [overrides, reason] of [
  [{ reader: { accounting: true, timestamps: false } }, /^--accounting requires --source netlink/],
  [{ source: 'procfs', reader: { accounting: false, timestamps: true } }, /^--timestamps requires --source netlink/],
  [{ source: 'netlink', conntrack: '/proc/net/nf_conntrack' }, /^--conntrack cannot be combined with --source netlink/],
] as const) {
  test(`${JSON.stringify(overrides)} is refused`, () => {
    const result = customize(manifest(), overrides);
    assert.match(result.ok ? '' : result.reason, reason);
  });
}
