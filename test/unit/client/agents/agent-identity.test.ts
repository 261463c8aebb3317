import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Candidate,
  chooseAgents,
  findDifferingClaim,
  findIdentityError,
} from '../../../../src/client/agents/agent-identity.ts';
import { resolveAgentNamespaces } from '../../../../src/client/agents/agent-namespaces.ts';
import { agentSpec, CONTROLLER } from './agent-pods.ts';

describe('identityFault', () => {
  const LABELS = { app: 'kflow-daemon', 'app.kubernetes.io/name': 'kflow' };
  const pod = (owner: object | undefined, spec: object = agentSpec()) => ({
    metadata: { name: 'kflow-daemon-x', labels: LABELS, ownerReferences: owner === undefined ? [] : [owner] },
    spec,
  });
  const CASES: readonly [string, unknown, RegExp | undefined][] = [
    ['a pod of a DaemonSet that mounts the table', pod(CONTROLLER), undefined],
    ['the same without labels', { ...pod(CONTROLLER), metadata: { ownerReferences: [CONTROLLER] } }, undefined],
    ['one that mounts the socket of the reader', pod(CONTROLLER, agentSpec({}, {}, '/run/kflow')), undefined],
    ['one of an older manifest, which mounts /proc', pod(CONTROLLER, agentSpec({}, {}, '/proc/')), undefined],
    ['a pod that nobody controls', pod(undefined), /^no DaemonSet controls it$/],
    ['one that a DaemonSet owns, and does not control', pod({ ...CONTROLLER, controller: false }), /^no DaemonSet/],
    [
      'one of a ReplicaSet',
      pod({ ...CONTROLLER, kind: 'ReplicaSet' }),
      /^a ReplicaSet controls it, not a DaemonSet of group apps$/,
    ],
    [
      'one of a DaemonSet of another group',
      pod({ ...CONTROLLER, apiVersion: 'evil.example/v1' }),
      /not a DaemonSet of group apps$/,
    ],
    [
      'one with the host network, as kflow-reader has it',
      pod(CONTROLLER, agentSpec({ hostNetwork: true }, {}, '/run/kflow')),
      /^it has the host network$/,
    ],
    ['one without a hostPath', pod(CONTROLLER, { containers: [{ name: 'agent' }] }), /^no container mounts hostPath/],
    ['one with another hostPath', pod(CONTROLLER, agentSpec({}, {}, '/proc/1/network')), /^no container mounts/],
    ['one with a hostPath below', pod(CONTROLLER, agentSpec({}, {}, '/run/kflow/agent')), /^no container mounts/],
    [
      'one with a volume that no container mounts',
      pod(CONTROLLER, { ...agentSpec(), containers: [{ name: 'agent' }] }),
      /^no container mounts/,
    ],
    ['nothing', undefined, /^no DaemonSet/],
    ['what is no pod', { metadata: { ownerReferences: 5 }, spec: { volumes: 'x' } }, /^no DaemonSet/],
  ];
  for (const [name, object, fault] of CASES)
    it(name, () => {
      const found = findIdentityError(object);
      if (fault === undefined) assert.equal(found, undefined);
      else assert.match(found ?? 'passes', fault);
    });
});

describe('chosenAgents', () => {
  const candidate = (uid: string, more: Partial<Candidate> = {}): Candidate => ({
    uid,
    node: 'node1',
    isReady: true,
    isEnding: false,
    createdAt: 1000,
    ...more,
  });
  const CASES: readonly [string, readonly Candidate[], string][] = [
    ['the oldest', [candidate('new', { createdAt: 2000 }), candidate('old')], 'old'],
    [
      'one that is ready before an older one',
      [candidate('old', { isReady: false }), candidate('b', { createdAt: 2 })],
      'b',
    ],
    [
      'one that stays before one that is ready and ends',
      [candidate('old', { isEnding: true }), candidate('new', { isReady: false, createdAt: 2000 })],
      'new',
    ],
    ['of two that are alike always the same', [candidate('b'), candidate('a')], 'a'],
  ];
  for (const [name, pods, uid] of CASES)
    it(name, () => {
      assert.equal(chooseAgents(pods).get('node1')?.uid, uid);
      assert.equal(chooseAgents(pods.toReversed()).get('node1')?.uid, uid);
    });
  it('one for each node, none for a pod without one', () => {
    const { node: _, ...homeless } = candidate('c');
    const chosen = chooseAgents([candidate('a'), candidate('b', { node: 'node2' }), homeless]);
    assert.deepEqual([...chosen.keys()], ['node1', 'node2']);
  });
});

describe('differingClaim', () => {
  for (const [claim, expected] of [
    ['node1', 'node1'],
    ['node3', undefined],
    ['kflow-daemon-x', undefined],
    ['', undefined],
  ] as const)
    it(`"${claim}" of pod kflow-daemon-x on node3`, () =>
      assert.equal(findDifferingClaim(claim, 'node3', 'kflow-daemon-x'), expected));
});

describe('agentNamespaces', () => {
  for (const [given, variable, expected] of [
    [undefined, undefined, ['kflow']],
    [undefined, 'blue, green', ['blue', 'green']],
    [undefined, ' , ', ['kflow']],
    [['red', 'red'], 'blue', ['red']],
  ] as const)
    it(`${given ?? 'no flag'}, ${variable ?? 'no variable'}`, () =>
      assert.deepEqual(resolveAgentNamespaces(given, { KFLOW_AGENT_NAMESPACE: variable }), expected));
});
