import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentPod } from '../../../../../src/client/agents/agent-pod.ts';
import { nodeFacts, podFacts, serviceFacts, sliceFacts } from '../../../../../src/client/names/kubernetes/objects.ts';
import { workloadOf } from '../../../../../src/client/names/kubernetes/workload.ts';

/** None of them is the name of anything in a cluster; the last is too long by one. */
const BAD = ['web\x1b[2J', 'web\n', 'Web', 'web\u200b', 'web;id', '-web', 'we b', '$(id)', 'ж', `a${'b'.repeat(253)}`];
const metadata = { uid: 'u1', namespace: 'shop', name: 'web' };

test('an object whose name no API server allows is none', () => {
  for (const name of BAD) {
    for (const bad of [
      { ...metadata, name },
      { ...metadata, namespace: name },
    ]) {
      assert.equal(podFacts({ metadata: bad }), undefined, name);
      assert.equal(serviceFacts({ metadata: bad }), undefined, name);
      assert.equal(agentPod({ metadata: bad }), undefined, name);
    }
    assert.equal(nodeFacts({ metadata: { uid: 'u1', name } }), undefined, name);
    const slice = { metadata: { ...metadata, labels: { 'kubernetes.io/service-name': name } }, endpoints: [] };
    assert.equal(sliceFacts(slice), undefined, name);
  }
  assert.equal(podFacts({ metadata })?.name, 'web');
  assert.equal(
    nodeFacts({ metadata: { uid: 'u1', name: 'ip-10-0-0-1.ec2.internal' } })?.name,
    'ip-10-0-0-1.ec2.internal',
  );
});

test('what an object says of others by a name that cannot be is not known', () => {
  for (const name of BAD) {
    assert.equal(podFacts({ metadata, spec: { nodeName: name } })?.node, undefined, name);
    assert.equal(agentPod({ metadata, spec: { nodeName: name } })?.node, undefined, name);
    assert.equal(workloadOf([{ kind: 'DaemonSet', name, controller: true }], {}), undefined, name);
    const slice = {
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'web' } },
      endpoints: [{ nodeName: name }, { nodeName: 'node1' }],
    };
    assert.deepEqual(sliceFacts(slice)?.nodes, ['node1'], name);
  }
  assert.equal(workloadOf([{ kind: 'Dep\x1b[2J', name: 'web', controller: true }], {}), undefined);
  assert.deepEqual(workloadOf([{ kind: 'Rollout', name: 'web', controller: true }], {}), {
    kind: 'Rollout',
    name: 'web',
  });
});
