import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseConfig } from '../../../../src/agent/config.ts';
import { type RunningAgent, startAgent } from '../../../../src/agent/server.ts';
import { run } from '../../../../src/client/cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
const agents: RunningAgent[] = [];
const [ONE, TWO, SLOW, GONE] = ['one', 'two', 'slow', 'gone'].map((name) => `unix:${join(folder, name)}`) as [
  string,
  string,
  string,
  string,
];

/** A connection as the node that it leaves sees it: a service, behind which is 10.244.1.3. */
const LEAVING =
  'ipv4     2 tcp      6 431999 ESTABLISHED src=10.244.2.3 dst=10.96.0.9 sport=33522 dport=80 packets=5 bytes=300 ' +
  'src=10.244.1.3 dst=10.89.0.12 sport=8080 dport=33522 packets=4 bytes=5000 [ASSURED] mark=0 zone=0 use=2\n';
/** The same, as the node that it enters sees it. */
const ENTERING =
  'ipv4     2 tcp      6 431999 ESTABLISHED src=10.89.0.12 dst=10.244.1.3 sport=33522 dport=8080 packets=5 bytes=300 ' +
  'src=10.244.1.3 dst=10.89.0.12 sport=8080 dport=33522 packets=4 bytes=5000 [ASSURED] mark=0 zone=0 use=2\n';
const SYN =
  'ipv4     2 tcp      6 100 SYN_SENT src=10.244.1.9 dst=192.0.2.1 sport=40000 dport=443 packets=1 bytes=60 ' +
  '[UNREPLIED] src=192.0.2.1 dst=10.244.1.9 sport=443 dport=40000 packets=0 bytes=0 mark=0 zone=0 use=2\n';
const UDP =
  'ipv4     2 udp      17 25 src=10.244.1.9 dst=10.96.0.10 sport=50000 dport=53 packets=1 bytes=60 ' +
  'src=10.96.0.10 dst=10.244.1.9 sport=53 dport=50000 packets=1 bytes=90 mark=0 zone=0 use=2\n';

before(async () => {
  for (const [name, table, interval] of [
    ['one', ENTERING + SYN, '50ms'],
    ['two', LEAVING, '50ms'],
    ['slow', SYN, '1h'],
  ] as const) {
    const path = join(folder, `${name}.table`);
    writeFileSync(path, table);
    const listen = `unix:${join(folder, name)}`;
    const environment = { CONNTRACK_PATH: path, KUBE_NODE_NAME: `node-${name}`, KFLOW_LISTEN: listen };
    const parsed = parseConfig([], { ...environment, KFLOW_INTERVAL: interval, KFLOW_MAX_DUTY: '1' });
    assert.ok(parsed.kind === 'config');
    agents.push(await startAgent(parsed.config));
  }
});

after(async () => {
  await Promise.all(agents.map((agent) => agent.close()));
  rmSync(folder, { recursive: true });
});

interface Result {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls kflow; `heard` sees what is printed, and may abort. */
async function kflow(args: readonly string[], heard?: (stdout: string, abort: () => void) => void): Promise<Result> {
  const abort = new AbortController();
  let stdout = '';
  let stderr = '';
  const status = await run(['node', '/usr/bin/kflow', ...args], {
    stdout: (text) => {
      stdout += text;
      heard?.(stdout, () => abort.abort());
    },
    flushed: () => Promise.resolve(),
    stderr: (text) => {
      stderr += text;
    },
    signal: abort.signal,
    env: {},
    isTerminal: false,
  });
  return { status, stdout, stderr };
}

test('flows: one connection of what two agents saw', async () => {
  const { status, stdout, stderr } = await kflow([
    'flows',
    '--endpoints',
    `${ONE},${TWO}`,
    '-o',
    'json',
    '--port',
    '80',
  ]);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  const [connection, ...others] = JSON.parse(stdout);
  assert.deepEqual(others, []);
  assert.equal(connection.source.address, '10.244.2.3');
  assert.equal(connection.destination.address, '10.244.1.3');
  assert.equal(connection.via.service.port, 80);
  assert.deepEqual(connection.via.snat, { address: '10.89.0.12', port: 33522 });
  assert.deepEqual(connection.bytesPerSecond, { sent: 0, received: 0 });
  assert.deepEqual(connection.observedBy, ['node-one', 'node-two']);
});

test('flows --once: at once, without rates', async () => {
  const { stdout } = await kflow(['flows', '--endpoints', SLOW, '--once', '-o', 'json', 'state:syn_sent']);
  const [connection, ...others] = JSON.parse(stdout);
  assert.deepEqual(others, []);
  assert.equal(connection.destination.port, 443);
  assert.equal(connection.replied, false);
  assert.equal('bytesPerSecond' in connection, false);
});

test('flows: waits for a second poll no longer than it may', async () => {
  const args = ['flows', '--endpoints', SLOW, '--request-timeout', '1500ms', '-o', 'csv'];
  const { status, stdout, stderr } = await kflow(args);
  assert.deepEqual([status, stdout.trimEnd().split('\n').length], [0, 2]);
  assert.match(stderr, /node-slow .*polled only once so far \(it polls every 1h00m\)/);
});

test('flows: a table, sorted and limited', async () => {
  const { stdout } = await kflow(['flows', '--endpoints', ONE, '--sort', 'total', '--limit', '1']);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? '', /^SOURCE +DESTINATION/);
  assert.match(lines[1] ?? '', /^10\.89\.0\.12 /);
});

