import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { getServers, setServers } from 'node:dns';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { parseConfig } from '../../../../../src/agent/config.ts';
import { type RunningAgent, startAgent } from '../../../../../src/agent/server.ts';
import { run } from '../../../../../src/client/cli/run.ts';

const LINE =
  'ipv4     2 tcp      6 431999 ESTABLISHED src=10.244.1.9 dst=192.0.2.1 sport=40000 dport=443 packets=1 bytes=60 ' +
  'src=192.0.2.1 dst=10.244.1.9 sport=443 dport=40000 packets=1 bytes=60 [ASSURED] mark=0 zone=0 use=2\n';
const NAME = 'www.example.com';

/** A DNS server that knows the name of 192.0.2.1, and what it was asked. */
async function dnsServer(t: TestContext): Promise<string[]> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (question, { port, address }) => {
    const labels: string[] = [];
    let at = 12;
    for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
      labels.push(question.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const name = labels.join('.');
    asked.push(name);
    const isKnown = name === '1.2.0.192.in-addr.arpa';
    const reply = Buffer.concat([question.subarray(0, at + 5), isKnown ? pointer(NAME) : Buffer.alloc(0)]);
    reply.writeUInt16BE(isKnown ? 0x8180 : 0x8183, 2);
    reply.writeUInt16BE(isKnown ? 1 : 0, 6);
    reply.writeUInt32BE(0, 8);
    socket.send(reply, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const servers = getServers();
  setServers([`127.0.0.1:${socket.address().port}`]);
  t.after(() => {
    setServers(servers);
    socket.close();
  });
  return asked;
}

/** A PTR record for what was asked. */
function pointer(name: string): Buffer {
  const data = Buffer.concat([
    ...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);
  const head = Buffer.from([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60, 0, data.length]);
  return Buffer.concat([head, data]);
}

const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
const endpoint = `unix:${join(folder, 'agent')}`;
let agent: RunningAgent | undefined;
before(async () => {
  const path = join(folder, 'table');
  writeFileSync(path, LINE);
  const parsed = parseConfig([], { CONNTRACK_PATH: path, KFLOW_LISTEN: endpoint, KFLOW_INTERVAL: '100ms' });
  assert.ok(parsed.kind === 'config');
  agent = await startAgent(parsed.config);
});
after(async () => {
  await agent?.close();
  rmSync(folder, { recursive: true });
});

async function kflow(...args: string[]) {
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

test('flows --resolve waits for the name of an outside address, in the DNS', async (t) => {
  const asked = await dnsServer(t);
  const { status, out } = await kflow('flows', '--endpoints', endpoint, '--resolve', '-o', 'json');
  assert.equal(status, 0);
  assert.equal(JSON.parse(out)[0].destination.name, NAME);
  assert.ok(asked.includes('1.2.0.192.in-addr.arpa'));
});

test('without it nobody is asked', async (t) => {
  const asked = await dnsServer(t);
  const { out } = await kflow('flows', '--endpoints', endpoint, '-o', 'json');
  assert.equal('name' in JSON.parse(out)[0].destination, false);
  assert.deepEqual(asked, []);
});

test('the graph and the overview have the name too', async (t) => {
  await dnsServer(t);
  const graph = await kflow('graph', '--endpoints', endpoint, '--resolve', '--by', 'workload');
  assert.match(graph.out, /www\.example\.com/);
  const overview = await kflow('--endpoints', endpoint, '--resolve');
  assert.match(overview.out, /10\.244\.1\.9 +www\.example\.com /);
});

test('a recording has the names of its time', async () => {
  const { status, err } = await kflow('flows', '--recording', 'x', '--resolve');
  assert.deepEqual(
    [status, err],
    [2, 'kflow: --recording and --resolve cannot be combined: a recording has the names of its time\n'],
  );
});
