/** The shipped program and agents and recordings that leave times out: an age is unknown, or at least what kflow saw itself. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { formatCsvHeading } from '../../src/client/output/csv.ts';
import { Recorder } from '../../src/client/recording/recorder.ts';
import { FlowServiceClient } from '../../src/wire/service.ts';
import { type Answer, GRPC, hostileAgent, repeats, row } from '../unit/client/agents/hostile-agent.ts';
import { runKflowProcess } from '../unit/client/cli/commands/run-process.ts';
import { connection, snapshot } from '../unit/client/tui/fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'kflow-times-'));
after(() => rmSync(folder, { recursive: true }));

/** No message has a time, and neither has the flow; its timeout counts from one. */
const watch = repeats(100, (sequence) => ({
  sequence,
  snapshot: sequence === 1,
  endOfPoll: true,
  added: sequence === 1 ? [{ ...row(1), startKnown: true, state: 3, timeoutSeconds: 100 }] : [],
  poll: { entries: 1, intervalSeconds: 0.1 },
}));

const timeless: Answer = (stream, call) => {
  if (call === 'WatchFlows') return watch(stream, call);
  const body = FlowServiceClient.service.GetAgent.responseSerialize({ nodeName: 'node1', startedAt: {} });
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  stream.respond(GRPC, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.concat([head, body]));
};

const flows = async (...args: string[]) => {
  const { status, out, err } = await runKflowProcess(['flows', ...args]);
  assert.equal(status, 0, err);
  return out;
};

test('of an agent without times: the age is at least what kflow saw', async (t) => {
  const agent = ['--once', '--endpoints', await hostileAgent(t, timeless)];
  const [found] = JSON.parse(await flows(...agent, '-o', 'json'));
  assert.equal(found.ageSeconds, undefined);
  assert.ok(found.observedSeconds <= 5, `${found.observedSeconds}`);
  const wide = await flows(...agent, '-o', 'wide');
  assert.match(wide, /≥\ds/);
  assert.doesNotMatch(wide, /\d{4,}d/);
  assert.match(wide, /1m[34]\ds/, 'its timeout');
});

test('of a recording without times: it is unknown', async () => {
  const taken = snapshot([connection({ firstSeenAt: 0 })]);
  const recorder = new Recorder();
  const path = join(folder, 'timeless.kflow');
  const parts = [recorder.begin({ writer: 'test', startedAt: 0 }), recorder.take(taken, 0), recorder.end(0)];
  writeFileSync(path, Buffer.concat(parts));
  const recording = ['--recording', path];
  const [found] = JSON.parse(await flows(...recording, '-o', 'json'));
  assert.deepEqual([found.ageSeconds, found.observedSeconds], [undefined, undefined]);
  const [heading = '', cells = ''] = (await flows(...recording, '-o', 'csv')).split('\n');
  assert.equal(heading, formatCsvHeading());
  const cell = (name: string) => cells.split(',')[heading.split(',').indexOf(name)];
  assert.deepEqual([cell('age_seconds'), cell('observed_seconds'), cell('protocol')], ['', '', 'tcp']);
  assert.match(await flows(...recording, '-o', 'table'), /AGE[\s\S]* –/);
  assert.doesNotMatch(await flows(...recording, '-o', 'wide'), /≥|\d{4,}d/);
  assert.equal(await flows(...recording, '-o', 'json', 'age:>0s'), '[]\n');
});
