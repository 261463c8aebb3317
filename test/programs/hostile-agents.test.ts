/** The shipped program in a small heap, with agents that send what no agent sends: each is bounded, and another's rows are there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Flow } from '../../src/wire/gen/kflow/v1/Flow.ts';
import { FlowServiceClient } from '../../src/wire/service.ts';
import { FileAgent, lineOf } from '../unit/agent/file-agent.ts';
import { type Answer, GRPC, hostileAgent, repeats, row, table } from '../unit/client/agents/hostile-agent.ts';
import { runBounded } from '../unit/client/cli/commands/bounded.ts';

const MEGABYTE = 'x'.repeat(1024 ** 2);

/** Answers GetAgent with a name of 3.9 MB. */
const named =
  (watch: Answer): Answer =>
  (stream, call) => {
    if (call === 'WatchFlows') return watch(stream, call);
    const body = FlowServiceClient.service.GetAgent.responseSerialize({ nodeName: 'n'.repeat(3_900_000) });
    const head = Buffer.alloc(5);
    head.writeUInt32BE(body.length, 1);
    stream.respond(GRPC, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(Buffer.concat([head, body]));
  };

const snapshot = (sequence: number) => ({ sequence, snapshot: sequence === 1, endOfPoll: true });

const HOSTILE: Readonly<Record<string, Answer>> = {
  named: named(
    repeats(100, (n) => ({
      ...snapshot(n),
      ...(n === 1 ? { added: [row(9_999_999)] } : {}),
      poll: { intervalSeconds: 1e15 },
    })),
  ),
  errors: repeats(100, (n) => ({ ...snapshot(n), poll: { error: `${n} ${MEGABYTE}` } })),
  endless: table(Number.POSITIVE_INFINITY, false),
  large: table(3_000_000, true),
  silent: () => {},
};

test('hostile agents are bounded in memory, time and words', async (t) => {
  const good = await FileAgent.start(t, lineOf({ port: 40_000, bytes: 500 }), false, { nodeName: 'node1' });
  const addresses = new Map<string, string>();
  for (const [name, answer] of Object.entries(HOSTILE)) addresses.set(name, await hostileAgent(t, answer));
  const endpoints = [good.address, ...addresses.values()].join(',');
  const expected: readonly RegExp[] = [
    /"source":\{"address":"10\.0\.0\.1","port":40000\}.*"observedBy":\["node1"\]/,
    // The name of 3.9 MB.
    /"observedBy":\["n{252}…"\]/,
    new RegExp(`^kflow: ${addresses.get('errors')}: stale: \\d+ x{1500,2047}…?$`, 'm'),
    new RegExp(`^kflow: ${addresses.get('endless')}: lost: sent more than the \\d+ flows that it was asked for$`, 'm'),
    new RegExp(`^kflow: ${addresses.get('large')}: it has more flows than kflow has room for`, 'm'),
  ];
  const missing = new Set(expected);
  let kill: (signal: NodeJS.Signals) => void = () => {};
  const check = (text: string) => {
    for (const one of missing) if (one.test(text)) missing.delete(one);
    if (missing.size === 0) kill('SIGINT');
  };
  let line = '';
  const { err, peakMib, cpuSeconds } = await runBounded(['flows', '-f', '-o', 'json', '--endpoints', endpoints], 192, {
    heard: (text, end) => {
      kill = end;
      check(text);
    },
    read: (text) => {
      const lines = (line + text).split('\n');
      line = lines.pop() ?? '';
      for (const one of lines) if (/40000|"n{9}/.test(one)) check(one);
    },
  });
  assert.deepEqual([...missing], []);
  assert.ok(err.length < 20_000, `${err.length} characters on stderr`);
  t.diagnostic(`${Math.round(peakMib)} MiB, ${cpuSeconds.toFixed(1)} s of CPU`);
  assert.ok(peakMib < 700, `${peakMib} MiB`);
  assert.ok(cpuSeconds < 30, `${cpuSeconds} s`);
});

const ONE_PAIR = row(1);
/** Rows that no kernel has: all of them meet at one pair of addresses and ports. */
const MEETING: Readonly<Record<string, (id: number) => Flow>> = {
  'the same tuple in one zone': (id) => ({ ...ONE_PAIR, id }),
  'the same tuple in many zones': (id) => ({ ...ONE_PAIR, id, zone: id % 65_536 }),
  'one client, translated to many servers': (id) => ({ ...row(id), id, original: ONE_PAIR.original ?? null }),
  'many clients, translated to one': (id) => ({ ...row(id), id, reply: ONE_PAIR.reply ?? null }),
};

for (const [name, make] of Object.entries(MEETING)) {
  test(`60,000 rows that meet at one pair do not keep kflow busy: ${name}`, async (t) => {
    const good = await FileAgent.start(t, lineOf({ port: 40_000, bytes: 500 }), false, { nodeName: 'node1' });
    const bad = await hostileAgent(t, table(60_000, true, make));
    let rows = 0;
    let isGoodThere = false;
    let line = '';
    const args = ['flows', '-f', '-o', 'json', '--endpoints', `${good.address},${bad}`];
    const { status, cpuSeconds } = await runBounded(args, 512, {
      read: (text, kill) => {
        const lines = (line + text).split('\n');
        line = lines.pop() ?? '';
        rows += lines.length;
        isGoodThere ||= lines.some((one) => one.includes('"port":40000'));
        if (isGoodThere && rows > 1) kill('SIGINT');
      },
    });
    assert.equal(status, 130);
    // Where each is compared with each, it is minutes.
    assert.ok(cpuSeconds < 20, `${cpuSeconds} s of CPU`);
    t.diagnostic(`${cpuSeconds} s of CPU`);
  });
}
