import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseConfig } from '../../../../../src/agent/config.ts';
import { type RunningAgent, startAgent } from '../../../../../src/agent/server.ts';
import { run } from '../../../../../src/client/cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'kflow-record-'));
const file = (name: string) => join(folder, name);
const socket = `unix:${file('socket')}`;
let agent: RunningAgent;

const LINE =
  'ipv4     2 tcp      6 431999 ESTABLISHED src=10.244.2.3 dst=10.96.0.9 sport=33522 dport=80 packets=5 bytes=300 ' +
  'src=10.244.1.3 dst=10.89.0.12 sport=8080 dport=33522 packets=4 bytes=5000 [ASSURED] mark=0 zone=0 use=2\n';

before(async () => {
  writeFileSync(file('table'), LINE);
  const environment = { CONNTRACK_PATH: file('table'), KUBE_NODE_NAME: 'node1', KFLOW_LISTEN: socket };
  const parsed = parseConfig([], { ...environment, KFLOW_INTERVAL: '50ms', KFLOW_MAX_DUTY: '1' });
  assert.ok(parsed.kind === 'config');
  agent = await startAgent(parsed.config);
  // However slow this machine is: until several frames have the connection.
  const seconds = new Set<string>();
  await kflow(['record', file('good'), '--endpoints', socket], (line, abort) => {
    const second = / (\d+:\d\d) .* 1 connections/.exec(line)?.[1];
    if (second !== undefined && seconds.add(second).size > 2) abort();
  });
});

after(async () => {
  await agent.close();
  rmSync(folder, { recursive: true });
});

async function kflow(args: readonly string[], progressed?: (line: string, abort: () => void) => void) {
  const abort = new AbortController();
  const said = { out: '', err: '' };
  const status = await run(['node', '/usr/bin/kflow', ...args], {
    stdout: (text) => {
      said.out += text;
    },
    stderr: (text) => {
      said.err += text;
    },
    flushed: () => Promise.resolve(),
    progress: (line) => progressed?.(line, () => abort.abort()),
    signal: abort.signal,
    env: {},
    isTerminal: false,
  });
  return { status, ...said };
}

test('what was recorded is there for every command: connections, agents, ages as they were', async () => {
  const flows = await kflow(['flows', '--recording', file('good'), '-o', 'json']);
  assert.deepEqual([flows.status, flows.err], [0, '']);
  const [connection, ...others] = JSON.parse(flows.out);
  assert.deepEqual(others, []);
  assert.deepEqual(connection.bytesPerSecond, { sent: 0, received: 0 });
  assert.ok(connection.observedSeconds <= 10);
  const agents = await kflow(['agents', '--recording', file('good'), '-o', 'json']);
  assert.equal(JSON.parse(agents.out)[0].node, 'node1');
  assert.equal(JSON.parse(agents.out)[0].status, 'live');
});

test('--duration ends it, and says what was recorded, where, and how to see it', async () => {
  const began = performance.now();
  const { status, out, err } = await kflow(['record', file('short'), '--endpoints', socket, '--duration', '700ms']);
  assert.ok(performance.now() - began >= 700);
  assert.deepEqual([status, out], [0, '']);
  assert.match(err, /short: 0:0\d recorded, .* kflow replay .*short\n$/);
});

test('only its owner may read it', () => {
  assert.equal(statSync(file('good')).mode & 0o777, 0o600);
});

test('a file that is there is not overwritten, but with --force', async () => {
  writeFileSync(file('mine'), 'precious', { mode: 0o644 });
  const refused = await kflow(['record', file('mine'), '--endpoints', socket]);
  assert.equal(refused.status, 1);
  assert.match(refused.err, /mine: file exists; use --force to overwrite it/);
  assert.equal(readFileSync(file('mine'), 'utf8'), 'precious');
  await kflow(['record', file('mine'), '--endpoints', socket, '--force', '--duration', '300ms']);
  assert.match(readFileSync(file('mine'), 'latin1'), /^kflow recording 1\.1\n/);
  assert.equal(statSync(file('mine')).mode & 0o777, 0o600);
});

test('Ctrl-C ends it, and the file is whole', async () => {
  const lines: string[] = [];
  await kflow(['record', file('ended'), '--endpoints', socket], (line, abort) => {
    lines.push(line);
    if (line.includes('1 connections')) abort();
  });
  assert.match(lines.at(-2) ?? '', /^recording .*ended · 0:0\d · 1\/1 agents · 1 connections · .*B · Ctrl-C ends it$/);
  assert.equal(lines.at(-1), '');
  const { status, err } = await kflow(['flows', '--recording', file('ended'), '-o', 'json']);
  assert.deepEqual([status, err], [0, '']);
});

test('after a crash: what is whole, and a word of it', async () => {
  writeFileSync(file('cut'), readFileSync(file('good')));
  truncateSync(file('cut'), statSync(file('good')).size - 20);
  const { status, out, err } = await kflow(['flows', '--recording', file('cut'), '-o', 'json']);
  assert.deepEqual([status, JSON.parse(out).length], [0, 1]);
  assert.match(err, /incomplete \(truncated or still being written\)/);
});

for (const [what, bytes, message] of [
  ['another file', 'hello\n', /not a recording of kflow \(`kflow record` makes one\)/],
  ['an empty file', '', /empty: nothing was recorded/],
  ['one without a snapshot', 'kflow recording 1.0\n', /nothing was recorded before it ended/],
  ['one of a newer kflow', 'kflow recording 2.7\n', /its format 2\.7 is that of a newer kflow; .* update kflow/],
] as const)
  test(`${what} is refused: which file, why, and what next`, async () => {
    writeFileSync(file('bad'), bytes);
    const { status, out, err } = await kflow(['flows', '--recording', file('bad')]);
    assert.deepEqual([status, out], [1, '']);
    assert.match(err, message);
    assert.ok(err.startsWith(`kflow: ${file('bad')}: `));
  });

test('no file, and a folder', async () => {
  const missing = await kflow(['flows', '--recording', file('none')]);
  assert.deepEqual([missing.status, missing.err], [1, `kflow: ${file('none')}: no such file or directory\n`]);
  const directory = await kflow(['flows', '--recording', folder]);
  assert.deepEqual([directory.status, directory.err], [1, `kflow: ${folder}: a directory\n`]);
  const nowhere = await kflow(['record', join(folder, 'no', 'where'), '--endpoints', socket]);
  assert.deepEqual([nowhere.status, nowhere.err], [1, `kflow: ${folder}/no/where: no such file or directory\n`]);
});

test('a full disk: what it is, and what is kept', async () => {
  const { status, err } = await kflow(['record', '/dev/full', '--force', '--endpoints', socket]);
  assert.deepEqual([status, err], [1, 'kflow: /dev/full: no space left on device: nothing was recorded\n']);
});

test('data comes from one place', async () => {
  for (const [args, message] of [
    [['flows', '--recording', 'x', '--local'], /--local and --recording cannot be combined/],
    [['flows', '--recording', 'x', '--context', 'y'], /--recording and --context cannot be combined/],
    [['flows', '--local', '--at', '3s'], /--at requires --recording/],
    [['replay', 'x', '--local'], /--local/],
    [['replay', 'x', '--speed', '0'], /from 0\.125 to 64/],
    [['--recording', 'x', 'record', 'y'], /a recording already/],
    [['record', 'x', '--filter', 'port:'], /\^/],
    [['record', 'x', '--duration', '0'], /Expected a time such as 30s/],
  ] as const) {
    const { status, err } = await kflow(args);
    assert.deepEqual([status, message.test(err)], [2, true], err);
  }
});
