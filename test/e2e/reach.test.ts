import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isInstalled } from '../lab/requirements.ts';
import { until } from '../lab/until.ts';
import { AGENT_IMAGE, installAgents, noAgents } from './agents.ts';
import { runKflow, startKflow } from './cli.ts';
import { Playground } from './playground.ts';

const PORT = 50_051;
const GRPCURL = ['kubectl', 'grpcurl'].find((tool) => !isInstalled(tool));

/** Tries each, and says what became of it. */
const KNOCK = `for (const host of process.argv.slice(1)) {
  const socket = require('node:net').connect({ host, port: ${PORT}, timeout: 5000 });
  const tell = (what) => { console.log(host, what); socket.destroy(); };
  socket.on('connect', () => tell('connected')).on('error', (error) => tell(error.code)).on('timeout', () => tell('silence'));
}`;

describe('who reaches an agent', { skip: noAgents, timeout: 180_000 }, () => {
  let playground: Playground;
  before(async () => {
    playground = new Playground();
    await playground.open();
    await installAgents(playground);
  });
  after(() => playground?.close());

  it('nobody, at the address of its pod or its node', async () => {
    const { core, namespace } = playground;
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'app=kflow-daemon' });
    const hosts = items.flatMap(({ status }) => [status?.podIP ?? '', status?.hostIP ?? '']);
    const command = ['/usr/local/bin/node', '-e', KNOCK, '--', ...hosts];
    const container = { name: 'main', image: AGENT_IMAGE ?? '', imagePullPolicy: 'IfNotPresent', command };
    const spec = { restartPolicy: 'Never', containers: [container] };
    await playground.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'stranger' }, spec } as never);
    const log = await playground.find('end of the stranger', async () => {
      const { status } = await core.readNamespacedPod({ name: 'stranger', namespace });
      const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed';
      return ended ? core.readNamespacedPodLog({ name: 'stranger', namespace }) : undefined;
    });
    assert.deepEqual(log.trim().split('\n').sort(), hosts.map((host) => `${host} ECONNREFUSED`).sort());
  });

  it('grpcurl, through kubectl port-forward', { skip: GRPCURL && `needs ${GRPCURL}: not installed` }, async (t) => {
    const forward = spawn('kubectl', ['-n', playground.namespace, 'port-forward', 'ds/kflow-daemon', `:${PORT}`]);
    t.after(() => forward.kill());
    const [words] = (await once(forward.stdout, 'data')) as [Buffer];
    const address = /127\.0\.0\.1:\d+/.exec(words.toString())?.[0] ?? '';
    forward.stdout.resume();
    const grpcurl = async (...args: string[]) => {
      const child = spawn('grpcurl', ['-plaintext', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
      let out = '';
      child.stdout.on('data', (piece) => {
        out += piece;
      });
      const [status] = await once(child, 'close');
      assert.equal(status, 0);
      return out;
    };
    assert.match(await grpcurl(address, 'list'), /^kflow\.v1\.FlowService$/m);
    assert.match(await grpcurl(address, 'kflow.v1.FlowService/GetAgent'), /"nodeName": "/);
    const watched = await grpcurl(
      '-d',
      '{"snapshot_only": true, "max_flows": 3}',
      address,
      'kflow.v1.FlowService/WatchFlows',
    );
    assert.match(watched, /"sequence": "1"/);
    assert.match(watched, /"endOfPoll": true/);
  });
});

/** Tries to read each, and says what came of it. */
const READ = `for (const path of process.argv.slice(1)) {
  try { console.log(path, require('node:fs').readFileSync(path).length > 0 ? 'read' : 'empty'); }
  catch (error) { console.log(path, error.code); }
}

const compiled = require('node:module').getCompileCacheDir();
console.log('compiled code', compiled !== undefined && require('node:fs').readdirSync(compiled).length > 2);
console.log('ids', process.getuid(), process.getgid(), process.getgroups().join(','));
console.log('processes', require('node:fs').readdirSync('/proc').filter((name) => Number(name) > 0).length < 10);
console.log('capabilities', /CapEff:\\s+(\\w+)/.exec(require('node:fs').readFileSync('/proc/self/status', 'utf8'))[1]);`;

describe('what an agent reaches', {
  skip: noAgents ?? (isInstalled('kubectl') ? undefined : 'needs kubectl'),
  timeout: 180_000,
}, () => {
  let playground: Playground;
  before(async () => {
    playground = new Playground();
    await playground.open();
    await installAgents(playground);
  });
  after(() => playground?.close());

  it('the table and the other network files of its node: no process of it, no file, no secret of another pod', async () => {
    const unreachable = [
      '/host/proc/1/environ',
      '/host/proc/1/root/etc/shadow',
      '/host/proc/self/environ',
      '/host/proc/cmdline',
    ];
    const token = '/var/run/secrets/kubernetes.io/serviceaccount/token';
    const paths = ['/host/proc/1/net/nf_conntrack', '/host/proc/1/net/unix', ...unreachable, token];
    const exec = spawn('kubectl', [
      '-n',
      playground.namespace,
      'exec',
      'ds/kflow-daemon',
      '--',
      '/usr/local/bin/node',
      '-e',
      READ,
      '--',
      ...paths,
    ]);
    let out = '';
    for await (const piece of exec.stdout) out += piece;
    assert.deepEqual(out.trim().split('\n'), [
      '/host/proc/1/net/nf_conntrack read',
      '/host/proc/1/net/unix read',
      ...[...unreachable, token].map((path) => `${path} ENOENT`),
      'compiled code true',
      'ids 20050 0 0',
      'processes true',
      'capabilities 0000000000000000',
    ]);
  });
});

describe('what kflow leaves behind', { skip: noAgents, timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  const env = { XDG_RUNTIME_DIR: folder };
  let playground: Playground;
  before(async () => {
    playground = new Playground();
    await playground.open();
    await installAgents(playground);
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await playground?.close();
  });

  const start = async () => {
    const child = startKflow(['flows', '-f', '-o', 'json', '--agent-namespace', playground.namespace], env);
    await once(child.stdout ?? child, 'data');
    child.stdout?.resume();
    child.stderr?.resume();
    assert.equal(readdirSync(folder).length, 1, 'one folder, for all agents');
    return child;
  };

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)
    it(`nothing after ${signal}`, async () => {
      const child = await start();
      child.kill(signal);
      await once(child, 'close');
      assert.deepEqual(readdirSync(folder), []);
    });

  it('nothing after its own end', async () => {
    const { status } = await runKflow(['agents', '--agent-namespace', playground.namespace], env);
    assert.equal(status, 0);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('what SIGKILL left goes at the next start', async () => {
    const killed = await start();
    const [left] = readdirSync(folder);
    killed.kill('SIGKILL');
    await once(killed, 'close');
    assert.equal(existsSync(join(folder, left ?? '')), true);
    const { status } = await runKflow(['agents', '--agent-namespace', playground.namespace], env);
    assert.equal(status, 0);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('no memory while it is stopped, and it continues', async () => {
    const child = await start();
    const memory = () =>
      Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
    const before = memory();
    child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    child.kill('SIGCONT');
    await until('it continues', 20_000, () => once(child.stdout ?? child, 'data'));
    assert.ok(memory() < before + 50, `${before} MiB before, ${memory()} MiB after`);
    child.kill('SIGTERM');
    await once(child, 'close');
  });
});
