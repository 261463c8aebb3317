import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { loadAll } from 'js-yaml';
import { list, sendJson, sendStatus } from '../../kubernetes/fake-api.ts';
import { FakeCluster } from '../../kubernetes/fake-cluster.ts';
import { runKflow } from './run-process.ts';

const NAMESPACE = '/api/v1/namespaces/kflow';
const DAEMON_SETS = '/apis/apps/v1/namespaces/kflow/daemonsets';
const POLICY = '/apis/networking.k8s.io/v1/namespaces/kflow/networkpolicies/kflow-deny-all';

/** How many nodes have an agent, and how many of these are ready. */
interface Progress {
  readonly desired: number;
  readonly ready: number;
}

/** What is applied is there, as the API server has it. */
async function cluster(t: TestContext, progress: Progress = { desired: 2, ready: 2 }) {
  const api = new FakeCluster();
  t.after(() => api.remove());
  await api.start();
  const stored = new Map<string, Record<string, unknown>>();
  const status = {
    observedGeneration: 1,
    desiredNumberScheduled: progress.desired,
    updatedNumberScheduled: progress.desired,
    numberReady: progress.ready,
    numberAvailable: progress.ready,
  };
  const keep = (path: string, uid: string) => {
    api.answers[`GET ${path}`] = (response) => {
      const object = stored.get(path);
      if (object === undefined) sendStatus(response, 404, 'not found');
      else sendJson(response, object);
    };
    api.answers[`PATCH ${path}`] = (response, body) => {
      const { metadata, ...rest } = body as { metadata: object };
      stored.set(path, { ...rest, metadata: { ...metadata, uid, generation: 1 }, status });
      sendJson(response, stored.get(path));
    };
    api.answers[`DELETE ${path}`] = (response) => {
      const object = stored.get(path) as { metadata: object };
      stored.set(path, { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } });
      sendJson(response, {});
    };
  };
  const serve = (path: string, ...kinds: [name: string, kind: string, namespaced: boolean][]) => {
    const resources = kinds.map(([name, kind, namespaced]) => ({ name, kind, namespaced, verbs: ['list'] }));
    api.answers[`GET ${path}`] = (response: ServerResponse) => sendJson(response, { resources });
  };
  serve('/api/v1', ['namespaces', 'Namespace', false], ['pods', 'Pod', true]);
  serve('/apis/apps/v1', ['daemonsets', 'DaemonSet', true]);
  serve('/apis/networking.k8s.io/v1', ['networkpolicies', 'NetworkPolicy', true]);
  api.answers['GET /apis'] = (response) => sendJson(response, { groups: [] });
  keep(NAMESPACE, 'namespace');
  keep(POLICY, 'policy');
  keep(`${DAEMON_SETS}/kflow-daemon`, 'daemonset');
  keep(`${DAEMON_SETS}/kflow-reader`, 'reader');
  const listed = (response: ServerResponse) => {
    const agents = stored.get(`${DAEMON_SETS}/kflow-daemon`);
    sendJson(response, list('1', agents === undefined ? [] : [agents]));
  };
  api.answers[`GET ${DAEMON_SETS}`] = listed;
  api.answers['GET /apis/apps/v1/daemonsets'] = listed;
  const kflow = async (args: readonly string[], heard?: Parameters<typeof runKflow>[1]) => {
    const { status, out, err } = await runKflow([...args, '--kubeconfig', api.kubeconfig], heard);
    return { status, out, err: err.replaceAll(`--kubeconfig=${api.kubeconfig}`, '--kubeconfig=K') };
  };
  return { api, kflow, stored, keep, serve };
}

test('install: nothing to change, and all is ready: it says so', async (t) => {
  const { kflow } = await cluster(t);
  const first = await kflow(['install']);
  assert.equal(first.status, 0, first.err);
  assert.match(
    first.out,
    /^namespace\/kflow created\nnetworkpolicy\.networking\.k8s\.io\/kflow-deny-all in namespace kflow created\ndaemonset\.apps\/kflow-daemon in namespace kflow created\n$/,
  );
  assert.match(
    first.err,
    /^the agents are starting: `kflow agents --kubeconfig=K --agent-namespace kflow` shows them, and `kubectl --kubeconfig=K rollout status daemonset\/kflow-daemon -n kflow` waits for them$/m,
  );
  const again = await kflow(['install']);
  assert.match(again.out, /^(?:.* unchanged\n){3}nothing to change: 2 of 2 nodes have their agent, and it is ready\n$/);
  assert.equal(again.err, '');
});

