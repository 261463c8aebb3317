import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '../../src/agent/config.ts';
import { type RunningAgent, startAgent } from '../../src/agent/server.ts';
import { Recorder } from '../../src/client/recording/recorder.ts';
import { type Ended, KFLOW, runProcess as run } from '../unit/client/cli/commands/run-process.ts';
import { connection, snapshot } from '../unit/client/tui/fixtures.ts';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const AGENT = path('src/agent/main.ts');
const SHOP = path('examples/shop.kflow');
const folder = mkdtempSync(join(tmpdir(), 'kflow-output-'));
const file = (name: string) => join(folder, name);
const socket = `unix:${file('socket')}`;
let agent: RunningAgent;

before(async () => {
  const line = (port: number) =>
    `ipv4     2 tcp      6 431999 ESTABLISHED src=10.1.0.1 dst=10.1.0.2 sport=${port} dport=80 packets=5 bytes=300 ` +
    `src=10.1.0.2 dst=10.1.0.1 sport=80 dport=${port} packets=4 bytes=500 [ASSURED] mark=0 zone=0 use=2\n`;
  writeFileSync(file('table'), Array.from({ length: 2_000 }, (_, i) => line(1_000 + i)).join(''));
  const parsed = parseConfig([], { CONNTRACK_PATH: file('table'), KUBE_NODE_NAME: 'node1', KFLOW_LISTEN: socket });
  assert.ok(parsed.kind === 'config');
  agent = await startAgent(parsed.config);
});
after(async () => {
  await agent.close();
  rmSync(folder, { recursive: true });
});

/** Runs kflow, or its agent, with its output in this file. */
async function into(output: string, args: readonly string[], main = KFLOW): Promise<Ended> {
  const out = openSync(output, 'w');
  try {
    return await run(process.execPath, [main, ...args], { out });
  } finally {
    closeSync(out);
  }
}

const COMMANDS: readonly (readonly string[])[] = [
  ['version'],
  ['--help'],
  ['completion', 'bash'],
  ['flows', '--recording', SHOP],
  ['flows', '--recording', SHOP, '-o', 'csv'],
  ['flows', '-f', '--recording', SHOP, '-o', 'json'],
  ['graph', '--recording', SHOP],
  ['agents', '--recording', SHOP, '-o', 'json'],
  ['doctor', '--endpoints', 'unix:/nowhere'],
];

describe('a full disk is an error', {
  skip: existsSync('/dev/full') ? false : 'needs /dev/full',
  concurrency: 2,
}, () => {
  for (const args of COMMANDS)
    it(`of kflow ${args.join(' ').replace(SHOP, 'FILE')}`, async () => {
      const { status, err } = await into('/dev/full', args);
      assert.equal(status, 1);
      assert.match(err, /^kflow: the output cannot be written: no space left on device$/m);
    });

  it('of kflow-agent --help', async () => {
    const { status, err } = await into('/dev/full', ['--help'], AGENT);
    assert.equal(status, 1);
    assert.equal(err, 'kflow-agent: the output cannot be written: no space left on device\n');
  });

  for (const args of [['flows', '-f'], ['flows'], ['agents'], ['record', '-']])
    it(`of kflow ${args.join(' ')} on what is live, which is left at once`, async () => {
      const { status, err } = await into('/dev/full', [...args, '--endpoints', socket]);
      assert.deepEqual([status, /no space left on device/.test(err)], [1, true], err);
    });
});

it('a disk that becomes full within a write is an error, too', async () => {
  const script = 'ulimit -f 4; "$0" "$1" flows --recording "$2" -o json > "$3"';
  const { status, err } = await run('bash', ['-c', script, process.execPath, KFLOW, SHOP, file('short')]);
  assert.equal(statSync(file('short')).size, 4096);
  assert.equal(status, 1);
  assert.match(err, /the output cannot be written: file too large/);
});

for (const args of [
  ['flows', '-o', 'json'],
  ['flows', '-f', '-o', 'json'],
  ['record', '-'],
])
  it(`a reader that has gone is no error of kflow ${args.join(' ')}`, async () => {
    const script = 'set -o pipefail; "$0" "$@" | head -c 20 >/dev/null';
    const command = [script, process.execPath, KFLOW, ...args, '--endpoints', socket];
    const { status, err } = await run('bash', ['-c', ...command]);
    assert.deepEqual([status, err], [0, '']);
  });

it('no cell of CSV is a formula, whatever a recording calls its endpoints', async () => {
  const names = ['＝cmd', 'a;=cmd', 'a;"＋cmd'];
  const rows = names.map((name, i) => connection({ id: i + 1, source: { kind: 'pod', address: '10.0.0.1', name } }));
  const recorder = new Recorder();
  const begin = recorder.begin({ writer: 'test', startedAt: 1 });
  writeFileSync(file('formulas'), Buffer.concat([begin, recorder.take(snapshot(rows), 0), recorder.end(0)]));
  const { out } = await run(process.execPath, [KFLOW, 'flows', '--recording', file('formulas'), '-o', 'csv']);
  for (const cell of ["'＝cmd", "a;'=cmd", `"a;'""＋cmd"`]) assert.ok(out.includes(`,${cell},`), `${cell} in ${out}`);
});

describe('record -', () => {
  const record = ['record', '-', '--duration', '500ms'];
  it('writes a whole recording to standard output, and nothing else', async () => {
    const recorded = await into(file('recorded'), [...record, '--endpoints', socket]);
    assert.equal(recorded.status, 0, recorded.err);
    assert.match(recorded.err, /^kflow: standard output: 0:0\d recorded, \S+ \S+\n$/);
    const piped = await run(process.execPath, [KFLOW, ...record, '--endpoints', socket]);
    writeFileSync(file('piped'), piped.bytes);
    assert.equal(existsSync('-'), false);
    for (const name of ['recorded', 'piped']) {
      const { out, err } = await run(process.execPath, [KFLOW, 'flows', '--recording', file(name), '-o', 'json']);
      assert.equal(err, '', 'it has its end');
      assert.equal(JSON.parse(out).length, 2_000);
    }
  });
});
