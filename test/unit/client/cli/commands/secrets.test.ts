/** Secrets of a kubeconfig and the environment, and every output looked at: none of them is in it. */
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FileAgent, lineOf } from '../../../agent/file-agent.ts';
import { sendStatus } from '../../kubernetes/fake-api.ts';
import { AgentCluster } from './agent-cluster.ts';
import { runKflow } from './run-process.ts';

const SECRETS = {
  url: 'planted-url-1',
  token: 'planted-token-2',
  basic: 'planted-basic-3',
  proxy: 'planted-proxy-4',
  exec: 'planted-exec-5',
  plugin: 'planted-plugin-6',
} as const;
const BASE64 = Object.values(SECRETS).flatMap((secret) => [
  Buffer.from(secret).toString('base64').slice(0, -2),
  Buffer.from(`jane:${secret}`).toString('base64').slice(0, -2),
]);

function assertNone(what: string, output: string): void {
  assert.doesNotMatch(output, /planted/, what);
  for (const encoded of BASE64) assert.ok(!output.includes(encoded), `${what}: ${output}`);
}

const COMMANDS: readonly (readonly string[])[] = [
  ['flows', '--once', '-o', 'json'],
  ['agents', '-o', 'json'],
  ['doctor'],
  ['install', '--dry-run'],
  ['uninstall', '--dry-run'],
];
/** Those that say most of what is wrong. */
const FAILING = [['doctor'], ['install', '--dry-run']];

async function printsNone(kubeconfig: string, env: NodeJS.ProcessEnv = {}, commands = COMMANDS): Promise<string[]> {
  const source = ['--kubeconfig', kubeconfig, '--request-timeout', '300ms'];
  const all = { PATH: process.env.PATH, KFLOW_DEBUG: '1', ...env };
  return Promise.all(
    commands.map(async (command) => {
      const { out, err } = await runKflow([...command, ...source], { env: all });
      assertNone(command.join(' '), out + err);
      return out + err;
    }),
  );
}

async function cluster(t: TestContext) {
  const agent = await FileAgent.start(t, lineOf({ port: 40_000, bytes: 5 }), false, { nodeName: 'node1' });
  const api = await AgentCluster.start(t, new Map([['node1', agent]]), { pods: [] });
  const known = JSON.parse(readFileSync(api.kubeconfig, 'utf8'));
  const server: string = known.clusters[0].cluster.server;
  const write = (clusterOver: object, user: object) => {
    known.clusters[0].cluster = { server, ...clusterOver };
    known.users[0].user = user;
    writeFileSync(api.kubeconfig, JSON.stringify(known));
  };
  return { agent, api, server, write };
}

const inUrl = (server: string) => server.replace('://', `://jane:${SECRETS.url}@`);

test('of a cluster that answers, and in a recording of it', async (t) => {
  const { agent, api, server, write } = await cluster(t);
  for (const user of [{ token: SECRETS.token }, { username: 'jane', password: SECRETS.basic }]) {
    write({ server: inUrl(server) }, user);
    const said = await printsNone(api.kubeconfig);
    assert.match(said.join(''), /127\.0\.0\.1/);
  }
  const file = join(api.folder, 'recorded');
  let pieces = 0;
  const recorded = await runKflow(['record', '-', '--kubeconfig', api.kubeconfig], {
    read: (_, kill) => {
      if (++pieces === 20) kill('SIGINT');
    },
  });
  assertNone('record', recorded.err);
  writeFileSync(file, recorded.bytes);
  for (const command of [['flows', '-o', 'json'], ['agents', '-o', 'json'], []]) {
    const { out, err } = await runKflow([...command, '--recording', file]);
    assert.notEqual(out, '');
    assertNone(`${command.join(' ')} of the recording`, recorded.bytes.toString('latin1') + out + err);
  }
  assertNone("the agent's log", agent.log);
});

test('of a server that refuses, answers nonsense, or is not there', async (t) => {
  const { api, server, write } = await cluster(t);
  write({ server: inUrl(server) }, { token: SECRETS.token });
  for (const status of [401, 403, 404, 500]) {
    api.handle = (request, response) => sendStatus(response, status, `no: ${request.method} ${request.url}`);
    await printsNone(api.kubeconfig, {}, FAILING);
  }
  for (const bad of [
    'http://jane:planted-url-1@127.0.0.1:1',
    'https://jane:planted-url-1@127.0.0.1:1/x?planted',
    'ftp://jane:planted-url-1@x',
    'http://jane:planted%zz@127.0.0.1:1',
    'http://jane:planted-url-1@',
    'jane:planted-url-1@127.0.0.1:1',
  ]) {
    write({ server: bad }, {});
    await printsNone(api.kubeconfig, {}, FAILING);
  }
});

test('of a proxy, whichever way it is given', async (t) => {
  const { api, server, write } = await cluster(t);
  for (const proxy of [
    'http://jane:planted-proxy-4@127.0.0.1:1',
    'socks5://jane:planted-proxy-4@127.0.0.1:1',
    'ftp://jane:planted-proxy-4@x',
    'jane:planted-proxy-4@127.0.0.1:1',
  ]) {
    write({ server, 'proxy-url': proxy }, { token: SECRETS.token });
    await printsNone(api.kubeconfig, {}, FAILING);
    write({ server: 'https://192.0.2.1:6443' }, {});
    await printsNone(api.kubeconfig, { HTTPS_PROXY: proxy }, FAILING);
  }
});

test('of a plugin: its environment, what it prints, and what it says when it fails', async (t) => {
  const { api, server, write } = await cluster(t);
  const plugin = join(api.folder, 'plugin');
  const script = (text: string) => {
    writeFileSync(plugin, `#!/bin/sh\n${text}\n`);
    chmodSync(plugin, 0o755);
  };
  const exec = {
    command: plugin,
    apiVersion: 'client.authentication.k8s.io/v1',
    interactiveMode: 'Never',
    env: [{ name: 'SECRET', value: SECRETS.exec }],
  };
  write({ server: server.replace('http:', 'https:') }, { exec });
  const credential = { kind: 'ExecCredential', apiVersion: exec.apiVersion, status: { token: SECRETS.plugin } };
  for (const text of [
    `echo '${JSON.stringify(credential)}'`,
    `echo '{"kind":"ExecCredential","status":{"token":"${SECRETS.plugin}"}}'`,
    `echo '${SECRETS.plugin}'`,
    'exit 3',
  ]) {
    script(text);
    await printsNone(api.kubeconfig, {}, FAILING);
  }
});

test('of a kubeconfig that cannot be read', async (t) => {
  const { api } = await cluster(t);
  for (const text of [
    `users:\n- name: u\n  user: {token: ${SECRETS.token}`,
    `users:\n- name: u\n  user:\n    token: [${SECRETS.token}]`,
    `users:\n- name: u\n  user:\n    token: "${SECRETS.token}\\u0001"\n    bad\n`,
    `apiVersion: v1\nclusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\nusers:\n- name: u\n  user:\n    token: "${SECRETS.token}\\u0001"\n`,
  ]) {
    writeFileSync(api.kubeconfig, text);
    await printsNone(api.kubeconfig, {}, FAILING);
  }
  assert.ok(readdirSync(api.folder).includes('kubeconfig'));
});