test('install: without the right to make network policies it names it, and makes nothing', async (t) => {
  const { api, kflow, stored } = await cluster(t);
  api.refused = ['create networkpolicies'];
  const { status, out, err } = await kflow(['install']);
  assert.deepEqual([status, out, stored.size], [1, '', 0]);
  assert.match(err, /^ {2}networkpolicies\.networking\.k8s\.io +kflow +create$/m);
});

test('install: nothing to change, but not all is ready', async (t) => {
  const { kflow } = await cluster(t, { desired: 2, ready: 1 });
  await kflow(['install']);
  assert.match((await kflow(['install'])).err, /^nothing to change, but 1 of 2 agents are ready: `kflow agents/);
});

test('install: agents elsewhere are reported', async (t) => {
  const { api, kflow } = await cluster(t);
  api.pods = [
    { namespace: 'kflow', name: 'own', node: 'node1' },
    { namespace: 'blue', name: 'a', node: 'node1' },
  ];
  const { err } = await kflow(['install']);
  assert.match(
    err,
    /^there are agents in namespace blue: `kflow agents --kubeconfig=K --agent-namespace blue`; a node with agents of two/,
  );
  api.refused = ['list pods'];
  assert.doesNotMatch((await kflow(['install'])).err, /blue/, 'or not, where that may not be seen');
});

test('install: Ctrl-C during --wait says what is left, and how to continue or back', async (t) => {
  const { api, kflow } = await cluster(t, { desired: 2, ready: 0 });
  api.pods = [{ namespace: 'kflow', name: 'a', node: 'node1', waiting: 'ErrImagePull', owner: 'daemonset' }];
  const { status, err } = await kflow(['install', '--wait'], {
    heard: (text, kill) => {
      if (text.includes('node1: ErrImagePull') && !text.includes('interrupted')) kill('SIGINT');
    },
  });
  assert.equal(status, 130);
  assert.match(
    err,
    /interrupted: what was installed stays, and the agents keep starting:\n {2}0 of 2 agents are ready\n {2}node1: ErrImagePull.*\n`kflow agents --kubeconfig=K --agent-namespace kflow` shows them; `kflow uninstall --kubeconfig=K -n kflow` takes them back\n$/,
  );
});

test('uninstall: a second one says that there is nothing, also while the first is not done', async (t) => {
  const { kflow, stored } = await cluster(t);
  await kflow(['install']);
  const first = await kflow(['uninstall']);
  assert.match(
    first.out,
    /^daemonset\.apps\/kflow-daemon in namespace kflow deleted\nnetworkpolicy\S+ in namespace kflow deleted\nnamespace\/kflow deleted\n$/,
  );
  const second = await kflow(['uninstall']);
  assert.deepEqual([second.status, second.out], [0, '']);
  assert.match(
    second.err,
    /^nothing to remove in namespace kflow \(daemonset\.apps\/.*, namespace\/kflow is still being removed/,
  );
  const interrupted = await kflow(['uninstall', '--wait'], {
    heard: (text, kill) => {
      if (text.includes('nothing to remove') && !text.includes('interrupted')) kill('SIGINT');
    },
  });
  assert.equal(interrupted.status, 130);
  assert.match(interrupted.err, /interrupted: the cluster is still removing; still there:\n {2}daemonset/);
  stored.clear();
  const third = await kflow(['uninstall']);
  assert.deepEqual([third.status, third.out, third.err], [0, '', 'nothing to remove in namespace kflow\n']);
});

test('flows: agents asked for in a namespace that has none: those that have some are named', async (t) => {
  const { api, kflow } = await cluster(t);
  api.pods = [{ namespace: 'kflow', name: 'a', node: 'node1' }];
  const { status, err } = await kflow(['flows', '--agent-namespace', 'blue']);
  assert.equal(status, 1);
  assert.match(
    err,
    /^kflow: fake: No agents in namespace blue, but in namespace kflow: `kflow agents .*--agent-namespace kflow`$/m,
  );
  api.refused = ['list pods'];
  api.pods = [];
  api.answers['GET /api/v1/namespaces/blue/pods'] = (response) => sendJson(response, list('1', []));
  assert.match(
    (await kflow(['flows', '--agent-namespace', 'blue'])).err,
    /No agents in namespace blue: `kflow install --kubeconfig=K`, or `kflow --local`/,
  );
  // What npx fetched, or npm started, is not on the PATH.
  for (const npm_lifecycle_event of ['npx', 'start'])
    assert.match(
      (await kflow(['flows', '--agent-namespace', 'blue'], { env: { ...process.env, npm_lifecycle_event } })).err,
      /No agents in namespace blue: `npx kflow install --kubeconfig=K`, or `npx kflow --local`/,
    );
});

test('install --dry-run changes nothing, also where it would remove what an older install left', async (t) => {
  const { api, kflow, stored } = await cluster(t);
  await kflow(['install']);
  const path = `${DAEMON_SETS}/kflow-daemon`;
  const agents = stored.get(path) as { metadata: { annotations?: object } };
  const listed = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'old', namespace: 'kflow' }];
  const annotations = { ...agents.metadata.annotations, 'kflow/objects': JSON.stringify(listed) };
  stored.set(path, { ...agents, metadata: { ...agents.metadata, annotations } });
  const labels = { 'app.kubernetes.io/managed-by': 'kflow' };
  const old = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'old', namespace: 'kflow', uid: 'old', labels },
  };
  const resources = [
    { name: 'namespaces', kind: 'Namespace', namespaced: false, verbs: ['list'] },
    { name: 'pods', kind: 'Pod', namespaced: true, verbs: ['list'] },
    { name: 'configmaps', kind: 'ConfigMap', namespaced: true, verbs: ['list'] },
  ];
  api.answers['GET /api/v1'] = (response) => sendJson(response, { resources });
  api.answers[`GET ${NAMESPACE}/configmaps/old`] = (response) => sendJson(response, old);
  const removals: unknown[] = [];
  api.answers[`DELETE ${NAMESPACE}/configmaps/old`] = (response, body) => {
    removals.push((body as { dryRun?: unknown }).dryRun);
    sendJson(response, {});
  };
  const before = structuredClone([...stored]);
  const writes = async (args: readonly string[]) => {
    api.requests.length = 0;
    const ran = await kflow(args);
    assert.equal(ran.status, 0, ran.err);
    return { ...ran, writes: api.requests.filter((asked) => /^(PATCH|PUT|POST \/(?!apis\/auth))/.test(asked)) };
  };
  const tried = await writes(['install', '--dry-run']);
  assert.match(tried.err, /^configmap\/old in namespace kflow deleted \(dry run\)$/m);
  assert.deepEqual(removals.splice(0), [['All']]);
  assert.ok(tried.writes.length >= 2);
  for (const asked of tried.writes) assert.match(asked, /[?&]dryRun=All(&|$)/);
  // The fake server keeps what it is only asked to try.
  for (const [at, object] of before) stored.set(at, object);
  const done = await writes(['install']);
  assert.match(done.out, /^configmap\/old in namespace kflow deleted$/m);
  assert.deepEqual(removals, [undefined]);
  assert.ok(done.writes.length >= 2);
  for (const asked of done.writes) assert.doesNotMatch(asked, /dryRun/);
});

test('install --wait continues where the API server is away for a moment', async (t) => {
  const { api, kflow, stored } = await cluster(t, { desired: 1, ready: 0 });
  const path = `${DAEMON_SETS}/kflow-daemon`;
  api.pods = [{ namespace: 'kflow', name: 'a', node: 'node1', waiting: 'ContainerCreating', owner: 'daemonset' }];
  let wasAway = false;
  const { status, out, err } = await kflow(['install', '--wait'], {
    heard: (text) => {
      if (wasAway || !/^node1: /m.test(text)) return;
      wasAway = true;
      void (async () => {
        await api.stop();
        const agents = stored.get(path) as object;
        const ready = { observedGeneration: 1, desiredNumberScheduled: 1, updatedNumberScheduled: 1 };
        stored.set(path, { ...agents, status: { ...ready, numberReady: 1, numberAvailable: 1 } });
        api.pods = [{ namespace: 'kflow', name: 'a', node: 'node1', owner: 'daemonset', ready: true }];
        await delay(300);
        await api.start();
      })();
    },
  });
  assert.ok(wasAway);
  assert.equal(status, 0, err);
  assert.match(out, /1 of 1 nodes have their agent, and it is ready\n$/);
});

test('what a tenant writes on an agent’s DaemonSet makes install and uninstall remove nothing of others', async (t) => {
  const { api, kflow, stored } = await cluster(t);
  await kflow(['install']);
  const path = `${DAEMON_SETS}/kflow-daemon`;
  const agents = stored.get(path) as { metadata: { annotations?: object } };
  const listed = [
    { apiVersion: 'v1', kind: 'Namespace', name: 'prod' },
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'settings', namespace: 'prod' },
    { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'kflow-daemon', namespace: 'prod' },
  ];
  const annotations = { ...agents.metadata.annotations, 'kflow/objects': JSON.stringify(listed) };
  stored.set(path, { ...agents, metadata: { ...agents.metadata, annotations } });
  const labels = { 'app.kubernetes.io/managed-by': 'kflow' };
  for (const { kind, name, namespace, apiVersion } of listed) {
    const group = apiVersion === 'v1' ? '/api/v1' : '/apis/apps/v1';
    const at = namespace === undefined ? group : `${group}/namespaces/${namespace}`;
    const victim = { apiVersion, kind, metadata: { name, namespace, uid: `prod-${kind}`, labels } };
    api.answers[`GET ${at}/${kind.toLowerCase()}s/${name}`] = (response) => sendJson(response, victim);
    api.answers[`DELETE ${at}/${kind.toLowerCase()}s/${name}`] = (response) => sendJson(response, {});
  }
  const before = [...stored];
  for (const args of [['install'], ['install', '--dry-run'], ['uninstall', '--dry-run'], ['uninstall']]) {
    for (const [at, object] of before) stored.set(at, object);
    api.requests.length = 0;
    const { status, out, err } = await kflow(args);
    assert.equal(status, 0, err);
    assert.doesNotMatch(out + err, /prod/);
    const removals = api.requests.filter((asked) => asked.startsWith('DELETE '));
    assert.deepEqual(
      removals,
      args[0] === 'install' ? [] : [`DELETE ${path}`, `DELETE ${NAMESPACE}`],
      `kflow ${args.join(' ')}`,
    );
  }
});

test('an annotation that names a path of the API leads install and uninstall to no such path', async (t) => {
  const { api, kflow, stored } = await cluster(t);
  await kflow(['install']);
  const path = `${DAEMON_SETS}/kflow-daemon`;
  const agents = stored.get(path) as { metadata: { annotations?: object } };
  const proxy = 'v1%2Fnamespaces%2Fkflow%2Fservices%2Fhttp:evil:80%2Fproxy%2F?x=';
  const listed = [{ apiVersion: proxy, kind: 'Evil', name: 'x' }];
  const annotations = { ...agents.metadata.annotations, 'kflow/objects': JSON.stringify(listed) };
  stored.set(path, { ...agents, metadata: { ...agents.metadata, annotations } });
  // What the tenant's service answers: a kind, and then an object of another kind with labels of this install.
  const labels = { 'app.kubernetes.io/managed-by': 'kflow', 'kflow/agent-namespace': 'kflow' };
  const { handle } = api;
  api.handle = (request, response, url) => {
    if (!url.pathname.toLowerCase().includes('proxy')) return handle(request, response, url);
    if (request.method === 'GET' && !url.href.includes('/x'))
      return sendJson(response, { resources: [{ name: 'evils', kind: 'Evil', namespaced: false, verbs: ['delete'] }] });
    sendJson(response, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'cluster-admin', uid: 'admin', labels },
    });
  };
  const before = [...stored];
  for (const args of [['install'], ['uninstall', '--dry-run'], ['uninstall']]) {
    for (const [at, object] of before) stored.set(at, object);
    api.requests.length = 0;
    const { status, err } = await kflow(args);
    assert.equal(status, 0, err);
    assert.deepEqual(
      api.requests.filter((asked) => /proxy|cluster-?role/i.test(asked)),
      [],
      `kflow ${args.join(' ')}`,
    );
  }
});

for (const [by, marks] of [
  ['Argo CD', { annotations: { 'argocd.argoproj.io/tracking-id': 'net:apps/DaemonSet:kflow/kflow-daemon' } }],
  ['Argo CD', { labels: { 'argocd.argoproj.io/instance': 'net' } }],
  ['Argo CD', { annotations: { 'argocd.argoproj.io/instance': 'net' } }],
  ['Argo CD', { managedFields: [{ manager: 'argocd-controller', operation: 'Apply' }] }],
  ['Flux', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'net' } }],
  ['Flux', { labels: { 'helm.toolkit.fluxcd.io/name': 'net' } }],
  ['Flux', { managedFields: [{ manager: 'kustomize-controller', operation: 'Apply' }] }],
  ['Flux', { managedFields: [{ manager: 'helm-controller', operation: 'Update' }] }],
  ['Helm', { annotations: { 'meta.helm.sh/release-name': 'net' } }],
  ['Helm', { labels: { 'app.kubernetes.io/managed-by': 'Helm' } }],
] as const)
  test(`agents that ${by} manages are left alone by install and uninstall: ${JSON.stringify(marks)}`, async (t) => {
    const { api, kflow, stored } = await cluster(t);
    await kflow(['install']);
    const agents = `${DAEMON_SETS}/kflow-daemon`;
    mark(stored, agents, marks);
    const changes = async (args: readonly string[]) => {
      api.requests.length = 0;
      const ran = await kflow(args);
      return { ...ran, changed: api.requests.filter((asked) => /^(PATCH|DELETE|PUT)/.test(asked)) };
    };
    const words = `daemonset.apps/kflow-daemon in namespace kflow is managed by ${by}`;
    for (const args of [['install'], ['install', '--dry-run']]) {
      const { status, out, err, changed } = await changes(args);
      assert.deepEqual([status, out, changed], [1, '', []]);
      assert.ok(
        err.startsWith(
          `kflow: ${words}: change it where ${by} has it from; with your options, \`kflow install --kubeconfig=K -n kflow --dry-run -o yaml\` prints what to put there\n`,
        ),
        err,
      );
    }
    const removal = await changes(['uninstall']);
    assert.equal(removal.status, 1);
    assert.ok(removal.err.startsWith(`${words}, which would make it again: it is left as it is`), removal.err);
    assert.deepEqual(removal.changed, [], 'what is beside them stays, too');
    const printed = await changes(['install', '--dry-run', '-o', 'yaml']);
    assert.deepEqual([printed.status, printed.changed], [0, []], printed.err);
    assert.match(printed.out, /^kind: DaemonSet$/m);
    assert.ok(printed.err.startsWith(words), printed.err);
  });