test('flows: nothing that fits is an empty array, and is said', async () => {
  const { status, stdout, stderr } = await kflow(['flows', '--endpoints', ONE, '--once', '-o', 'json', '--port', '7']);
  assert.deepEqual([status, JSON.parse(stdout)], [0, []]);
  assert.match(stderr, /0 of 2 connections match the filter/);
});

test('flows: an agent that is not there is named, and the others are printed', async () => {
  const { status, stdout, stderr } = await kflow(['flows', '--endpoints', `${GONE},${TWO}`, '-o', 'csv']);
  assert.equal(status, 0);
  assert.equal(stdout.trimEnd().split('\n').length, 2);
  assert.match(stderr, /kflow: unix:.*gone: lost: connect ENOENT/);
});

test('flows: no agent at all is a failure that says why for each', async () => {
  const { status, stdout, stderr } = await kflow(['flows', '--endpoints', `${GONE},${GONE}2`]);
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /no data from any agent.*\n {2}unix:.*gone: lost: .*ENOENT.*\n {2}unix:.*gone2: lost: .*ENOENT/);
});

test('flows -f: one event a line: what comes, changes and goes, each once', { timeout: 20_000 }, async () => {
  const path = join(folder, 'changing.table');
  const write = (table: string) => {
    // A reader sees the one or the other, and no half of it.
    writeFileSync(`${path}.new`, table);
    renameSync(`${path}.new`, path);
  };
  write(LEAVING + SYN);
  const listen = `unix:${join(folder, 'changing')}`;
  const parsed = parseConfig([], {
    CONNTRACK_PATH: path,
    KFLOW_LISTEN: listen,
    KFLOW_INTERVAL: '50ms',
    KFLOW_MAX_DUTY: '1',
  });
  assert.ok(parsed.kind === 'config');
  agents.push(await startAgent(parsed.config));
  const steps = [
    { waitsFor: /"added",.*"state":"SYN_SENT"/, act: () => write(LEAVING + SYN + UDP) },
    { waitsFor: /"added",.*"protocol":"udp"/, act: () => write(LEAVING.replace('bytes=5000', 'bytes=7000') + UDP) },
    { waitsFor: /"removed"/, act: () => write(LEAVING.replace('bytes=5000', 'bytes=9000') + UDP) },
    { waitsFor: /"received":9000/, act: undefined },
  ];
  const { stdout } = await kflow(['flows', '-f', '-o', 'json', '--endpoints', listen], (stdout, abort) => {
    while (steps[0]?.waitsFor.test(stdout)) {
      const { act } = steps.shift() ?? {};
      if (act === undefined) abort();
      else act();
    }
  });
  const events: { event: string; protocol: string; state?: string; ageSeconds: number }[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const reported = (wanted: string) =>
    events.filter(({ event }) => event === wanted).map(({ protocol, state }) => `${protocol} ${state ?? ''}`.trim());
  assert.deepEqual(reported('added').toSorted(), ['tcp ESTABLISHED', 'tcp SYN_SENT', 'udp']);
  assert.deepEqual(reported('removed'), ['tcp SYN_SENT']);
  const lines = events
    .filter(({ state }) => state === 'ESTABLISHED')
    .map((one) => ({ ...one, ageSeconds: 0, observedSeconds: 0 }));
  for (const [i, line] of lines.entries()) if (i > 0) assert.notDeepEqual(line, lines[i - 1], 'nothing is said twice');
});

test('agents: a row each', async () => {
  const { status, stdout } = await kflow(['agents', '--endpoints', `${TWO},${ONE},${GONE}`, '-o', 'json']);
  assert.equal(status, 0);
  const [one, two, gone] = JSON.parse(stdout);
  assert.deepEqual([one.node, one.status, one.flows, one.accounting], ['node-one', 'live', 2, 'on']);
  assert.deepEqual([two.node, two.source, two.intervalSeconds], ['node-two', 'procfs', 0.05]);
  assert.deepEqual([gone.status, 'version' in gone], ['lost', false]);
  assert.match(gone.reason, /ENOENT/);
});

for (const [args, message] of [
  [['bogus'], /unknown command 'bogus'/],
  [['--bogus'], /unknown option '--bogus'/],
  [['flows', '-o', 'yaml'], /Allowed choices are table, wide, json, csv/],
  [['flows', '--limit', '0'], /number from 1 on/],
  [['flows', '--sort', 'size'], /no column is called "size": source, destination/],
  [['flows', '--port', 'x'], /--port: "x" is not a port/],
  [['flows', '--from-port', '70000'], /--from-port: "70000" is not a port/],
  [['flows', 'tcp', 'prot:tcp'], /no field is called "prot".*\n {2}tcp prot:tcp\n {6}\^\^\^\^\n/],
  [['flows', '-f', '--once'], /--follow and --once cannot be combined/],
  [['flows', '--local', '--endpoints', 'a:1'], /--local and --endpoints cannot be combined/],
  [['--local', 'flows', '--agent-namespace', 'kflow'], /--local and --agent-namespace cannot be combined/],
  [['agents', '-n', 'shop'], /--agent-namespace shop chooses the agents there/],
  [['--agent-namespace', 'blue', 'install'], /--agent-namespace is not supported by install/],
  [['agents', '--endpoints', 'a'], /"a": the port is missing/],
  [['agents', '--endpoints', `unix:/${'x'.repeat(107)}`], /the path has 108 bytes, .* at most 107/],
  [['agents', '--request-timeout', 'soon'], /Expected a time/],
] as const)
  test(`kflow ${args.join(' ')} is called wrongly`, async () => {
    const { status, stdout, stderr } = await kflow(args);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, message);
  });

