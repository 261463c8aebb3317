import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { describeObject, readInventory, withInventory } from '../../../../src/client/install/inventory.ts';
import type { DaemonSetObject, KubeObject, ObjectMeta } from '../../../../src/client/install/manifest.ts';
import { ObjectClient } from '../../../../src/client/install/object-client.ts';
import { planRemoval } from '../../../../src/client/install/uninstall.ts';
import { FakeApi, list, sendJson, sendStatus } from '../kubernetes/fake-api.ts';

const OURS = { 'app.kubernetes.io/managed-by': 'kflow' };
const NAMESPACE = '/api/v1/namespaces/x';
const api = new FakeApi();
let answers: Record<string, unknown>;

before(() => api.start());
after(() => api.remove());

function daemonSet(over: Partial<ObjectMeta> = {}): DaemonSetObject {
  const template = { metadata: { labels: { app: 'kflow-daemon' } } };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'kflow-daemon', namespace: 'x', uid: 'ds', labels: OURS, ...over },
    spec: { selector: {}, template },
  };
}

function object(kind: string, name: string, labels = {}): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'x', uid: name, labels } };
}

function kinds(...names: [string, string, boolean?][]) {
  const verbs = ['list', 'delete'];
  return { resources: names.map(([name, kind, namespaced = true]) => ({ name, kind, namespaced, verbs })) };
}

function metadata(...items: Partial<ObjectMeta>[]) {
  return list(
    '1',
    items.map((one) => ({ metadata: one })),
  );
}

beforeEach(() => {
  answers = {
    '/apis': { groups: [{ preferredVersion: { groupVersion: 'apps/v1' } }] },
    '/api/v1': kinds(
      ['configmaps', 'ConfigMap'],
      ['pods', 'Pod'],
      ['secrets', 'Secret'],
      ['namespaces', 'Namespace', false],
    ),
    '/apis/apps/v1': kinds(['daemonsets', 'DaemonSet'], ['controllerrevisions', 'ControllerRevision']),
    [NAMESPACE]: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x', uid: 'ns', labels: OURS } },
    '/apis/apps/v1/namespaces/x/daemonsets': list('1', [daemonSet()]),
    '/apis/apps/v1/namespaces/x/controllerrevisions': metadata({
      name: 'r',
      uid: 'r',
      ownerReferences: [{ uid: 'ds' }],
    }),
    [`${NAMESPACE}/pods`]: metadata({ name: 'p', uid: 'p', ownerReferences: [{ uid: 'ds' }] }),
    [`${NAMESPACE}/configmaps`]: metadata({ name: 'kube-root-ca.crt', uid: 'ca' }),
    // Some empty lists come like that.
    [`${NAMESPACE}/secrets`]: { metadata: {}, items: null },
  };
  api.handle = (_request, response, { pathname }) => {
    const answer = answers[pathname];
    if (answer === undefined) sendStatus(response, 404, 'nothing here');
    else if (answer === 403) sendStatus(response, 403, 'no');
    else sendJson(response, answer);
  };
});

async function plan() {
  const { objects, namespaceKept } = await planRemoval(new ObjectClient(api.kube(), new AbortController().signal), 'x');
  return { removed: objects.map(describeObject), namespaceKept };
}

const AGENTS = 'daemonset.apps/kflow-daemon in namespace x';

test('what install made goes, the namespace with it', async () => {
  assert.deepEqual(await plan(), { removed: [AGENTS, 'namespace/x'], namespaceKept: undefined });
});

test('the namespace stays for what somebody else put there', async () => {
  answers[`${NAMESPACE}/configmaps`] = metadata({ name: 'mine', uid: 'm' });
  assert.deepEqual(await plan(), { removed: [AGENTS], namespaceKept: 'it also has configmaps/mine' });
});

