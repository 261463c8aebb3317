import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLI_AGENT_COLUMNS } from '../../../../../src/client/cli/commands/agents.ts';
import type { AgentState } from '../../../../../src/client/model/agent.ts';
import { toAgentJson } from '../../../../../src/client/output/agent-json.ts';
import { agentInfo, poll } from '../../agents/fixtures.ts';
import { agent } from './fixtures.ts';

const LIVE = agent({
  key: 'kflow/kflow-daemon-x',
  namespace: 'kflow',
  pod: 'kflow-daemon-x',
  info: { ...agentInfo, entries: 900, maxEntries: 1000, sourceReason: 'KFLOW_SOURCE is procfs' },
  poll: poll({ durationSeconds: 0.0123, intervalSeconds: 1.5 }),
  flows: 890,
  lastSeenAt: Date.UTC(2026, 0, 2, 3, 4, 5),
});
const LOST = agent({ status: { kind: 'lost', reason: 'connect ECONNREFUSED', retryAt: 0 } });

const printed = (of: AgentState) => JSON.parse(JSON.stringify(toAgentJson(of)));

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
    sourceReason: 'KFLOW_SOURCE is procfs',
    path: '/proc/net/nf_conntrack',
    unparsedLines: 0,
    pollSeconds: 0.0123,
    intervalSeconds: 1.5,
    lastSeen: '2026-01-02T03:04:05.000Z',
  });
});

test('what is unknown of an agent is left out', () => {
  const { reason, ...rest } = printed(LOST);
  assert.deepEqual(rest, { node: 'node1', status: 'lost' });
  assert.match(reason, /ECONNREFUSED/);
  const blind = agent({ info: { ...agentInfo, version: '', source: 'unknown', path: '', accounting: 'unknown' } });
  assert.deepEqual(printed(blind), { node: 'node1', status: 'live' });
});

test('a time has the digits of a clock', () => {
  const polled = agent({ poll: poll({ durationSeconds: 0.09439849600000161, intervalSeconds: 1 }) });
  assert.equal(printed(polled).pollSeconds, 0.094398);
});

test('a table: what may be long comes last', () => {
  const text = (of: AgentState) => CLI_AGENT_COLUMNS.map((column) => column.cell(of, { names: true, now: 0 }));
  assert.equal(CLI_AGENT_COLUMNS.at(-1)?.heading, 'REASON');
  assert.equal(text(LOST).at(-1), 'connect ECONNREFUSED');
  assert.equal(text(LIVE)[1], 'kflow/kflow-daemon-x');
});
