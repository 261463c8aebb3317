import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeAgentPod } from '../../../../../src/client/agents/agent-pod.ts';
import {
  decodeEndpointSlice,
  decodeNode,
  decodePod,
  decodeService,
} from '../../../../../src/client/names/kubernetes/objects.ts';
import { findWorkload } from '../../../../../src/client/names/kubernetes/workload.ts';

/** None of them is the name of anything in a cluster; the last is too long by one. */
const BAD = ['web\x1b[2J', 'web\n', 'Web', 'web\u200b', 'web;id', '-web', 'we b', '$(id)', 'ж', `a${'b'.repeat(253)}`];
const metadata = { uid: 'u1', namespace: 'shop', name: 'web' };

test('an object whose name no API server allows is none', () => {
  for (const name of BAD) {
    for (const bad of [
      { ...metadata, name },
      { ...metadata, namespace: name },
    ]) {
      assert.equal(decodePod({ metadata: bad }), undefined, name);
      assert.equal(decodeService({ metadata: bad }), undefined, name);
      assert.equal(decodeAgentPod({ metadata: bad }), undefined, name);
    }
    assert.equal(decodeNode({ metadata: { uid: 'u1', name } }), undefined, name);
    const slice = { metadata: { ...metadata, labels: { 'kubernetes.io/service-name': name } }, endpoints: [] };
    assert.equal(decodeEndpointSlice(slice), undefined, name);
  }
  assert.equal(decodePod({ metadata })?.name, 'web');
  assert.equal(
    decodeNode({ metadata: { uid: 'u1', name: 'ip-10-0-0-1.ec2.internal' } })?.name,
    'ip-10-0-0-1.ec2.internal',
  );
});

test('what an object says of others by a name that cannot be is not known', () => {
  for (const name of BAD) {
    assert.equal(decodePod({ metadata, spec: { nodeName: name } })?.node, undefined, name);
    assert.equal(decodeAgentPod({ metadata, spec: { nodeName: name } })?.node, undefined, name);
    assert.equal(findWorkload([{ kind: 'DaemonSet', name, controller: true }], {}), undefined, name);
    const slice = {
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'web' } },
      endpoints: [{ nodeName: name }, { nodeName: 'node1' }],
    };
    assert.deepEqual(decodeEndpointSlice(slice)?.nodes, ['node1'], name);
  }
  assert.equal(findWorkload([{ kind: 'Dep\x1b[2J', name: 'web', controller: true }], {}), undefined);
  assert.deepEqual(findWorkload([{ kind: 'Rollout', name: 'web', controller: true }], {}), {
    kind: 'Rollout',
    name: 'web',
  });
});
