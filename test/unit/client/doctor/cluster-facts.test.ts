import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { collectClusterFacts } from '../../../../src/client/doctor/cluster-facts.ts';
import type { KubeOptions } from '../../../../src/client/kubernetes/config.ts';
import { FakeApi, list, sendJson, sendStatus } from '../kubernetes/fake-api.ts';

const NEVER = new AbortController().signal;
const api = new FakeApi();
/** "verb resource namespace" of what is refused; a namespace that is left out stands for all. */
let refused: string[];
let answers: Record<string, unknown>;

before(() => api.start());
after(() => api.remove());

beforeEach(() => {
  refused = [];
  answers = {
    '/version': { gitVersion: 'v1.34.0' },
    '/api/v1/nodes': list('1', [
      {
        metadata: { name: 'a', labels: { 'kubernetes.io/os': 'linux' } },
        status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { containerRuntimeVersion: 'cri-o://1' } },
      },
      {
        metadata: { name: 'b' },
        status: { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'silent' }] },
      },
      { metadata: { name: 'w', labels: { 'kubernetes.io/os': 'windows' } } },
    ]),
    '/api/v1/pods': list('1', []),
    '/api/v1/namespaces/kflow/pods/agent': {
      metadata: { ownerReferences: [{ kind: 'DaemonSet', name: 'agents', controller: true }] },
      spec: {
        containers: [
          { name: 'mesh', image: 'mesh:2' },
          { name: 'agent', image: 'kflow-daemon:1' },
        ],
      },
    },
    '/apis/authentication.k8s.io/v1/selfsubjectreviews': { status: { userInfo: { username: 'jane' } } },
  };
  api.handle = (request, response, { pathname }) => {
    if (pathname.endsWith('/selfsubjectaccessreviews')) {
      let body = '';
      request.on('data', (bytes) => {
        body += bytes;
      });
      request.on('end', () => {
        const { verb, resource, subresource, namespace } = JSON.parse(body).spec.resourceAttributes;
        const asked = [verb, subresource ? `${resource}/${subresource}` : resource, namespace]
          .filter(Boolean)
          .join(' ');
        sendJson(response, { status: { allowed: !refused.includes(asked) } });
      });
      return;
    }
    const answer = answers[pathname];
    if (answer === undefined) sendStatus(response, 403, 'User "jane" cannot');
    else sendJson(response, answer);
  };
});

function look(options: KubeOptions = {}) {
  return collectClusterFacts(api.kube(), options, [{ namespace: 'kflow', pod: 'agent' }], NEVER);
}

function words(missing: readonly { verb: string; resource: string; namespace?: string; required: boolean }[]) {
  return missing.map(({ verb, resource, namespace, required }) =>
    [verb, resource, namespace, required ? 'required' : undefined].filter(Boolean).join(' '),
  );
}

test('an administrator of a cluster', async () => {
  const { serverVersion, user, missing, nodes, network, installs } = await look();
  assert.deepEqual(installs, { kflow: { image: 'kflow-daemon:1', daemonSet: 'agents' } });
  assert.deepEqual([serverVersion, user, missing], ['v1.34.0', 'jane', []]);
  const silent = { reason: 'NodeStatusUnknown', message: 'silent' };
  assert.deepEqual(nodes, [
    { name: 'a', runtime: 'cri-o://1' },
    { name: 'b', notReady: silent },
  ]);
  assert.deepEqual(network, { kind: 'seen', plugins: [] });
});

test('what an install asked for is reported by its pod and the nodes', async () => {
  answers['/api/v1/namespaces/kflow/pods/agent'] = {
    spec: { containers: [{ name: 'agent', securityContext: { seLinuxOptions: { type: 'spc_t' } } }] },
  };
  const labels = { 'node.openshift.io/os_id': 'rhel', 'node-role.kubernetes.io/control-plane': '' };
  answers['/api/v1/nodes'] = list('1', [{ metadata: { name: 'a', labels } }]);
  const { nodes, installs } = await look();
  assert.deepEqual(installs, { kflow: { selinuxType: 'spc_t' } });
  assert.deepEqual(nodes, [{ name: 'a', isControlPlane: true, isOpenShift: true }]);
});