test('who writes the status of an object does not manage it', async (t) => {
  const { kflow, stored } = await cluster(t);
  await kflow(['install']);
  const fields = { manager: 'argocd-controller', subresource: 'status' };
  mark(stored, `${DAEMON_SETS}/kflow-daemon`, { managedFields: [fields, { manager: 'kubectl' }] });
  assert.equal((await kflow(['install'])).status, 0);
});

/** As a tool leaves its marks on an object. */
function mark(
  stored: Map<string, Record<string, unknown>>,
  path: string,
  { labels = {}, annotations = {}, ...others }: { labels?: object; annotations?: object; managedFields?: unknown },
) {
  const object = stored.get(path) as { metadata: { labels?: object; annotations?: object } };
  const { metadata } = object;
  const marked = {
    ...metadata,
    ...others,
    labels: { ...metadata.labels, ...labels },
    annotations: { ...metadata.annotations, ...annotations },
  };
  stored.set(path, { ...object, metadata: marked });
}

test('a namespace or policy that Argo CD manages is left as it is, and the agents are installed', async (t) => {
  const { api, kflow, stored } = await cluster(t);
  await kflow(['install']);
  for (const path of [NAMESPACE, POLICY])
    mark(stored, path, { annotations: { 'argocd.argoproj.io/tracking-id': 'net:/Namespace:kflow' } });
  api.requests.length = 0;
  const { status, out, err } = await kflow(['install']);
  assert.equal(status, 0, err);
  assert.match(err, /^namespace\/kflow is managed by Argo CD: it is left as it is$/m);
  assert.match(
    err,
    /^networkpolicy\S+\/kflow-deny-all in namespace kflow is managed by Argo CD: it is left as it is$/m,
  );
  assert.match(out, /^daemonset\.apps\/kflow-daemon in namespace kflow unchanged\n/);
  assert.deepEqual(
    api.requests.filter((asked) => /^(PATCH|DELETE)/.test(asked)).map((asked) => asked.replace(/\?.*/, '')),
    [`PATCH ${DAEMON_SETS}/kflow-daemon`],
  );
  const printed = await kflow(['install', '--dry-run', '-o', 'yaml']);
  assert.equal(loadAll(printed.out).length, 3, 'what a tool manages is for its repository');
});

