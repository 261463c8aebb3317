import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '../../../../../src/agent/config.ts';
import { startAgent } from '../../../../../src/agent/server.ts';
import { run } from '../../../../../src/client/cli/run.ts';

const EXAMPLE = fileURLToPath(new URL('../../../../../examples/shop.kflow', import.meta.url));
const SYN =
  'ipv4     2 tcp      6 100 SYN_SENT src=10.244.1.9 dst=192.0.2.1 sport=40000 dport=443 packets=1 bytes=60 ' +
  '[UNREPLIED] src=192.0.2.1 dst=10.244.1.9 sport=443 dport=40000 packets=0 bytes=0 mark=0 zone=0 use=2\n';

async function kflow(args: readonly string[]) {
  let out = '';
  let err = '';
  const status = await run(['node', '/usr/bin/kflow', ...args], {
    stdout: (text) => {
      out += text;
    },
    flushed: () => Promise.resolve(),
    stderr: (text) => {
      err += text;
    },
    signal: AbortSignal.timeout(20_000),
    env: {},
    isTerminal: false,
  });
  return { status, out, err };
}

/** An agent with this table, for as long as the callback takes. */
async function withAgent(table: string, use: (endpoint: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  const path = join(folder, 'table');
  writeFileSync(path, table);
  const listen = `unix:${join(folder, 'agent')}`;
  const environment = { CONNTRACK_PATH: path, KUBE_NODE_NAME: 'node-1', KFLOW_LISTEN: listen, KFLOW_INTERVAL: '100ms' };
  const parsed = parseConfig([], environment);
  assert.ok(parsed.kind === 'config');
  const agent = await startAgent(parsed.config);
  try {
    await use(listen);
  } finally {
    await agent.close();
    rmSync(folder, { recursive: true });
  }
}

test('a recording without a terminal: agents, problems and the heaviest connections at that time', async () => {
  for (const args of [
    ['replay', EXAMPLE, '--at', '1m20s'],
    ['--recording', EXAMPLE, '--at', '1m20s'],
  ]) {
    const { status, out, err } = await kflow(args);
    assert.deepEqual([status, err], [0, '']);
    const lines = out.split('\n');
    assert.match(lines[0] ?? '', /^kflow · \S+ · 3\/3 agents · 1 problem · [\d,]+ connections · [\d.]+ MB\/s$/);
    assert.equal(lines.filter((line) => /^node[123] +kflow\/kflow-daemon-\S+ +live /.test(line)).length, 3);
    assert.match(
      out,
      /^critical: TCP SYN unanswered: shop\/payments:80 \(\d+ connections .*\)\n {2}.*\n {2}next: .*$/m,
    );
    const from = lines.findIndex((line) => line.startsWith('SOURCE '));
    const connections = lines.slice(
      from + 1,
      lines.findIndex((line) => /^and [\d,]+ more: `kflow flows`$/.test(line)),
    );
    assert.equal(connections.length, 10);
    assert.match(connections[0] ?? '', /^shop\/\S+ .* \d+\.\d+ MB\/s /);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
    assert.doesNotMatch(out, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  }
});

test('before the fault there is no problem, and it says so', async () => {
  const { status, out } = await kflow(['replay', EXAMPLE, '--at', '20s']);
  assert.equal(status, 0);
  assert.match(out, / · 0 problems · /);
  assert.match(out, /^No problems\.$/m);
});

test('live, without a terminal: it watches long enough to find what is unanswered', () =>
  withAgent(SYN, async (endpoint) => {
    const { status, out } = await kflow(['--endpoints', endpoint]);
    assert.equal(status, 0);
    assert.match(out, /^node-1 +\S+ +live /m);
    assert.match(out, /^10\.244\.1\.9 +192\.0\.2\.1 .*SYN_SENT/m);
    assert.match(out, /^critical: TCP SYN unanswered: 192\.0\.2\.1:443 \(1 connection/m);
  }));

test('with an empty table: the reason, and status 1', () =>
  withAgent('', async (endpoint) => {
    const { status, out, err } = await kflow(['--endpoints', endpoint]);
    assert.deepEqual([status, out], [1, '']);
    assert.match(err, /^kflow: unix:\S+: no connections in the conntrack table \(`kflow doctor` checks why\)\n$/);
  }));

test('with no agent that answers: the reason, and status 1', async () => {
  const { status, out, err } = await kflow(['--endpoints', '127.0.0.1:1', '--request-timeout', '3s']);
  assert.deepEqual([status, out], [1, '']);
  assert.match(err, /^kflow: 127\.0\.0\.1:1: lost: .*ECONNREFUSED/);
});

test('a file that is no recording: its name, and status 1', async () => {
  const { status, out, err } = await kflow(['replay', '/dev/null']);
  assert.deepEqual([status, out], [1, '']);
  assert.match(err, /^kflow: \/dev\/null: /);
});
