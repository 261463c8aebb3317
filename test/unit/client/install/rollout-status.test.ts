import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1Pod, V1PodStatus } from '@kubernetes/client-node';
import type { DaemonSetObject } from '../../../../src/client/install/manifest.ts';
import { rolloutStatus } from '../../../../src/client/install/rollout-status.ts';

const GENERATION = 'deprecated.daemonset.template.generation';

function daemonSet(desired: number, updated = desired, available = desired): DaemonSetObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'kflow-daemon', uid: 'ds', generation: 2, annotations: { [GENERATION]: '2' } },
    status: {
      desiredNumberScheduled: desired,
      updatedNumberScheduled: updated,
      numberAvailable: available,
      observedGeneration: 2,
      currentNumberScheduled: desired,
      numberMisscheduled: 0,
      numberReady: available,
    },
  };
}

function pod(
  node: string,
  status: V1PodStatus,
  over: { generation?: string; ending?: true; owner?: string } = {},
): V1Pod {
  const { generation = '2', ending, owner = 'ds' } = over;
  return {
    metadata: {
      name: `agent-${node}-${generation}`,
      labels: { 'pod-template-generation': generation },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'kflow-daemon', uid: owner }],
      creationTimestamp: new Date(Number(generation) * 1000),
      ...(ending ? { deletionTimestamp: new Date() } : {}),
    },
    spec: { nodeName: node, containers: [] },
    status,
  };
}

function container(state: object, over: object = {}): V1PodStatus {
  const status = { name: 'agent', image: '', imageID: '', ready: false, restartCount: 0, state, ...over };
  return { phase: 'Running', containerStatuses: [status] };
}

const READY = container({ running: {} }, { ready: true, started: true });

test('done: every node has an agent of this version, ready', () => {
  const { done, ready, nodes } = rolloutStatus(daemonSet(2), [pod('node10', READY), pod('node2', READY)]);
  assert.deepEqual([done, ready], [true, 2]);
  assert.deepEqual(
    nodes.map(({ node, message }) => `${node} ${message}`),
    ['node2 ready', 'node10 ready'],
  );
});

test('done: a template that was taken back finds its agents still there', () => {
  const { done, nodes } = rolloutStatus(daemonSet(1), [pod('a', READY, { generation: '1' })]);
  assert.deepEqual([done, nodes[0]?.message], [true, 'ready']);
});

for (const [what, agents, pods] of [
  ['an agent of before', daemonSet(1, 0), [pod('a', READY, { generation: '1' })]],
  ['nothing is known to be wanted yet', daemonSet(0), []],
  ['a node without a pod', daemonSet(2, 1, 1), [pod('a', READY)]],
  [
    'the controller has not looked yet',
    { ...daemonSet(1), metadata: { ...daemonSet(1).metadata, generation: 3 } },
    [pod('a', READY)],
  ],
  ['a pod of another DaemonSet', daemonSet(1), [pod('a', READY, { owner: 'other' })]],
] as const) {
  test(`not done: ${what}`, () => assert.equal(rolloutStatus(agents, pods).done, false));
}

for (const [status, state, words] of [
  [container({ waiting: { reason: 'ContainerCreating' } }), 'waiting', 'starting'],
  [container({ running: {} }, { started: true }), 'waiting', 'running, but not ready'],
  [container({ waiting: { reason: 'ErrImagePull', message: 'not\n found' } }), 'failing', 'ErrImagePull: not found'],
  [
    container(
      { waiting: { reason: 'CrashLoopBackOff' } },
      { lastState: { terminated: { exitCode: 2, message: 'a\nKFLOW_INTERVAL: bad' } } },
    ),
    'failing',
    'CrashLoopBackOff: exit status 2: KFLOW_INTERVAL: bad',
  ],
  [{ phase: 'Failed', reason: 'Evicted' }, 'failing', 'Evicted'],
  [
    { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: 'Insufficient cpu' }] },
    'failing',
    'pending: Insufficient cpu',
  ],
] as const) {
  test(`a node's progress: ${words}`, () => {
    const [node] = rolloutStatus(daemonSet(1, 1, 0), [pod('a', status as V1PodStatus)]).nodes;
    assert.deepEqual([node?.state, node?.message], [state, words]);
  });
}

test('of an agent that ends and the one in its place, the latter counts', () => {
  const pods = [
    pod('a', READY, { ending: true, generation: '3' }),
    pod('a', container({ waiting: { reason: 'ContainerCreating' } })),
  ];
  assert.equal(rolloutStatus(daemonSet(1), pods).nodes[0]?.message, 'starting');
});
