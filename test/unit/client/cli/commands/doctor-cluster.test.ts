import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FileAgent } from '../../../agent/file-agent.ts';
import { FakeCluster } from '../../kubernetes/fake-cluster.ts';
import { AgentCluster } from './agent-cluster.ts';
import { runKflow } from './run-process.ts';

async function cluster(t: TestContext): Promise<FakeCluster> {
  const api = new FakeCluster();
  t.after(() => api.remove());
  await api.start();
  return api;
}

async function doctor(api: FakeCluster, ...args: string[]) {
  const { status, out, err } = await runKflow(['doctor', '--kubeconfig', api.kubeconfig, ...args]);
  return { status, out: out.replaceAll(`--kubeconfig=${api.kubeconfig}`, '--kubeconfig=K'), err };
}

test('agents in two namespaces, none of which reports: each is named, and none is to be removed', async (t) => {
  const api = await cluster(t);
  api.nodes = {
    node1: undefined,
    node2: { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' },
  };
  api.pods = [
    { namespace: 'blue', name: 'a', node: 'node1', waiting: 'ErrImagePull' },
    { namespace: 'kflow', name: 'b', node: 'node1' },
    { namespace: 'kflow', name: 'c', node: 'node2' },
  ];
  const { status, out } = await doctor(api, '-n', 'blue', '-n', 'kflow');
  assert.equal(status, 1);
  assert.match(out, /^warning +agents +namespace blue: 1 agent on 1 node; it does not report a table$/m);
  assert.match(out, /^warning +agents +namespace kflow: 1 agent on 1 node; it does not report a table$/m);
  assert.match(out, /^warning +agents +node1: more than one agent, in namespaces blue, kflow$/m);
  assert.match(out, /^warning +agents +kflow\/b is not used: blue\/a is the agent of node1$/m);
  assert.match(
    out,
    /^failure +agents +node1: lost: ErrImagePull: .*\n +→ kubectl --kubeconfig=K describe pod -n blue a$/m,
  );
  assert.match(
    out,
    /^failure +nodes +node2: not ready: its kubelet does not report.*\n +→ on node2: sudo systemctl restart kubelet && /m,
  );
  assert.doesNotMatch(out, /uninstall|delete/);
});

test('what this user may not do is for an administrator', async (t) => {
  const api = await cluster(t);
  api.nodes = { node1: undefined };
  api.pods = [{ namespace: 'kflow', name: 'a', node: 'node1', waiting: 'ImagePullBackOff' }];
  api.refused = ['get pods', 'list services', 'create clusterroles'];
  const { out } = await doctor(api);
  assert.match(out, /→ ask an administrator to run: kubectl --kubeconfig=K describe pod -n kflow a$/m);
  assert.match(
    out,
    /→ ask an administrator to run: kubectl --kubeconfig=K create clusterrole kflow-list-services:jane /m,
  );
  const found = JSON.parse((await doctor(api, '-o', 'json')).out) as {
    check: string;
    next?: string;
    nextWhere?: string;
  }[];
  const pod = found.find(({ next }) => next?.includes('describe'));
  assert.deepEqual(
    [pod?.nextWhere, pod?.next],
    ['ask an administrator to run', 'kubectl --kubeconfig=K describe pod -n kflow a'],
  );
});

test('one lost agent among others makes the exit status 1, a node that is not ready too', async (t) => {
  const api = await cluster(t);
  api.nodes = { node1: undefined };
  api.pods = [{ namespace: 'kflow', name: 'a', node: 'node1' }];
  const { status, out } = await doctor(api);
  assert.deepEqual([status, /^failure +agents +node1: lost: /m.test(out)], [1, true], out);
});

const INJECTION = 'node1 -- x;touch /tmp/INJ;echo node1';

test('what an agent calls its node is in no command', async (t) => {
  const agent = await FileAgent.start(t, [{ port: 1 }], false, { nodeName: INJECTION });
  const api = await AgentCluster.start(t, new Map([['node1', agent]]), {});
  const sources = [
    ['--endpoints', agent.address],
    ['--kubeconfig', api.kubeconfig],
  ];
  const ofEach = sources.map(async (from) => {
    const [{ out }, { out: json }, words] = await Promise.all([
      runKflow(['doctor', ...from]),
      runKflow(['doctor', '-o', 'json', ...from]),
      runKflow(['flows', ...from]),
    ]);
    assert.match(out, /accounting/);
    for (const line of out.split('\n').filter((one) => /^ +→/.test(one))) assert.doesNotMatch(line, /INJ/);
    for (const { next } of JSON.parse(json) as { next?: string }[]) assert.doesNotMatch(next ?? '', /INJ/);
    for (const [, command] of words.err.matchAll(/`([^`]*)`/g)) assert.doesNotMatch(command ?? '', /INJ/);
  });
  await Promise.all(ofEach);
});