test('a network policy that Helm made is no hindrance: it is left as it is', async (t) => {
  const { kflow, stored } = await cluster(t);
  await kflow(['install']);
  mark(stored, POLICY, { labels: { 'app.kubernetes.io/managed-by': 'Helm' } });
  const { status, err } = await kflow(['install']);
  assert.equal(status, 0, err);
  assert.match(err, /^networkpolicy\S+ in namespace kflow is managed by Helm: it is left as it is$/m);
});

test('install --dry-run -o yaml|json prints what would be applied, and nothing else, on stdout', async (t) => {
  const { kflow } = await cluster(t);
  const yaml = await kflow(['install', '--dry-run', '-o', 'yaml', '--image', 'registry.example/kflow-daemon:9']);
  assert.equal(yaml.status, 0, yaml.err);
  const documents = loadAll(yaml.out) as { kind: string; metadata: { name: string } }[];
  assert.deepEqual(
    documents.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    ['Namespace kflow', 'NetworkPolicy kflow-deny-all', 'DaemonSet kflow-daemon'],
  );
  assert.match(yaml.out, /image: registry\.example\/kflow-daemon:9/);
  assert.match(yaml.err, /^daemonset\.apps\/kflow-daemon in namespace kflow created \(dry run\)$/m);
  const json = await kflow(['install', '--dry-run', '-o', 'json', '--image', 'registry.example/kflow-daemon:9']);
  assert.deepEqual(JSON.parse(json.out), { apiVersion: 'v1', kind: 'List', items: documents });
});