test('what OpenShift puts into every namespace does not keep it', async () => {
  answers['/apis'] = {
    groups: [
      'apps/v1',
      'rbac.authorization.k8s.io/v1',
      'packages.operators.coreos.com/v1',
      'route.openshift.io/v1',
    ].map((groupVersion) => ({ preferredVersion: { groupVersion } })),
  };
  answers['/apis/route.openshift.io/v1'] = kinds(['routes', 'Route']);
  answers['/apis/route.openshift.io/v1/namespaces/x/routes'] = metadata();
  answers['/apis/rbac.authorization.k8s.io/v1'] = kinds(['rolebindings', 'RoleBinding']);
  answers['/apis/packages.operators.coreos.com/v1'] = kinds(['packagemanifests', 'PackageManifest']);
  answers['/apis/packages.operators.coreos.com/v1/namespaces/x/packagemanifests'] = metadata({
    name: 'etcd',
    uid: 'e',
  });
  const bindings = '/apis/rbac.authorization.k8s.io/v1/namespaces/x/rolebindings';
  const made = ['system:deployers', 'system:image-builders', 'system:image-pullers'].map((name) => ({
    name,
    uid: name,
  }));
  answers[bindings] = metadata(...made);
  answers[`${NAMESPACE}/configmaps`] = metadata({ name: 'openshift-service-ca.crt', uid: 'ca' });
  const pull = { 'openshift.io/internal-registry-auth-token.service-account': 'builder' };
  answers[`${NAMESPACE}/secrets`] = metadata({ name: 'builder-dockercfg-x7k2p', uid: 's', annotations: pull });
  assert.equal((await plan()).namespaceKept, undefined);
  answers[bindings] = metadata(...made, { name: 'mine', uid: 'm' });
  assert.equal((await plan()).namespaceKept, 'it also has rolebindings/mine');
});

test('what is called as OpenShift calls things is somebody’s, where there is no OpenShift', async () => {
  answers['/api/v1'] = kinds(
    ['serviceaccounts', 'ServiceAccount'],
    ['secrets', 'Secret'],
    ['namespaces', 'Namespace', false],
  );
  answers[`${NAMESPACE}/serviceaccounts`] = metadata({ name: 'deployer', uid: 'd' }, { name: 'default', uid: 'e' });
  assert.equal((await plan()).namespaceKept, 'it also has serviceaccounts/deployer');
  answers[`${NAMESPACE}/serviceaccounts`] = metadata();
  const annotations = { 'kubernetes.io/service-account.name': 'default' };
  answers[`${NAMESPACE}/secrets`] = metadata({ name: 'default-token-x7k2p', uid: 's', annotations });
  assert.equal((await plan()).namespaceKept, undefined);
  answers[`${NAMESPACE}/secrets`] = metadata({ name: 'database-password', uid: 's', annotations });
  assert.equal((await plan()).namespaceKept, 'it also has secrets/database-password');
});

test('a kind that only a version has that is not preferred keeps the namespace', async () => {
  const versions = ['gateway.networking.k8s.io/v1', 'gateway.networking.k8s.io/v1alpha2'];
  const group = {
    preferredVersion: { groupVersion: versions[0] },
    versions: versions.map((groupVersion) => ({ groupVersion })),
  };
  answers['/apis'] = { groups: [{ preferredVersion: { groupVersion: 'apps/v1' } }, group] };
  answers[`/apis/${versions[0]}`] = kinds(['httproutes', 'HTTPRoute']);
  answers[`/apis/${versions[1]}`] = kinds(['httproutes', 'HTTPRoute'], ['tcproutes', 'TCPRoute']);
  answers[`/apis/${versions[0]}/namespaces/x/httproutes`] = metadata();
  answers[`/apis/${versions[1]}/namespaces/x/tcproutes`] = metadata({ name: 'mine', uid: 't' });
  assert.equal((await plan()).namespaceKept, 'it also has tcproutes/mine');
});

test('what is behind many agents keeps the namespace', async () => {
  const agents = Array.from({ length: 600 }, (_, i) => ({
    name: `p${i}`,
    uid: `p${i}`,
    ownerReferences: [{ uid: 'ds' }],
  }));
  const pages = [agents.slice(0, 500), [...agents.slice(500), { name: 'web', uid: 'web' }]];
  const { handle } = api;
  api.handle = (request, response, url) => {
    if (url.pathname !== `${NAMESPACE}/pods`) return handle(request, response, url);
    const page = url.searchParams.get('continue') === 'more' ? 1 : 0;
    const items = pages[page]?.map((one) => ({ metadata: one }));
    sendJson(response, { metadata: { resourceVersion: '1', ...(page === 0 ? { continue: 'more' } : {}) }, items });
  };
  assert.equal((await plan()).namespaceKept, 'it also has pods/web');
});

