import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { loadKubeClient } from '../../../../src/client/kubernetes/config.ts';
import { KubeError } from '../../../../src/client/kubernetes/errors.ts';
import { proxyFor } from '../../../../src/client/kubernetes/proxy.ts';

const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, contexts: readonly string[], current?: string): string {
  const path = join(folder, name);
  const clusters = contexts.map((context) => ({
    name: context,
    cluster: { server: `https://${name}.${context}:6443` },
  }));
  const users = contexts.map((context) => ({ name: context, user: { token: 't' } }));
  const named = contexts.map((context) => ({
    name: context,
    context: { cluster: context, user: context, namespace: name },
  }));
  writeFileSync(path, JSON.stringify({ clusters, users, contexts: named, 'current-context': current }));
  return path;
}

const one = file('one', ['a', 'b'], 'a');
const two = file('two', ['b', 'c'], 'c');
const none = file('none', ['a']);

function refused(options: Parameters<typeof loadKubeClient>[0], env: NodeJS.ProcessEnv): string {
  try {
    loadKubeClient(options, env);
  } catch (error) {
    assert.ok(error instanceof KubeError && error.code === 'config');
    return error.message;
  }
  throw new Error('was taken');
}

describe('loadKube', () => {
  it('takes the file and the context that are given', () => {
    const kube = loadKubeClient({ kubeconfig: one, context: 'b' }, { KUBECONFIG: two });
    assert.deepEqual([kube.context, kube.server, kube.namespace], ['b', 'https://one.b:6443', 'one']);
    assert.equal(loadKubeClient({ kubeconfig: one, namespace: 'mine' }, {}).namespace, 'mine');
  });

  it('merges the files of KUBECONFIG: the first of a name counts, missing files do not', () => {
    const env = { KUBECONFIG: [join(folder, 'missing'), one, two].join(delimiter) };
    assert.equal(loadKubeClient({}, env).context, 'a');
    assert.equal(loadKubeClient({ context: 'b' }, env).server, 'https://one.b:6443');
    assert.equal(loadKubeClient({ context: 'c' }, env).server, 'https://two.c:6443');
  });

  it('says what is wrong', () => {
    assert.match(refused({ kubeconfig: join(folder, 'missing') }, {}), /cannot be read: ENOENT/);
    assert.match(refused({ kubeconfig: one, context: 'z' }, {}), /no context "z" \(it has a, b\)/);
    assert.match(refused({ kubeconfig: none }, {}), /no current context; give --context \(it has a\)/);
    assert.match(refused({}, { HOME: folder }), /no cluster is configured: no .*config.*--local/);
    const bad = join(folder, 'bad');
    writeFileSync(bad, '{');
    assert.match(refused({ kubeconfig: bad }, {}), /bad is not a kubeconfig/);
    // What YAML takes for an alias or a tag may be a password that nobody quoted.
    for (const secret of ['*s3cr3t', '!s3cr3t x', '!s3cr3t!hunter x', '!<s3cr3t', '"s3cr3t']) {
      writeFileSync(bad, `users:\n- name: a\n  user:\n    password: ${secret}\n`);
      const said = refused({ kubeconfig: bad }, {});
      assert.match(said, /bad is not a kubeconfig: .*\(\d+:\d+\)$/);
      assert.doesNotMatch(said, /s3cr3t|hunter/);
    }
  });
});

describe('proxyFor', () => {
  const env = {
    HTTPS_PROXY: 'proxy:3128',
    HTTP_PROXY: 'http://plain',
    NO_PROXY: '10.0.0.0/8, .lan, corp:8443 ,fd00::/8',
  };
  const cases = [
    ['https://example.com', 'http://proxy:3128'],
    ['http://example.com', 'http://plain'],
    ['https://10.1.2.3:6443', undefined],
    ['https://11.1.2.3:6443', 'http://proxy:3128'],
    ['https://a.lan', undefined],
    ['https://lan', 'http://proxy:3128'],
    ['https://corp:8443', undefined],
    ['https://x.corp:8443', undefined],
    ['https://corp:6443', 'http://proxy:3128'],
    ['https://xcorp:8443', 'http://proxy:3128'],
    ['https://[fd00::1]:6443', undefined],
    ['https://127.0.0.1:6443', undefined],
    ['https://localhost:6443', undefined],
  ] as const;
  for (const [server, proxy] of cases) it(server, () => assert.equal(proxyFor(new URL(server), env), proxy));
  it('everything, with "*"', () =>
    assert.equal(proxyFor(new URL('https://x'), { HTTPS_PROXY: 'p', NO_PROXY: '*' }), undefined));
});
