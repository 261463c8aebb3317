import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shellText } from '../../../../src/client/format/shell-command.ts';
import { commandAdapter, withKubeFlags } from '../../../../src/client/kubernetes/same-cluster.ts';

for (const [command, options, expected] of [
  [['kubectl', 'version'], {}, 'kubectl version'],
  [['kubectl', 'version'], { context: 'prod' }, 'kubectl --context=prod version'],
  [['kubectl', 'exec', 'x', '--', 'kubectl'], { context: 'p' }, 'kubectl --context=p exec x -- kubectl'],
  [['kflow', 'install', '--wait'], { kubeconfig: '/a b' }, "kflow install '--kubeconfig=/a b' --wait"],
  [['npx', 'kflow', 'install'], { context: 'p' }, 'npx kflow install --context=p'],
  [['kubectl', 'kflow', 'install'], { context: "it's" }, "kubectl kflow install '--context=it'\\''s'"],
  [
    ['kubectl', 'config', 'get-contexts'],
    { context: 'p', kubeconfig: 'c' },
    'kubectl --kubeconfig=c config get-contexts',
  ],
  [['sudo', 'sysctl', '-w', 'a=1'], { context: 'p' }, 'sudo sysctl -w a=1'],
] as const)
  test(`${command.join(' ')} with ${JSON.stringify(options)}`, () =>
    assert.equal(shellText([withKubeFlags(command, options)]), expected));

test('commands for pasting are those of the program as it was called', () => {
  const adapt = commandAdapter({ program: 'kubectl kflow', context: 'prod' });
  assert.deepEqual(adapt(['kflow', 'doctor']), ['kubectl', 'kflow', 'doctor', '--context=prod']);
  assert.deepEqual(adapt(['kflow', '--local']), ['kubectl', 'kflow', '--local']);
  assert.deepEqual(adapt(['kubectl', 'get', 'pods']), ['kubectl', '--context=prod', 'get', 'pods']);
  assert.deepEqual(adapt(['sudo', 'nft', 'list', 'ruleset']), ['sudo', 'nft', 'list', 'ruleset']);
  assert.deepEqual(commandAdapter({})(['kflow', 'install']), ['kflow', 'install']);
});
