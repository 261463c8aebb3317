/** Hostile text in every place where text enters, and every output looked at: none of it steers a terminal or forges a line. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { run } from '../../../../../src/client/cli/run.ts';
import { FileAgent, lineOf } from '../../../agent/file-agent.ts';
import { sendJson, sendStatus } from '../../kubernetes/fake-api.ts';
import { FakeCluster } from '../../kubernetes/fake-cluster.ts';
import { AgentCluster, podObject, serviceObject } from './agent-cluster.ts';
import { hostileRecordingBytes } from './hostile-recording.ts';
import { assertClean, assertCleanJson, EVIL, FORGED, hostileTextAgent } from './hostile-text.ts';
import { runKflow, runKflowProcess } from './run-process.ts';

function folderOf(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'kflow-text-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

/** Every command that prints, with all of its formats; the overview looks at what is live for seconds. */
const SHOWING: readonly (readonly string[])[] = [
  ['flows', '--once'],
  ['flows', '--once', '-o', 'wide'],
  ['flows', '--once', '-o', 'json'],
  ['flows', '--once', '-o', 'csv'],
  ['graph', '--by', 'workload'],
  ['graph', '--by', 'node'],
  ['agents'],
  ['agents', '-o', 'wide'],
  ['agents', '-o', 'json'],
];
const DOCTOR: readonly (readonly string[])[] = [['doctor'], ['doctor', '-o', 'json']];

async function showsClean(
  commands: readonly (readonly string[])[],
  source: readonly string[],
  env?: NodeJS.ProcessEnv,
) {
  const look = async (command: readonly string[]) => {
    const { out, err } = await runKflow([...command, ...source], env === undefined ? {} : { env });
    const what = `kflow ${command.join(' ')}`;
    assertClean(`stderr of ${what}`, err);
    if (command.includes('json')) assertCleanJson(what, out);
    else assertClean(what, out);
    assert.ok(out !== '' || err !== '', what);
  };
  await Promise.all(commands.map(look));
}

test('of an agent: its name, version, path, samples, addresses', async (t) => {
  const address = await hostileTextAgent(t);
  await showsClean(SHOWING, ['--endpoints', address]);
  await showsClean(DOCTOR, ['--endpoints', address, '--request-timeout', '200ms']);
  const { out } = await runKflow(['flows', '--once', '-o', 'csv', '--endpoints', address]);
  assert.equal(out.split('\n').length, 3);
  const follow = await runKflow(['flows', '-f', '--endpoints', address], { read: (_, kill) => kill('SIGINT') });
  assertClean('flows -f', follow.out + follow.err);
  const file = join(folderOf(t), 'recorded');
  let pieces = 0;
  const read = (_: string, kill: (signal: NodeJS.Signals) => void) => {
    if (++pieces === 6) kill('SIGINT');
  };
  const { err, bytes } = await runKflow(['record', '-', '--endpoints', address], { read });
  assertClean('record', err);
  writeFileSync(file, bytes);
  await showsClean([[], ...SHOWING], ['--recording', file]);
});

for (const kind of ['refuses', 'breaks'] as const)
  test(`of an agent that ${kind}: its reasons`, async (t) => {
    const source = ['--endpoints', await hostileTextAgent(t, kind), '--request-timeout', '200ms'];
    await showsClean([[], ['flows'], ['agents'], ['agents', '-o', 'json'], ...DOCTOR], source);
  });

function hostileRecording(t: TestContext): string {
  const file = join(folderOf(t), 'recorded');
  writeFileSync(file, hostileRecordingBytes());
  return file;
}

test('of a recording: every text that it has', async (t) => {
  const file = hostileRecording(t);
  await showsClean([[], ...SHOWING], ['--recording', file]);
  const follow = await runKflow(['flows', '-f', '--recording', file]);
  assertClean('flows -f', follow.out + follow.err);
});

test('of the API: names, reasons, and the words of a refusal', async (t) => {
  const pod = podObject('shop', 'cart', 'node1', '10.0.0.1');
  const evilPod = { ...pod, metadata: { ...pod.metadata, uid: 'evil', name: EVIL, namespace: EVIL } };
  const owned = { ownerReferences: [{ kind: EVIL, name: EVIL, controller: true }], labels: { [EVIL]: EVIL } };
  const service = serviceObject('shop', EVIL, { clusterIP: '192.0.2.1', ports: [{ port: 443, protocol: EVIL }] });
  const file = await FileAgent.start(t, lineOf({ port: 40_000, source: '10.0.0.1' }), false, { nodeName: EVIL });
  const api = await AgentCluster.start(t, new Map([['node1', file]]), {
    pods: [{ ...pod, metadata: { ...pod.metadata, ...owned } }, evilPod],
    services: [service],
    endpointslices: [
      {
        metadata: { uid: 's', namespace: 'shop', labels: { 'kubernetes.io/service-name': EVIL } },
        endpoints: [{ nodeName: EVIL }],
      },
    ],
  });
  const { handle } = api;
  await showsClean(SHOWING, ['--kubeconfig', api.kubeconfig]);
  const source = ['--kubeconfig', api.kubeconfig, '--request-timeout', '200ms'];
  api.handle = (request, response, url) => {
    if (/\/(services|nodes)$/.test(url.pathname)) sendStatus(response, 403, `User "${EVIL}" cannot list`);
    else if (url.pathname.endsWith('/endpointslices')) sendStatus(response, 500, EVIL);
    else handle(request, response, url);
  };
  await showsClean([['flows', '--once', '-o', 'csv'], ...DOCTOR], source);
  api.handle = (_, response) => sendStatus(response, 500, EVIL);
  await showsClean([[], ['agents'], ...DOCTOR, ['install'], ['uninstall']], source);
});