test('every option of install reaches the objects', async (t) => {
  const { kflow } = await cluster(t);
  const yaml = async (...options: string[]) => (await kflow(['install', '--dry-run', '-o', 'yaml', ...options])).out;
  const plain = await yaml();
  for (const [options, expected] of [
    [['--image', 'registry.example/kflow-daemon:9'], /image: registry\.example\/kflow-daemon:9/],
    [['--conntrack', '/run/tables/nf_conntrack'], /path: \/run\/tables\/nf_conntrack/],
    [['--source', 'procfs'], /name: KFLOW_SOURCE\n +value: procfs/],
    [['--selinux-type', 'spc_t'], /type: spc_t/],
    [['--no-control-plane'], /node-role\.kubernetes\.io\/control-plane/],
  ] as const) {
    assert.doesNotMatch(plain, expected);
    assert.match(await yaml(...options), expected, options.join(' '));
  }
});

test('uninstall --wait: agents that are ending are counted, and an object of the same name that is another is gone', async (t) => {
  const { api, kflow, stored } = await cluster(t);
  await kflow(['install']);
  api.pods = [{ namespace: 'kflow', name: 'a', node: 'node1', owner: 'daemonset' }];
  const { status, err } = await kflow(['uninstall', '--wait'], {
    heard: (text) => {
      if (!text.includes('is ending')) return;
      api.pods = [];
      // New objects of the same names are not what was deleted.
      for (const [path, object] of stored) {
        const { metadata } = object as { metadata: object };
        stored.set(path, { ...object, metadata: { ...metadata, uid: 'another' } });
      }
    },
  });
  assert.equal(status, 0, err);
  assert.match(err, /^1 agent is ending$/m);
  assert.doesNotMatch(err, /0 agents are ending/);
});