test('an object with another owner, which stays, keeps the namespace', async () => {
  const owners = [{ uid: 'ds' }, { uid: 'node' }];
  answers[`${NAMESPACE}/pods`] = metadata({ name: 'p', uid: 'p', ownerReferences: owners });
  assert.equal((await plan()).namespaceKept, 'it also has pods/p');
});

test('the namespace stays where not all of it may be seen', async () => {
  answers[`${NAMESPACE}/secrets`] = 403;
  assert.match((await plan()).namespaceKept ?? '', /its other content is not known: not allowed to list secrets/);
});

test('a namespace that somebody else made stays, without a word', async () => {
  answers[NAMESPACE] = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x', uid: 'ns' } };
  assert.deepEqual(await plan(), { removed: [AGENTS], namespaceKept: undefined });
});

test('an install that broke off left its namespace', async () => {
  answers['/apis/apps/v1/namespaces/x/daemonsets'] = list('1', []);
  answers[`${NAMESPACE}/pods`] = metadata();
  answers['/apis/apps/v1/namespaces/x/controllerrevisions'] = metadata();
  assert.deepEqual((await plan()).removed, ['namespace/x']);
});

test('other objects of an install go, the last made first; what is no longer its own stays', async () => {
  const agents = withInventory(daemonSet(), [object('ConfigMap', 'a'), object('Secret', 'b'), object('Secret', 'c')]);
  answers['/apis/apps/v1/namespaces/x/daemonsets'] = list('1', [agents]);
  answers[`${NAMESPACE}/configmaps/a`] = object('ConfigMap', 'a', OURS);
  answers[`${NAMESPACE}/secrets/b`] = object('Secret', 'b', OURS);
  answers[`${NAMESPACE}/secrets/c`] = object('Secret', 'c');
  answers[`${NAMESPACE}/configmaps`] = metadata({ name: 'a', uid: 'a' });
  answers[`${NAMESPACE}/secrets`] = metadata({ name: 'b', uid: 'b' });
  const { removed } = await plan();
  assert.deepEqual(removed, [AGENTS, 'secret/b in namespace x', 'configmap/a in namespace x', 'namespace/x']);
});

test('a DaemonSet of that label that is no agent stays', async () => {
  const other = { ...daemonSet(), spec: { selector: {}, template: {} } };
  answers['/apis/apps/v1/namespaces/x/daemonsets'] = list('1', [other]);
  assert.ok(!(await plan()).removed.includes(AGENTS));
});

for (const spoilt of ['', '{', '7', '[null]', '[{"kind": 1}]', '{"a": 1}'])
  test(`an inventory that reads ${JSON.stringify(spoilt)} counts as none`, () => {
    assert.deepEqual(readInventory(daemonSet({ annotations: { 'kflow/objects': spoilt } })), []);
  });

test('an annotation that somebody else wrote leads to no other namespace, and to no namespace', async () => {
  const entry = (apiVersion: string, kind: string, name: string, namespace?: string) => ({
    apiVersion,
    kind,
    name,
    namespace,
  });
  const listed = [
    entry('v1', 'Namespace', 'kflow'),
    entry('v1', 'Namespace', 'kflow', 'x'),
    entry('v1', 'ConfigMap', 'theirs', 'kflow'),
    entry('apps/v1', 'DaemonSet', 'kflow-daemon', 'kflow'),
    entry('rbac.authorization.k8s.io/v1', 'ClusterRole', 'theirs'),
    entry('rbac.authorization.k8s.io/v1', 'ClusterRole', 'ours'),
  ];
  const agents = daemonSet({ annotations: { 'kflow/objects': JSON.stringify(listed) } });
  const role = (name: string, namespace: string): KubeObject => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, uid: name, labels: { ...OURS, 'kflow/agent-namespace': namespace } },
  });
  answers['/apis/apps/v1/namespaces/x/daemonsets'] = list('1', [agents]);
  answers['/api/v1/namespaces/kflow'] = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'kflow', uid: 'k', labels: OURS },
  };
  answers['/api/v1/namespaces/kflow/configmaps/theirs'] = object('ConfigMap', 'theirs', OURS);
  answers['/apis/apps/v1/namespaces/kflow/daemonsets/kflow-daemon'] = daemonSet({ namespace: 'kflow' });
  answers['/apis/rbac.authorization.k8s.io/v1'] = kinds(['clusterroles', 'ClusterRole', false]);
  answers['/apis/rbac.authorization.k8s.io/v1/clusterroles/theirs'] = role('theirs', 'kflow');
  answers['/apis/rbac.authorization.k8s.io/v1/clusterroles/ours'] = role('ours', 'x');
  const { removed } = await plan();
  assert.deepEqual(removed, [AGENTS, 'clusterrole.rbac.authorization.k8s.io/ours', 'namespace/x']);
});

