import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
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

/** By a connection that is closed again: those of a process are limited, too. */
async function subscribers(t: TestContext, agent: AgentProcess): Promise<number> {
  const client = agent.connect(t);
  try {
    return await new Promise((resolve, reject) => {
      client.getAgent({}, (error, answer) => (error ? reject(error) : resolve(answer?.subscribers ?? 0)));
    });
  } finally {
    client.close();
  }
}

test('hundreds of streams that nobody reads: a good subscriber continues, and memory stays', async (t) => {
  const agent = await AgentProcess.start(t, rows(5_000));
  const good = new Watch(agent.connect(t).watchFlows({}));
  t.after(() => good.close());
  await good.next();
  const before = agent.memory.now;
  const refused = Array.from({ length: 40 }, () => openUnread(t, agent, MAX_STREAMS_PER_CONNECTION));
  await until('the limit of streams', 30_000, async () => {
    const open = await subscribers(t, agent);
    assert.ok(open <= MAX_STREAMS && open >= MAX_STREAMS / 2, `${open} streams`);
    assert.ok(refused.flat().length >= 250);
  });
  writeFileSync(`${agent.path}.new`, rows(5_000, 7));
  renameSync(`${agent.path}.new`, agent.path);
  await good.until('a change, though others do not read', 30_000, ({ flows }) =>
    flows.every(({ stats }) => stats.original.bytes === 7) ? true : undefined,
  );
  for (const error of refused.flat()) {
    assert.equal(error.code, status.RESOURCE_EXHAUSTED, error.message);
    assert.match(error.details, /^the agent serves 64 calls at once, and this connection has the most of them$/);
  }
  const more = (agent.memory.most - before) / 1e6;
  t.diagnostic(`${Math.round(agent.memory.most / 1e6)} MB, ${Math.round(more)} MB of it for the streams`);
  assert.ok(more < 120, `${more} MB`);
});

test('300 streams that nobody read, of a table of 250,000 entries: below the limit of the manifest', {
  timeout: 60_000,
}, async (t) => {
  // Addresses that differ, for ports do not reach so far.
  const line = lineOf({ port: 1, bytes: 1 });
  const table = Array.from({ length: 250_000 }, (_, i) =>
    line.replaceAll('10.0.0.1', `10.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`),
  );
  const agent = await AgentProcess.start(t, table.join(''), { KFLOW_INTERVAL: '1s', KFLOW_MAX_DUTY: '0.3' });
  const began = performance.now();
  const refused = Array.from({ length: 300 / 5 }, () => openUnread(t, agent, 5));
  await until('the limit of streams', 40_000, () => assert.ok(refused.flat().length >= 300 - MAX_STREAMS));
  // The first poll is written to all of them.
  await until('the queues are full', 40_000, () => assert.ok(agent.memory.now > 150e6, `${agent.memory.now / 1e6} MB`));
  await delay(3_000);
  const { most } = agent.memory;
  t.diagnostic(`${Math.round(most / 1e6)} MB after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  assert.ok(most < 300e6, `${most / 1e6} MB`);
  // It still answers.
  const open = await subscribers(t, agent);
  assert.ok(open <= MAX_STREAMS && open >= MAX_STREAMS / 4, `${open} streams`);
});

test('one connection has a few streams at most: the others wait until there is room', async (t) => {
  const agent = await AgentProcess.start(t, rows(3));
  openUnread(t, agent, 3 * MAX_STREAMS_PER_CONNECTION);
  await until('its streams', 5_000, async () => assert.equal(await subscribers(t, agent), MAX_STREAMS_PER_CONNECTION));
});
