import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toSameCluster } from '../../../../src/client/doctor/same-cluster.ts';

for (const [command, options, expected] of [
  ['kubectl version', {}, 'kubectl version'],
  ['kubectl version', { context: 'prod' }, 'kubectl --context=prod version'],
  [
    'kubectl create a && kubectl create b',
    { context: 'p' },
    'kubectl --context=p create a && kubectl --context=p create b',
  ],
  ['kflow install -n a --wait', { kubeconfig: '/a b' }, "kflow install --kubeconfig='/a b' -n a --wait"],
  ['kubectl kflow uninstall -n a', { context: "it's" }, "kubectl kflow uninstall --context='it'\\''s' -n a"],
  ['kubectl config get-contexts', { context: 'p' }, 'kubectl config get-contexts'],
  ['sudo sysctl -w a=1', { context: 'p' }, 'sudo sysctl -w a=1'],
] as const)
  test(`${command} with ${JSON.stringify(options)}`, () => assert.equal(toSameCluster(command, options), expected));