const EVIL_ROLE: KubeObject = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'cluster-admin', uid: 'admin', labels: { ...OURS, 'kflow/agent-namespace': 'x' } },
};

/** What a service of the tenant's answers, reached through the API server's proxy. */
const PROXY = 'v1%2Fnamespaces%2Fx%2Fservices%2Fhttp:evil:80%2Fproxy%2F?x=';

for (const [what, entry] of [
  ['a path of the API in a version', { apiVersion: PROXY, kind: 'Evil', name: 'x' }],
  ['a path in a version', { apiVersion: 'v1/namespaces/x/services/evil/proxy', kind: 'Evil', name: 'x' }],
  ['a version with dots', { apiVersion: '../../v1', kind: 'Evil', name: 'x' }],
  ['a version with a query', { apiVersion: 'v1?x=', kind: 'Evil', name: 'x' }],
  ['a kind that is none', { apiVersion: 'v1', kind: 'Config/Map', name: 'a' }],
  ['a path in a name', { apiVersion: 'v1', kind: 'ConfigMap', name: '../../../v1/pods', namespace: 'x' }],
  ['a name of dots', { apiVersion: 'v1', kind: 'ConfigMap', name: '..', namespace: 'x' }],
  ['an encoded path in a name', { apiVersion: 'v1', kind: 'ConfigMap', name: '%2e%2e%2fpods', namespace: 'x' }],
  ['a name of 300 characters', { apiVersion: 'v1', kind: 'ConfigMap', name: 'a'.repeat(300), namespace: 'x' }],
] as const)
  test(`${what} leads nowhere`, () => {
    const agents = daemonSet({ annotations: { 'kflow/objects': JSON.stringify([entry]) } });
    assert.deepEqual(readInventory(agents), []);
  });

test('an answer that is another object than the one asked for decides nothing', async () => {
  const listed = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace: 'x' }];
  const agents = daemonSet({ annotations: { 'kflow/objects': JSON.stringify(listed) } });
  answers['/apis/apps/v1/namespaces/x/daemonsets'] = list('1', [agents]);
  for (const answer of [EVIL_ROLE, object('ConfigMap', 'b', OURS), object('Secret', 'a', OURS)]) {
    answers[`${NAMESPACE}/configmaps/a`] = answer;
    await assert.rejects(plan(), /the API server answered with another object than configmap\/a in namespace x/);
  }
});

test('entries of kinds that are not there, or not as they say, count as none', async () => {
  const listed = [
    { apiVersion: 'gone.example.com/v1', kind: 'Gone', name: 'a', namespace: 'x' },
    { apiVersion: 'v1', kind: 'Gone', name: 'a' },
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'a' },
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace: 'x' },
  ];
  answers['/apis/apps/v1/namespaces/x/daemonsets'] = list('1', [
    daemonSet({ annotations: { 'kflow/objects': JSON.stringify(listed) } }),
  ]);
  answers[`${NAMESPACE}/configmaps/a`] = object('ConfigMap', 'a', OURS);
  answers[`${NAMESPACE}/configmaps`] = metadata({ name: 'a', uid: 'a' });
  assert.deepEqual((await plan()).removed, [AGENTS, 'configmap/a in namespace x', 'namespace/x']);
});

test('an annotation of thousands of entries costs a hundred requests', async () => {
  const listed = Array.from({ length: 3_000 }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: `c${index}`,
    namespace: 'x',
  }));
  answers['/apis/apps/v1/namespaces/x/daemonsets'] = list('1', [
    daemonSet({ annotations: { 'kflow/objects': JSON.stringify(listed) } }),
  ]);
  let asked = 0;
  const { handle } = api;
  api.handle = (request, response, url) => {
    if (url.pathname.startsWith(`${NAMESPACE}/configmaps/`)) asked++;
    handle(request, response, url);
  };
  await plan();
  assert.equal(asked, 100);
});
