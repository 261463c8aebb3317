/** One agent's fault is that agent's state: the shipped program shows the rows of the others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileAgent, lineOf } from '../../../agent/file-agent.ts';
import { type Answer, answers, ends, hostileAgent } from '../../agents/hostile-agent.ts';
import { runKflow } from './run-process.ts';

const COMPRESSED = Buffer.from('010000000178', 'hex');

const both =
  (make: (call: 'WatchFlows' | 'GetAgent') => Answer): Answer =>
  (stream, call) =>
    make(call)(stream, call);

const FAULTS: readonly (readonly [Answer, string])[] = [
  [both((call) => answers(call, COMPRESSED)), 'its answer cannot be read'],
  [both((call) => answers(call, COMPRESSED, { 'grpc-encoding': 'x' })), 'its answer cannot be read'],
  [both((call) => ends(call, { 'grpc-status': 'abc' })), 'its answer has no valid gRPC status'],
];

test('an agent that sends one wrong byte is lost, and the rows of another are there', async (t) => {
  const good = await FileAgent.start(t, lineOf({ port: 40_000, bytes: 500 }), false, { nodeName: 'node1' });
  const addresses = await Promise.all(FAULTS.map(([answer]) => hostileAgent(t, answer)));
  const endpoints = [good.address, ...addresses].join(',');
  const { out, err } = await runKflow(['flows', '--endpoints', endpoints, '-o', 'json']);
  assert.match(out, /"source":\{"address":"10\.0\.0\.1","port":40000\}/);
  assert.doesNotMatch(err, /fault in kflow/);
  for (const [i, address] of addresses.entries())
    assert.ok(err.includes(`kflow: ${address}: lost: ${FAULTS[i]?.[1]}`), `${address} is lost:\n${err}`);
});
