import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAgentName } from '../../../../src/client/format/agent.ts';
import { agent } from '../cli/commands/fixtures.ts';

test('an agent is called by its node and its pod', () => {
  assert.equal(formatAgentName(agent({ key: 'a:1', node: 'a:1' })), 'a:1');
  assert.equal(formatAgentName(agent({ key: 'kflow/x', namespace: 'kflow', pod: 'x' })), 'node1 (kflow/x)');
});
