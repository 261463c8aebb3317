import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type ServiceError, status } from '@grpc/grpc-js';
import { MAX_STREAMS, MAX_STREAMS_PER_CONNECTION } from '../../src/limits.ts';
import { until } from '../lab/until.ts';
import { Watch } from '../lab/watch.ts';
import { AgentProcess } from '../unit/agent/agent-process.ts';
import { lineOf } from '../unit/agent/file-agent.ts';

const rows = (count: number, bytes = 1) =>
  Array.from({ length: count }, (_, i) => lineOf({ port: 1 + i, bytes })).join('');

/** A connection with so many streams that nobody reads. */
function openUnread(t: TestContext, agent: AgentProcess, streams: number) {
  const client = agent.connect(t);
  const ended: ServiceError[] = [];
  for (let i = 0; i < streams; i++) {
    const call = client.watchFlows({});
    call.on('error', (error: ServiceError) => ended.push(error));
    call.pause();
    t.after(() => call.cancel());
  }
  return ended;
}

const subscribers = (t: TestContext, agent: AgentProcess) =>
  new Promise<number>((resolve, reject) => {
    agent.connect(t).getAgent({}, (error, answer) => (error ? reject(error) : resolve(answer?.subscribers ?? 0)));
  });

test('hundreds of streams that nobody reads: a good subscriber continues, and memory stays', async (t) => {
  const agent = await AgentProcess.start(t, rows(5_000));
  const good = new Watch(agent.connect(t).watchFlows({}));
  t.after(() => good.close());
  await good.next();
  const before = agent.memory.now;
  const refused = Array.from({ length: 40 }, () => openUnread(t, agent, MAX_STREAMS_PER_CONNECTION));
  await until('the limit of streams', 10_000, async () => {
    const open = await subscribers(t, agent);
    assert.ok(open <= MAX_STREAMS && open >= MAX_STREAMS / 2, `${open} streams`);
    assert.ok(refused.flat().length >= 250);
  });
  writeFileSync(`${agent.path}.new`, rows(5_000, 7));
  renameSync(`${agent.path}.new`, agent.path);
  await good.until('a change, though others do not read', 10_000, ({ flows }) =>
    flows.every(({ stats }) => stats.original.bytes === 7) ? true : undefined,
  );
  for (const error of refused.flat()) {
    assert.equal(error.code, status.RESOURCE_EXHAUSTED, error.message);
    assert.match(error.details, /^the agent serves 64 calls at once, and this connection has the most of them$/);
  }
  const more = (agent.memory.most - before) / 1e6;
  assert.ok(more < 120, `${more} MB`);
});

test('one connection has a few streams at most: the others wait until there is room', async (t) => {
  const agent = await AgentProcess.start(t, rows(3));
  openUnread(t, agent, 3 * MAX_STREAMS_PER_CONNECTION);
  await until('its streams', 5_000, async () => assert.equal(await subscribers(t, agent), MAX_STREAMS_PER_CONNECTION));
});
