import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGENT_COLUMNS } from '../../../../src/client/cli/agent-columns.ts';
import type { AgentState } from '../../../../src/client/model.ts';
import { agentJson } from '../../../../src/client/table/agent-json.ts';
import { about, poll } from '../stream/fixtures.ts';
import { agent } from './fixtures.ts';

const LIVE = agent({
  key: 'kflow/kflow-daemon-x',
  namespace: 'kflow',
  pod: 'kflow-daemon-x',
  about: { ...about, entries: 900, maxEntries: 1000 },
  poll: poll({ durationSeconds: 0.0123, intervalSeconds: 1.5 }),
  flows: 890,
  lastSeenAt: Date.UTC(2026, 0, 2, 3, 4, 5),
});
const LOST = agent({ status: { kind: 'lost', reason: 'connect \u001b[31mECONNREFUSED', retryAt: 0 } });

const printed = (of: AgentState) => JSON.parse(JSON.stringify(agentJson(of)));

test('an agent in the words of the contract', () => {
  assert.deepEqual(printed(LIVE), {
    node: 'node1',
    pod: 'kflow-daemon-x',
    namespace: 'kflow',
    status: 'live',
    version: '1.0.0',
    flows: 890,
    entries: 900,
    maxEntries: 1000,
    accounting: 'on',
    source: 'procfs',
    path: '/proc/net/nf_conntrack',
    pollSeconds: 0.0123,
    intervalSeconds: 1.5,
    lastSeen: '2026-01-02T03:04:05.000Z',
  });
});

test('what is unknown of an agent is left out', () => {
  const { reason, ...rest } = printed(LOST);
  assert.deepEqual(rest, { node: 'node1', status: 'lost' });
  assert.match(reason, /ECONNREFUSED/);
  const blind = agent({ about: { ...about, version: '', source: 'unknown', path: '', accounting: 'unknown' } });
  assert.deepEqual(printed(blind), { node: 'node1', status: 'live' });
});

function row(of: AgentState): Record<string, string> {
  const context = { names: true, now: Date.UTC(2026, 0, 2, 3, 4, 12) };
  return Object.fromEntries(AGENT_COLUMNS.map((column) => [column.heading, column.text(of, context)]));
}

test('a row: units are there, and unknown is a dash', () => {
  const live = row(LIVE);
  assert.equal(live.TABLE, '900/1000 (90%)');
  assert.equal(live.POLL, '12 ms');
  assert.equal(live.EVERY, '1.5 s');
  assert.equal(live.SEEN, '7 s ago');
  assert.equal(live.POD, 'kflow/kflow-daemon-x');
  assert.equal(live.REASON, '–');
  assert.equal(row(LOST).VERSION, '–');
});

test('a reason cannot steer the terminal', () => {
  assert.equal(row(LOST).REASON, 'connect  [31mECONNREFUSED');
});
