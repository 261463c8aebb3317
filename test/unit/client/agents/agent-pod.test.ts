import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeAgentPod } from '../../../../src/client/agents/agent-pod.ts';
import { agentSpec, CONTROLLER } from './agent-pods.ts';

const METADATA = { uid: '01234567-89ab', name: 'kflow-daemon-x', namespace: 'kflow' };
const AGENT = { name: 'agent', ports: [{ name: 'grpc', containerPort: 50051 }] };
const running = (restartCount = 0) => ({ name: 'agent', restartCount, state: { running: {} } });

function pod(status: object, metadata: object = {}, spec: object = {}) {
  return decodeAgentPod({
    metadata: { ...METADATA, ownerReferences: [CONTROLLER], ...metadata },
    spec: { ...agentSpec({ nodeName: 'n1' }, AGENT), ...spec },
    status,
  });
}

describe('agentPod', () => {
  it('is reached when its agent runs', () => {
    assert.deepEqual(pod({ phase: 'Running', containerStatuses: [running(2)] }), {
      uid: METADATA.uid,
      namespace: 'kflow',
      name: 'kflow-daemon-x',
      node: 'n1',
      port: 50051,
      incarnation: '01234567.2',
      isReady: false,
      isEnding: false,
      createdAt: 0,
      isLabelled: false,
    });
  });

  it('is another one when the pod, or its agent, is', () => {
    const of = (restarts: number, metadata = {}) =>
      pod({ phase: 'Running', containerStatuses: [running(restarts)] }, metadata)?.incarnation;
    assert.equal(of(0), of(0, { resourceVersion: '9' }));
    assert.notEqual(of(0), of(1));
    assert.notEqual(of(0), of(0, { uid: '76543210-89ab' }));
  });

  it('finds the agent among other containers', () => {
    const containers = [{ name: 'proxy' }, { name: 'agent', ports: [{ name: 'grpc', containerPort: 6000 }] }];
    const statuses = [{ name: 'proxy', state: { waiting: { reason: 'CrashLoopBackOff' } } }, running()];
    const found = pod({ phase: 'Running', containerStatuses: statuses }, {}, { containers });
    assert.deepEqual([found?.port, found?.waiting], [6000, undefined]);
  });

  const waiting: [string, object, RegExp][] = [
    [
      'an image that cannot be had',
      {
        phase: 'Pending',
        containerStatuses: [
          { name: 'agent', state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image\n…' } } },
        ],
      },
      /^ImagePullBackOff: Back-off pulling image$/,
    ],
    [
      'an agent that ended',
      {
        phase: 'Running',
        containerStatuses: [{ name: 'agent', state: { terminated: { reason: 'OOMKilled', exitCode: 137 } } }],
      },
      /^the agent ended: OOMKilled, status 137$/,
    ],
    [
      'no node for it',
      { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', message: '0/2 nodes are available' }] },
      /^not scheduled: 0\/2 nodes are available$/,
    ],
    [
      'an init container',
      { phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { waiting: { reason: 'ErrImagePull' } } }] },
      /^ErrImagePull$/,
    ],
    [
      'an evicted pod',
      { phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory.' },
      /^Evicted: The node was low on memory\.$/,
    ],
    ['a new pod', {}, /^the pod is Pending$/],
  ];
  for (const [name, status, words] of waiting)
    it(`says why it waits: ${name}`, () => assert.match(pod(status)?.waiting ?? '', words));

  it('tells what decides between several of a node, and why it is none', () => {
    const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [running()] };
    const creationTimestamp = '2026-01-01T00:00:00Z';
    const found = pod(ready, { creationTimestamp, labels: { app: 'kflow-daemon' }, ownerReferences: [] });
    assert.deepEqual(
      [found?.isReady, found?.isEnding, found?.createdAt, found?.isLabelled, found?.fault],
      [true, false, Date.parse(creationTimestamp), true, 'no DaemonSet controls it'],
    );
    assert.equal(pod({ phase: 'Failed' })?.isEnding, true);
  });

  it('is left alone while it is deleted', () => {
    const found = pod(
      { phase: 'Running', containerStatuses: [running()] },
      { deletionTimestamp: '2026-01-01T00:00:00Z' },
    );
    assert.equal(found?.waiting, 'the pod is being deleted');
  });

  it('takes anything', () => {
    for (const object of [{}, { metadata: {} }, { metadata: METADATA }])
      assert.doesNotThrow(() => decodeAgentPod(object));
  });
});
