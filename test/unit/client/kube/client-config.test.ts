import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const LOAD = new URL('../../../../src/client/kube/client-config.ts', import.meta.url);

/** In a process of its own: what this one has loaded already would hide it. */
function load(then: string): string {
  const script = `const { KubeConfig } = await (await import('${LOAD}')).clientConfig();
const { CoreV1Api, ...all } = await import('@kubernetes/client-node');
${then}`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim();
}

test('it is the same KubeConfig as that of the whole client, and makes its API clients', () => {
  const then = `const config = new KubeConfig();
config.loadFromClusterAndUser({ name: 'c', server: 'https://10.0.0.1:6443' }, { name: 'u' });
console.log(all.KubeConfig === KubeConfig, typeof config.makeApiClient(CoreV1Api).listNamespacedPod);`;
  assert.equal(load(then), 'true function');
});
