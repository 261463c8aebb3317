/** What a proxy refuses is not said to be the API server's. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { getJson } from '../../../../src/client/kubernetes/api-request.ts';
import { loadKubeClient } from '../../../../src/client/kubernetes/config.ts';
import type { KubeError } from '../../../../src/client/kubernetes/errors.ts';

function kubeThrough(t: TestContext, server: string, proxy: string) {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-proxy-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const kubeconfig = join(folder, 'config');
  const cluster = { name: 'c', cluster: { server, 'proxy-url': proxy } };
  const context = { name: 'x', context: { cluster: 'c', user: 'u' } };
  const users = [{ name: 'u', user: server.startsWith('https:') ? { token: 't' } : {} }];
  writeFileSync(
    kubeconfig,
    JSON.stringify({ clusters: [cluster], contexts: [context], users, 'current-context': 'x' }),
  );
  return loadKubeClient({ kubeconfig }, {});
}

async function refusal(t: TestContext, server: string, proxy: string): Promise<KubeError> {
  const kube = kubeThrough(t, server, proxy);
  const right = { verb: 'list', resource: 'pods' };
  return getJson(kube, '/api/v1/pods', right, t.signal).then(
    () => assert.fail('it is refused'),
    (error: KubeError) => error,
  );
}

/** A proxy that answers every request, and every CONNECT, so. */
async function proxyOf(t: TestContext, status: number, body: string): Promise<string> {
  const proxy = createServer((_request, response) => response.writeHead(status).end(body));
  proxy.on('connect', (_request, socket) => socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => proxy.close());
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}

for (const status of [403, 407, 502])
  for (const server of ['http://api.example', 'https://api.example:6443'])
    test(`a proxy that answers ${status} for ${server}`, async (t) => {
      const proxy = await proxyOf(t, status, '<html>denied</html>');
      const { message, code } = await refusal(t, server, proxy);
      assert.ok(message.startsWith(`the proxy ${proxy} answered ${status}`), message);
      assert.equal(code, 'unreachable');
    });

for (const server of ['http://api.example', 'https://api.example:6443'])
  test(`a proxy that is not there, for ${server}`, async (t) => {
    const { message } = await refusal(t, server, 'http://127.0.0.1:1');
    assert.equal(
      message,
      'no connection to the API server through proxy http://127.0.0.1:1: the proxy at 127.0.0.1:1 refuses the connection',
    );
  });

for (const server of ['http://api.example', 'https://api.example:6443'])
  test(`a proxy whose name nobody knows, for ${server}`, async (t) => {
    const { message } = await refusal(t, server, 'http://proxy.invalid:3128');
    assert.equal(
      message,
      'no connection to the API server through proxy http://proxy.invalid:3128: the host name of the proxy, proxy.invalid, cannot be resolved (DNS)',
    );
  });

test('what the API server itself refuses through a proxy stays its own', async (t) => {
  const said = JSON.stringify({ kind: 'Status', code: 403, message: 'pods is forbidden: User "jane" cannot list' });
  const { message, code } = await refusal(t, 'http://api.example', await proxyOf(t, 403, said));
  assert.match(message, /not allowed to list pods/);
  assert.equal(code, 'forbidden');
});
