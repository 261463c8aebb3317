/** The shipped program in a small heap, with agents that send what no agent sends: each is bounded, and another's rows are there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlowServiceClient } from '../../../../src/wire/service.ts';
import { FileAgent, lineOf } from '../../agent/over-a-file.ts';
import { type Answer, GRPC, hostileAgent, repeats, row, table } from '../stream/hostile-agent.ts';
import { runBounded } from './bounded.ts';

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
    repeats(100, (n) => ({ ...snapshot(n), ...(n === 1 ? { added: [row(1)] } : {}), poll: { intervalSeconds: 1e15 } })),
  ),
  errors: repeats(100, (n) => ({ ...snapshot(n), poll: { error: `${n} ${MEGABYTE}` } })),
  endless: table(Number.POSITIVE_INFINITY, false),
  large: table(300_000, true),
  silent: () => {},
};

test('hostile agents are bounded in memory, time and words', async (t) => {
  const good = await FileAgent.start(t, lineOf({ port: 40_000, bytes: 500 }), false, { nodeName: 'node1' });
  const addresses = new Map<string, string>();
  for (const [name, answer] of Object.entries(HOSTILE)) addresses.set(name, await hostileAgent(t, answer));
  const endpoints = [good.address, ...addresses.values()].join(',');
  const { out, err, status, peakMib, seconds } = await runBounded(
    ['flows', '-o', 'json', '--endpoints', endpoints],
    192,
  );
  assert.equal(status, 0);
  assert.match(out, /"source":\{"address":"10\.0\.0\.1","port":40000\}/);
  const reason = (name: string) => {
    const line = err.split('\n').find((one) => one.includes(`${addresses.get(name)}`));
    return line?.slice(line.indexOf('agent.sock') + 'agent.sock'.length) ?? '';
  };
  assert.match(err, /^kflow: n{252}… \(/m, 'a name is cut');
  assert.match(reason('errors'), /^: stale: \d+ x{2000,2047}…$/);
  assert.match(reason('endless'), /^: lost: sent more than the \d+ flows that it was asked for$/);
  assert.match(reason('silent'), /^: no answer yet$/);
  assert.match(err, /agent\.sock: it has more flows than kflow has room for; only those with the highest rates/);
  assert.ok(err.length < 5_000, `${err.length} characters on stderr`);
  assert.ok(peakMib < 700, `${peakMib} MiB`);
  // A silent agent alone took 10 s.
  assert.ok(seconds < 9, `${seconds} s`);
});