test('a bad setting in the environment is one line, and status 2', async () => {
  let stderr = '';
  const status = await run(['node', 'kflow', 'flows', '--local'], {
    stdout: () => {},
    flushed: () => Promise.resolve(),
    stderr: (text) => {
      stderr += text;
    },
    signal: new AbortController().signal,
    env: { KFLOW_INTERVAL: 'often' },
    isTerminal: false,
  });
  assert.equal(status, 2);
  assert.match(stderr, /^kflow: KFLOW_INTERVAL: "often" is not .*\n$/);
});

test('help and version are data, and succeed', async () => {
  const help = await kflow(['--help']);
  assert.equal(help.status, 0);
  assert.match(help.stdout, /^Usage: kflow .*Examples:/s);
  const plugin: string[] = [];
  const io = {
    flushed: () => Promise.resolve(),
    stderr: () => {},
    signal: new AbortController().signal,
    env: {},
    isTerminal: false,
  };
  await run(['node', '/usr/bin/kubectl-kflow', '--help'], { ...io, stdout: (text) => plugin.push(text) });
  assert.match(plugin.join(''), /^Usage: kubectl kflow /);
  for (const args of [['version'], ['--version']]) assert.match((await kflow(args)).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('graph: boxes and edges for Graphviz, filtered as flows are', async () => {
  const { status, stdout, stderr } = await kflow(['graph', '--endpoints', `${ONE},${TWO}`, '--port', '80']);
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /^digraph kflow \{\n/);
  assert.match(stdout, /"node-two" -> "node-one" \[.*connections=1/);
  assert.doesNotMatch(stdout, /192\.0\.2\.1/);
  const byWorkload = await kflow(['graph', '--endpoints', ONE, '--by', 'workload', 'state:syn_sent']);
  assert.match(byWorkload.stdout, /"10\.244\.1\.9" -> "192\.0\.2\.1" \[label="(→ 0 B\/s\\n← 0 B\/s\\n)?✗ 1"/);
  assert.equal((await kflow(['graph', '--by', 'colour'])).status, 2);
  assert.equal((await kflow(['graph', '--endpoints', ONE, 'nonsense:1'])).status, 2);
});