test('install --wait: where the selector leaves no node, it says so', async (t) => {
  const { kflow } = await cluster(t, { desired: 0, ready: 0 });
  const { status, err } = await kflow(['install', '--wait', '--timeout', '1s']);
  if (status !== 0) assert.match(err, /no node is selected \(see the nodeSelector of the DaemonSet\)/);
  else assert.match(err, /0 of 0/);
  const some = await cluster(t, { desired: 2, ready: 1 });
  const late = await some.kflow(['install', '--wait', '--timeout', '1s']);
  assert.equal(late.status, 1);
  assert.doesNotMatch(late.err, /no node is selected/);
});

test('install --dry-run -o needs no right to change anything, and tries nothing', async (t) => {
  const { api, kflow, stored } = await cluster(t);
  api.refused = ['create', 'patch', 'delete'].flatMap((verb) =>
    ['namespaces', 'daemonsets', 'networkpolicies'].map((resource) => `${verb} ${resource}`),
  );
  assert.equal((await kflow(['install', '--dry-run'])).status, 1, 'without -o the server tries it');
  api.requests.length = 0;
  const { status, out, err } = await kflow(['install', '--dry-run', '-o', 'yaml']);
  assert.deepEqual([status, loadAll(out).length, stored.size], [0, 3, 0], err);
  assert.deepEqual(
    api.requests.filter((asked) => /^(PATCH|DELETE|PUT|POST \/(?!apis\/auth))/.test(asked)),
    [],
  );
  api.refused = ['get daemonsets'];
  const blind = await kflow(['install', '--dry-run', '-o', 'yaml']);
  assert.deepEqual([blind.status, blind.out], [1, '']);
  assert.match(blind.err, /^ {2}daemonsets\.apps +kflow +get$/m);
});

