import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { getJson } from '../../../../src/client/kubernetes/api-request.ts';
import { type KubeClient, loadKubeClient } from '../../../../src/client/kubernetes/config.ts';

const RIGHT = { verb: 'get', resource: 'version' };

/** What a long session meets. That it begins as kubectl does is for test/conformance to say. */
describe('credentials that change while kflow runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  const at = (name: string) => join(folder, name);
  /** Of each request: who asked. */
  const asked: string[] = [];
  const refused = new Set<string>();
  let server: Server;

  const certificate = (name: string) => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at(`${name}.key`)];
    const names = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', ['req', '-x509', ...key, '-out', at(`${name}.crt`), ...names], { stdio: 'pipe' });
  };

  before(async () => {
    for (const name of ['server', 'jane', 'joe']) certificate(name);
    const [cert, key] = [readFileSync(at('server.crt')), readFileSync(at('server.key'))];
    server = createServer({ cert, key, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      const who = (request.socket as TLSSocket).getPeerCertificate().subject?.CN ?? 'nobody';
      const authorization = request.headers.authorization ?? `certificate of ${who}`;
      asked.push(authorization);
      response.statusCode = refused.has(authorization) ? 401 : 200;
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  const kube = (user: Readonly<Record<string, unknown>>): KubeClient => {
    asked.length = 0;
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    writeFileSync(
      at('kubeconfig'),
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority': 'server.crt' } }],
        users: [{ name: 'u', user }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      }),
    );
    return loadKubeClient({ kubeconfig: at('kubeconfig'), requestTimeoutMs: 5_000 }, process.env);
  };
  const ask = (one: KubeClient) => getJson(one, '/version', RIGHT, new AbortController().signal);
  const plugin = (name: string, script: string) => {
    writeFileSync(at(name), `#!/bin/sh\n${script}\n`);
    chmodSync(at(name), 0o755);
    return { exec: { command: `./${name}`, apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never' } };
  };
  const credential = (status: string) =>
    `echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":${status}}'`;

  it('a token file that is renewed, after a 401', async () => {
    writeFileSync(at('token'), 'one');
    const one = kube({ tokenFile: 'token' });
    await ask(one);
    writeFileSync(at('token'), 'two');
    refused.add('Bearer one');
    await ask(one);
    assert.deepEqual(asked, ['Bearer one', 'Bearer one', 'Bearer two']);
  });

  it("a plugin's token without an expiry, after a 401", async () => {
    const count = `echo >>${at('count')}; n=$(wc -l <${at('count')})`;
    const one = kube(plugin('counting', `${count}\n${credential(`{"token":"n'$n'"}`)}`));
    refused.add('Bearer n1');
    await ask(one);
    await ask(one);
    assert.deepEqual(asked, ['Bearer n1', 'Bearer n2', 'Bearer n2']);
  });

  it('a certificate in files that are replaced', async () => {
    const copy = (name: string) => {
      for (const end of ['crt', 'key']) writeFileSync(at(`client.${end}`), readFileSync(at(`${name}.${end}`)));
    };
    copy('jane');
    const one = kube({ 'client-certificate': 'client.crt', 'client-key': 'client.key' });
    await ask(one);
    copy('joe');
    await ask(one);
    assert.deepEqual(asked, ['certificate of jane', 'certificate of joe']);
  });

  it("a plugin's certificate that has ended", async () => {
    const json = (name: string) => JSON.stringify(readFileSync(at(name), 'utf8')).replaceAll('\\', '\\\\\\\\');
    const status = (name: string, until: string) =>
      `{"clientCertificateData":${json(`${name}.crt`)},"clientKeyData":${json(`${name}.key`)},"expirationTimestamp":"${until}"}`;
    const print = (text: string) => credential(text).replace('echo', 'printf').replaceAll('\\\\\\\\', '\\\\');
    const first = print(status('jane', '2020-01-01T00:00:00Z'));
    const then = print(status('joe', '2099-01-01T00:00:00Z'));
    const mark = at('ran');
    const one = kube(plugin('renewing', `if [ -e ${mark} ]; then ${then}; else touch ${mark}; ${first}; fi`));
    await ask(one);
    await ask(one);
    await ask(one);
    assert.deepEqual(asked, ['certificate of jane', 'certificate of joe', 'certificate of joe']);
  });

  it('a plugin that takes longer than a request may', async () => {
    const one = { ...kube(plugin('slow', `sleep 0.6; ${credential('{"token":"slow"}')}`)), requestTimeoutMs: 500 };
    await ask(one);
    assert.deepEqual(asked, ['Bearer slow']);
  });
});
