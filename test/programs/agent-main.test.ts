import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/agent/main.ts', import.meta.url));

test('a signal that comes twice ends the agent as one does', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-main-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const socket = join(folder, 'agent.sock');
  const agent = spawn(process.execPath, [MAIN, '--listen', `unix:${socket}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => agent.kill('SIGKILL'));
  let log = '';
  for await (const piece of agent.stderr.setEncoding('utf8')) {
    log += piece;
    if (log.includes('serving kflow.v1.FlowService') && !agent.killed) {
      agent.kill('SIGTERM');
      agent.kill('SIGTERM');
    }
  }
  if (agent.exitCode === null && agent.signalCode === null) await once(agent, 'exit');
  assert.deepEqual([agent.exitCode, agent.signalCode], [0, null], log);
  assert.ok(!existsSync(socket));
});

test('an address that is taken is one line, and what to do', async (t) => {
  const other = createServer();
  t.after(() => other.close());
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const agent = spawn(process.execPath, [MAIN, '--listen', `127.0.0.1:${port}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  for await (const piece of agent.stderr.setEncoding('utf8')) log += piece;
  if (agent.exitCode === null) await once(agent, 'exit');
  assert.equal(agent.exitCode, 1);
  assert.ok(
    log.endsWith(
      `kflow-agent: cannot listen on 127.0.0.1:${port}: another process does; stop it, or choose another address\n`,
    ),
    log,
  );
});

for (const setting of ['--listen', '--metrics-listen'])
  test(`${setting}: a path that is too long for a socket is one line that says so`, async () => {
    const path = `/run/${'x'.repeat(120)}`;
    const agent = spawn(process.execPath, [MAIN, setting, `unix:${path}`], { stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    for await (const piece of agent.stderr.setEncoding('utf8')) log += piece;
    if (agent.exitCode === null) await once(agent, 'exit');
    assert.equal(agent.exitCode, 2);
    assert.match(log, /^kflow-agent: --(metrics-)?listen: "unix:.*": the path has 125 bytes, .* at most 107: .*\n$/);
  });

test('the agent runs confined: it reads its code and its table, writes its sockets, and starts no programs', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-main-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const table = join(folder, 'table');
  const socket = join(folder, 'agent.sock');
  writeFileSync(table, '');
  const asked = [
    ['fs.read', table],
    ['fs.read', '/proc/sys/net/netfilter/nf_conntrack_max'],
    ['fs.write', socket],
    ['fs.read', folder],
    ['fs.read', '/etc/passwd'],
    ['fs.read', '/proc/self/environ'],
    ['fs.write', table],
    ['fs.write', join(folder, 'other')],
    ['child'],
    ['worker'],
    ['addon'],
  ];
  const tell = `if (process.permission) console.error('may ' + JSON.stringify(${JSON.stringify(asked)}.map((one) => process.permission.has(...one))))`;
  const hook = `data:text/javascript,${encodeURIComponent(tell)}`;
  const agent = spawn(process.execPath, ['--import', hook, MAIN, '--listen', `unix:${socket}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, CONNTRACK_PATH: table },
  });
  t.after(() => agent.kill('SIGKILL'));
  const { pid } = agent;
  let log = '';
  for await (const piece of agent.stderr.setEncoding('utf8')) {
    log += piece;
    if (log.includes('serving kflow.v1.FlowService')) agent.kill('SIGTERM');
  }
  assert.equal(agent.pid, pid);
  const [, may = ''] = /^may (.*)$/m.exec(log) ?? [];
  assert.deepEqual(JSON.parse(may || '[]'), [true, true, true, ...Array(8).fill(false)], log);
  assert.ok(!existsSync(socket), 'the socket is removed');
});

/** How it ends, where it is not to start. */
async function refused(args: readonly string[], env: NodeJS.ProcessEnv, cwd?: string) {
  const agent = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let log = '';
  for await (const piece of agent.stderr.setEncoding('utf8')) {
    log += piece;
    if (log.includes('serving kflow.v1.FlowService')) agent.kill('SIGKILL');
  }
  if (agent.exitCode === null && agent.signalCode === null) await once(agent, 'exit');
  return { status: agent.exitCode, log };
}

for (const [setting, value] of [
  ['CONNTRACK_PATH', '/tmp/kflow-*/table'],
  ['KFLOW_LISTEN', 'unix:/tmp/kflow-*'],
  ['KFLOW_METRICS_LISTEN', 'unix:///tmp/kflow-*'],
] as const)
  test(`${setting}: a path that would be a wildcard of Node's permissions is refused in one line`, async () => {
    const { status, log } = await refused([], { [setting]: value });
    assert.equal(status, 2);
    assert.match(
      log,
      new RegExp(`^kflow-agent: ${setting}: "[^"]*": "\\*" is a wildcard of Node's permission flags: .*\\n$`),
    );
  });

test('a folder with such a name is refused too, for paths that are relative', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-main-*-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { status, log } = await refused(['--listen', 'unix:agent.sock'], {}, folder);
  assert.equal(status, 1);
  assert.match(log, /^kflow-agent: \/\S+\*\S+agent\.sock: Node's permission flags take "\*" for a wildcard: .*\n$/);
});