for (const [path, expected] of [
  ['auto', {}],
  ['/host/proc/1/net/nf_conntrack', { conntrack: '/proc/1/net/nf_conntrack' }],
  ['/host/table/ct', { conntrack: '/run/ct' }],
  ['/proc/net/nf_conntrack', { conntrack: '/proc/net/nf_conntrack' }],
] as const)
  test(`the table that an install chose, as the node has it: ${path}`, async () => {
    const env = [
      { name: 'CONNTRACK_PATH', value: path },
      { name: 'KFLOW_SOURCE', value: 'procfs' },
    ];
    const volumeMounts = [
      { name: 'proc', mountPath: '/host/proc/1/net', subPath: '1/net' },
      { name: 'table', mountPath: '/host/table/ct' },
      { name: 'scratch', mountPath: '/proc' },
    ];
    answers['/api/v1/namespaces/kflow/pods/agent'] = {
      spec: {
        volumes: [
          { name: 'proc', hostPath: { path: '/proc' } },
          { name: 'table', hostPath: { path: '/run/ct' } },
          { name: 'scratch', emptyDir: {} },
        ],
        containers: [{ name: 'sidecar' }, { name: 'agent', env, volumeMounts }],
      },
    };
    assert.deepEqual((await look()).installs, { kflow: { ...expected, source: 'procfs' } });
  });

test('one who sees only a namespace still sees agents, if that is where they are', async () => {
  refused = ['list pods', 'watch pods', 'list nodes', 'watch nodes', 'watch services'];
  delete answers['/api/v1/nodes'];
  const { missing, nodes } = await look();
  assert.deepEqual(words(missing), ['list pods', 'watch services', 'list nodes']);
  assert.equal(nodes, undefined);
});

test('one who sees nothing', async () => {
  refused = ['list pods', 'list pods shop', 'list pods kflow', 'create pods/portforward kflow'];
  assert.deepEqual(words((await look()).missing), [
    'list pods kflow required',
    'create pods/portforward kflow required',
    'list pods',
  ]);
});

test('where the agents are decides whether a right is required', async () => {
  refused = ['list pods', 'list pods a'];
  assert.deepEqual(words((await look({ agentNamespaces: ['a'] })).missing), ['list pods a required', 'list pods']);
  assert.deepEqual(words((await look({ agentNamespaces: ['b'] })).missing), ['list pods']);
});

test('Cilium, its settings read', async () => {
  const metadata = { namespace: 'cilium-system', labels: { 'k8s-app': 'cilium' } };
  answers['/api/v1/pods'] = list('1', [{ metadata }, { metadata }]);
  answers['/api/v1/namespaces/cilium-system/configmaps/cilium-config'] = { data: { 'routing-mode': 'native' } };
  const plugins = [{ name: 'cilium', namespace: 'cilium-system', settings: { 'routing-mode': 'native' } }];
  assert.deepEqual((await look()).network, { kind: 'seen', plugins });
  delete answers['/api/v1/namespaces/cilium-system/configmaps/cilium-config'];
  const [unread] = plugins.map(({ settings: _, ...rest }) => rest);
  assert.deepEqual((await look()).network, { kind: 'seen', plugins: [unread] });
});

test('Calico, by its environment', async () => {
  const env = [{ name: 'FELIX_BPFENABLED', value: 'true' }];
  const metadata = { namespace: 'kube-system', labels: { 'k8s-app': 'calico-node' } };
  answers['/api/v1/pods'] = list('1', [{ metadata, spec: { containers: [{ env }] } }]);
  const plugins = [{ name: 'calico', namespace: 'kube-system', settings: { bpfEnabled: 'true' } }];
  assert.deepEqual((await look()).network, { kind: 'seen', plugins });
});

test('plugins that may not be looked for', async () => {
  delete answers['/api/v1/pods'];
  const { network } = await look();
  assert.ok(network?.kind === 'unseen');
  assert.match(network.reason, /not allowed to list pods in namespace kube-system/);
});

test('an API server that is away', async () => {
  const kube = api.kube();
  await api.stop();
  const { unreachable, serverVersion } = await collectClusterFacts(kube, {}, [], NEVER);
  assert.match(unreachable ?? '', /refuses the connection/);
  assert.equal(serverVersion, undefined);
  await api.start();
});