test('of nodes and pods of a cluster: why they wait', async (t) => {
  const api = new FakeCluster();
  t.after(() => api.remove());
  await api.start();
  api.nodes = { node1: { reason: EVIL, message: EVIL }, [EVIL]: undefined };
  api.pods = [{ namespace: 'kflow', name: 'kflow-daemon-1', node: 'node1', waiting: EVIL }];
  api.answers = {
    'GET /version': (response) => sendJson(response, { gitVersion: EVIL }),
    'POST /apis/authentication.k8s.io/v1/selfsubjectreviews': (response) =>
      sendJson(response, { status: { userInfo: { username: EVIL } } }),
  };
  const source = ['--kubeconfig', api.kubeconfig, '--request-timeout', '200ms'];
  await showsClean([[], ['agents'], ['agents', '-o', 'json'], ...DOCTOR], source);
});

test('of a kubeconfig: the names in it', async (t) => {
  const folder = folderOf(t);
  const file = join(folder, 'config');
  const config = (over: object) =>
    writeFileSync(
      file,
      JSON.stringify({
        clusters: [{ name: EVIL, cluster: { server: 'http://127.0.0.1:1' } }],
        users: [{ name: EVIL, user: {} }],
        contexts: [{ name: EVIL, context: { cluster: EVIL, user: EVIL, namespace: EVIL } }],
        'current-context': EVIL,
        ...over,
      }),
    );
  const source = ['--kubeconfig', file, '--request-timeout', '200ms'];
  const commands = [[], ['flows'], ['graph'], ['agents'], ...DOCTOR, ['install'], ['uninstall']];
  config({});
  await showsClean(commands, source);
  config({ 'current-context': '' });
  await showsClean(commands, source);
  config({ clusters: [{ name: EVIL, cluster: { server: `http://${EVIL}` } }] });
  await showsClean(commands, source);
  config({ users: [{ name: EVIL, user: { exec: { command: EVIL, apiVersion: EVIL, interactiveMode: EVIL } } }] });
  await showsClean(commands, source);
  writeFileSync(file, `a: "${EVIL}`);
  await showsClean(commands, source);
});

/** As a program is called with such an argument; what is not an argument of the system is cut off by it. */
const ARGUMENTS: readonly (readonly string[])[] = [
  [EVIL],
  [`--${EVIL}`],
  ['help', EVIL],
  ['flows', EVIL],
  ['flows', `node:${EVIL}`, '--once'],
  ['flows', `bytes>${EVIL}`],
  ['flows', '--sort', EVIL],
  ['flows', '-o', EVIL],
  ['flows', '--protocol', EVIL],
  ['flows', '--state', EVIL],
  ['flows', '--recording', EVIL],
  ['flows', '--recording', 'x', '--at', EVIL],
  ['flows', '--endpoints', EVIL],
  ['flows', '--endpoints', `unix:/${EVIL}`, '--request-timeout', '200ms'],
  ['agents', '--endpoints', `unix:/${EVIL}`, '--request-timeout', '200ms'],
  ['doctor', '--endpoints', `unix:/${EVIL}`, '--request-timeout', '200ms'],
  ['graph', '--by', EVIL],
  ['agents', '--kubeconfig', EVIL],
  ['doctor', '--kubeconfig', EVIL],
  ['doctor', '--context', EVIL],
  ['install', '-f', EVIL],
  ['install', '--conntrack', EVIL],
  ['install', '--image', EVIL, '--dry-run'],
  ['replay', EVIL],
  ['completion', EVIL],
];

test('of arguments: options, words, names of files', async () => {
  await showsClean(ARGUMENTS, []);
});

test('of a file’s name: in the line of progress, and in what is said at the end', async (t) => {
  const agentOf = await FileAgent.start(t, lineOf({ port: 40_000 }));
  const folder = folderOf(t);
  const file = join(folder, `r\x1b]52;c;QQ==\x07\n${FORGED}`);
  const abort = new AbortController();
  const lines: string[] = [];
  let err = '';
  await run(['node', 'kflow', 'record', file, '--endpoints', agentOf.address], {
    stdout: () => {},
    flushed: async () => {},
    stderr: (text) => {
      err += text;
    },
    progress(line) {
      lines.push(line);
      if (line.includes('1 connections')) abort.abort();
    },
    signal: abort.signal,
    env: {},
    isTerminal: false,
  });
  for (const line of [...lines, err]) assertClean('record', line);
  assert.ok(lines.some((line) => line.startsWith('recording ')));
  assert.match(err, /recorded, /);
  // The raw name is the file's, and what is not shown is not offered for pasting.
  assert.doesNotMatch(err, /kflow replay/);
  const flows = await runKflow(['flows', '--recording', file, '-o', 'json']);
  assert.equal(JSON.parse(flows.out).length, 1);
  const again = await runKflow(['record', file, '--endpoints', agentOf.address]);
  assertClean('record on a file that is there', again.err);
  assert.match(again.err, /use --force to overwrite it/);
});

test('of the environment', async () => {
  const commands = [[], ['flows'], ['agents'], ['doctor']];
  await showsClean(commands, [], { KUBECONFIG: EVIL, HOME: EVIL });
  await showsClean(commands, [], { KUBECONFIG: EVIL, HTTPS_PROXY: EVIL });
  for (const env of [
    { CONNTRACK_PATH: `/${EVIL}`, KUBE_NODE_NAME: EVIL },
    { KFLOW_INTERVAL: EVIL },
    { CONNTRACK_PATH: EVIL },
  ])
    await showsClean(commands, ['--local', '--request-timeout', '200ms'], env);
});

test('the program itself: what it is called with comes to stderr clean', async () => {
  const { status, err } = await runKflowProcess([EVIL]);
  assert.equal(status, 2);
  assertClean('stderr', err);
});
