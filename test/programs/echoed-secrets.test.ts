/** The shipped program and servers and proxies that repeat the credentials they were given: no output has them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createProxy } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runKflowProcess } from '../unit/client/cli/commands/run-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'kflow-echo-'));
const at = (name: string) => join(folder, name);
const base64 = (text: string) => Buffer.from(text).toString('base64');

const STATUSES = [401, 403, 404, 409, 429, 500] as const;
const COMMANDS = [
  ['doctor'],
  ['flows', '--once'],
  ['agents', '-o', 'json'],
  ['install', '--dry-run'],
  ['uninstall', '--dry-run'],
];

let status = 0;
let isText = false;
/** What it was given: Authorization, path. */
const got = new Set<string>();
let api: Server;
let proxy: Server;

before(async () => {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at('key')];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', at('crt'), '-subj', '/CN=x'], { stdio: 'pipe' });
  api = createServer({ cert: readFileSync(at('crt')), key: readFileSync(at('key')) }, (request, response) => {
    const said = `you sent ${request.headers.authorization} to ${request.url} and filler ${'.'.repeat(400)}`;
    got.add(said);
    // The first half of a reason is kept, the rest is cut.
    const cut = `${'.'.repeat(470)}${request.headers.authorization}`;
    response.writeHead(status, said.slice(0, 300), { 'content-type': isText ? 'text/plain' : 'application/json' });
    response.end(isText ? cut : JSON.stringify({ kind: 'Status', message: `${said} User "${said}"`, code: status }));
  });
  proxy = createProxy();
  proxy.on('connect', ({ headers }, socket) => {
    const said = `${headers['proxy-authorization']} is ${Buffer.from(`${headers['proxy-authorization']}`.slice(6), 'base64')}`;
    got.add(said);
    socket.end(`HTTP/1.1 407 ${said}\r\n\r\n`);
  });
  for (const server of [api, proxy]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => {
  api.close();
  proxy.close();
  rmSync(folder, { recursive: true });
});

const address = (server: Server) => `127.0.0.1:${(server.address() as AddressInfo).port}`;

function kubeconfig(user: object, cluster: object = {}): string {
  const path = at('kubeconfig');
  const entry = { server: `https://${address(api)}`, 'insecure-skip-tls-verify': true, ...cluster };
  writeFileSync(
    path,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: entry }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }),
  );
  return path;
}

/** Runs the commands, and gives all that they printed. */
async function outputs(path: string, secrets: readonly string[], commands = COMMANDS): Promise<string> {
  const ended = await Promise.all(
    commands.map((command) => runKflowProcess([...command, '--kubeconfig', path, '--request-timeout', '2s'])),
  );
  const all = ended.map(({ out, err }) => out + err).join('');
  assert.notEqual(all, '');
  for (const secret of secrets) assert.ok(!all.includes(secret), `${secret} in: ${all}`);
  return all;
}

// No part of them may be left at the place where a reason is cut.
const TOKEN = `planted-${'t0ken'.repeat(30)}`;

describe('no output has what kflow sent', () => {
  it('as a token, whatever the API server answers', async () => {
    const path = kubeconfig({ token: TOKEN });
    got.clear();
    for (const one of STATUSES) {
      [status, isText] = [one, false];
      await outputs(path, ['planted', 't0kent0ken'], [['doctor']]);
    }
    for (const text of [false, true]) {
      [status, isText] = [500, text];
      await outputs(path, ['planted', 't0kent0ken']);
    }
    assert.match([...got].join(), new RegExp(`Bearer ${TOKEN}`), 'the server was given the token');
    [status, isText] = [500, false];
    assert.match(await outputs(path, ['planted'], [['doctor']]), /you sent Bearer … to \//, 'the rest is shown');
  });

  it('as name and password', async () => {
    const path = kubeconfig({ username: 'jane', password: 'planted-basic' });
    [status, isText] = [500, false];
    await outputs(path, ['planted', base64('jane:planted-basic')], [['doctor'], ['install', '--dry-run']]);
  });

  it('in the URL of the server: name, password, path and query', async () => {
    const server = `https://jane:planted-url-1@${address(api)}/planted-path-000001/x?planted=query`;
    // A name and password in the URL are for users who have no others.
    const path = kubeconfig({ 'client-certificate': at('crt'), 'client-key': at('key') }, { server });
    for (const one of [404, 500]) {
      [status, isText] = [one, false];
      await outputs(path, ['planted', base64('jane:planted-url-1')], [['doctor'], ['install', '--dry-run']]);
    }
    assert.match(await outputs(path, [], [['doctor']]), new RegExp(`${address(api)}/…`));
    assert.match(
      [...got].join(),
      new RegExp(`${base64('jane:planted-url-1')} to /planted-path`),
      'the server was given them',
    );
  });

  it('to a proxy', async () => {
    const path = kubeconfig({ token: TOKEN }, { 'proxy-url': `http://jane:planted%2Fproxy@${address(proxy)}` });
    const all = await outputs(path, ['planted', base64('jane:planted/proxy')], [['doctor'], ['agents']]);
    assert.match(all, /answered 407/);
  });
});