test('what install --dry-run -o yaml prints is what an install applies', async (t) => {
  const { api, kflow } = await cluster(t);
  // Two terms, which then have the same expressions.
  const terms = ['a', 'b'].map((value) => ({ matchExpressions: [{ key: 'pool', operator: 'In', values: [value] }] }));
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } };
  const file = `${api.folder}/own.yaml`;
  const affinity = `      affinity: ${JSON.stringify({ nodeAffinity })}\n`;
  const own = readFileSync(new URL('../../../../../k8s/daemonset.yaml', import.meta.url), 'utf8');
  writeFileSync(file, own.replace('      nodeSelector:', `${affinity}$&`));
  const args = ['install', '--no-control-plane', '--selinux-type', 'spc_t', '--file', file];
  const printed = await kflow([...args, '--dry-run', '-o', 'yaml']);
  const applied: unknown[] = [];
  for (const path of [NAMESPACE, POLICY, `${DAEMON_SETS}/kflow-daemon`]) {
    const apply = api.answers[`PATCH ${path}`];
    api.answers[`PATCH ${path}`] = (response, body) => {
      applied.push(body);
      apply?.(response, body);
    };
  }
  await kflow(args);
  assert.deepEqual(loadAll(printed.out), applied);
  assert.doesNotMatch(printed.out, /[&*]ref_/, 'each part is written where it belongs');
});

test('install --dry-run -o yaml without an answer of the cluster says so, and prints nothing', async (t) => {
  const { api, kflow } = await cluster(t);
  await api.stop();
  const { status, out, err } = await kflow(['install', '--dry-run', '-o', 'yaml']);
  assert.deepEqual([status, out], [1, '']);
  assert.match(err, /^kflow: the API server at \S+ refuses the connection$/m);
});

test('-o without --dry-run is refused, with what to do', async (t) => {
  const { api, kflow } = await cluster(t);
  api.requests.length = 0;
  const { status, out, err } = await kflow(['install', '-o', 'yaml']);
  assert.deepEqual([status, out], [2, '']);
  assert.match(err, /^kflow: -o is for --dry-run, which prints the objects: add --dry-run, or leave out -o/);
  assert.deepEqual(api.requests, []);
});

test('install --openshift where there is no OpenShift says so, and changes nothing', async (t) => {
  const { api, kflow } = await cluster(t);
  api.answers['GET /apis/security.openshift.io/v1'] = (response) => sendStatus(response, 404, 'not found');
  const { status, out, err } = await kflow(['install', '--openshift']);
  assert.deepEqual([status, out], [1, '']);
  assert.match(err, /^kflow: this cluster is not OpenShift, .* --selinux-type spc_t is for SELinux elsewhere$/m);
  assert.deepEqual(
    api.requests.filter((asked) => /^(PATCH|DELETE)/.test(asked)),
    [],
  );
});

