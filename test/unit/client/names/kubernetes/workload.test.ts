import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findWorkload } from '../../../../../src/client/names/kubernetes/workload.ts';

const owner = (kind: string, name: string) => [{ kind, name, controller: true }];

describe('workloadOf', () => {
  const cases = [
    [
      'a Deployment, through its ReplicaSet',
      owner('ReplicaSet', 'web-5d4f8'),
      { 'pod-template-hash': '5d4f8' },
      'Deployment web',
    ],
    ['a ReplicaSet of its own', owner('ReplicaSet', 'web-5d4f8'), {}, 'ReplicaSet web-5d4f8'],
    ['a hash that is not in the name', owner('ReplicaSet', 'web'), { 'pod-template-hash': '5d4f8' }, 'ReplicaSet web'],
    ['an Argo rollout', owner('ReplicaSet', 'web-77'), { 'rollouts-pod-template-hash': '77' }, 'Rollout web'],
    ['a StatefulSet', owner('StatefulSet', 'db'), {}, 'StatefulSet db'],
    ['a DaemonSet', owner('DaemonSet', 'log'), {}, 'DaemonSet log'],
    ['a Job', owner('Job', 'migrate-1'), {}, 'Job migrate-1'],
    ['a CronJob, through its Job', owner('Job', 'backup-28971234'), {}, 'CronJob backup'],
    ['a Job with another number', owner('Job', 'backup-2897123'), {}, 'Job backup-2897123'],
    [
      'a StatefulSet that is named like a run of a CronJob',
      owner('StatefulSet', 'db-28971234'),
      {},
      'StatefulSet db-28971234',
    ],
    ['another controller', owner('Workflow', 'x'), {}, 'Workflow x'],
    ['a static pod', owner('Node', 'node1'), {}, undefined],
    ['a bare pod', [], { 'pod-template-hash': 'x' }, undefined],
    ['the controller among owners', [{ kind: 'A', name: 'a' }, ...owner('B', 'b')], {}, 'B b'],
  ] as const;
  for (const [name, owners, labels, expected] of cases) {
    it(name, () => {
      const workload = findWorkload(owners, labels);
      assert.equal(workload && `${workload.kind} ${workload.name}`, expected);
    });
  }
});