test('install --openshift makes a policy and an account, a plain install takes them back, and so does uninstall', async (t) => {
  const { api, kflow, keep, serve } = await cluster(t);
  serve(
    '/api/v1',
    ['namespaces', 'Namespace', false],
    ['pods', 'Pod', true],
    ['serviceaccounts', 'ServiceAccount', true],
  );
  serve('/apis/rbac.authorization.k8s.io/v1', ['roles', 'Role', true], ['rolebindings', 'RoleBinding', true]);
  serve('/apis/security.openshift.io/v1', ['securitycontextconstraints', 'SecurityContextConstraints', false]);
  const names = [
    'securitycontextconstraints.security.openshift.io/kflow-daemon-kflow',
    'serviceaccount/kflow-daemon in namespace kflow',
    'role.rbac.authorization.k8s.io/kflow-daemon in namespace kflow',
    'rolebinding.rbac.authorization.k8s.io/kflow-daemon in namespace kflow',
  ];
  keep('/apis/security.openshift.io/v1/securitycontextconstraints/kflow-daemon-kflow', 'scc');
  keep(`${NAMESPACE}/serviceaccounts/kflow-daemon`, 'account');
  keep('/apis/rbac.authorization.k8s.io/v1/namespaces/kflow/roles/kflow-daemon', 'role');
  keep('/apis/rbac.authorization.k8s.io/v1/namespaces/kflow/rolebindings/kflow-daemon', 'binding');
  const { status, out, err } = await kflow(['install', '--openshift']);
  assert.equal(status, 0, err);
  for (const name of names) assert.ok(out.includes(`${name} created\n`), out);
  const plain = await kflow(['install']);
  for (const name of names) assert.ok(plain.out.includes(`${name} deleted\n`), plain.out);
  api.requests.length = 0;
  await kflow(['install', '--openshift']);
  const removal = await kflow(['uninstall']);
  for (const name of names) assert.ok(removal.out.includes(`${name} deleted\n`), removal.out);
});

test('install --source netlink: a reader beside the agents; a later install keeps it and adds to it; --source procfs removes it', async (t) => {
  const { kflow, stored } = await cluster(t);
  const reader = () => JSON.stringify(stored.get(`${DAEMON_SETS}/kflow-reader`) ?? '');
  const agents = () => JSON.stringify(stored.get(`${DAEMON_SETS}/kflow-daemon`));
  const early = await kflow(['install', '--accounting']);
  assert.equal(early.status, 2);
  assert.match(early.err, /^kflow: --accounting requires --source netlink/m);

  const first = await kflow(['install', '--source', 'netlink']);
  assert.equal(first.status, 0, first.err);
  assert.match(first.out, /^daemonset\.apps\/kflow-reader in namespace kflow created$/m);
  assert.match(agents(), /"path":"\/run\/kflow"/);
  assert.doesNotMatch(reader(), /nf_conntrack_acct/);

  const more = await kflow(['install', '--accounting']);
  assert.equal(more.status, 0, more.err);
  assert.match(more.out, /^daemonset\.apps\/kflow-reader in namespace kflow configured$/m);
  assert.match(
    more.err,
    /^kflow-reader switches on net\.netfilter\.nf_conntrack_acct on each node; to do it yourself, put "net\.netfilter\.nf_conntrack_acct=1" into/m,
  );
  assert.match(reader(), /\/proc\/sys\/net\/netfilter\/nf_conntrack_acct/);

  const again = await kflow(['install']);
  assert.match(again.out, /^daemonset\.apps\/kflow-reader in namespace kflow unchanged$/m);
  assert.match(agents(), /"path":"\/run\/kflow"/);

  const back = await kflow(['install', '--source', 'procfs']);
  assert.equal(back.status, 0, back.err);
  assert.match(back.out, /^daemonset\.apps\/kflow-reader in namespace kflow deleted$/m);
  assert.match(agents(), /"path":"\/proc\/1\/net"/);
});

test('uninstall removes the reader, and says what stays switched on', async (t) => {
  const { kflow } = await cluster(t);
  await kflow(['install', '--source', 'netlink', '--accounting']);
  const { out, err } = await kflow(['uninstall']);
  assert.match(out, /^daemonset\.apps\/kflow-reader in namespace kflow deleted$/m);
  assert.match(
    err,
    /^net\.netfilter\.nf_conntrack_acct stays on where kflow-reader switched it on; on a node, `sysctl -w net\.netfilter\.nf_conntrack_acct=0` switches it off$/m,
  );
});
