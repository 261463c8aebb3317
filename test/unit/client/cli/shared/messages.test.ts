import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireAgents, requireTables } from '../../../../../src/client/cli/shared/messages.ts';
import { formatNotices } from '../../../../../src/client/format/notices.ts';
import { agent, snapshot } from '../commands/fixtures.ts';

test('nobody to speak of: why, and what to do', () => {
  const none = { missing: [], received: 0 };
  assert.throws(() => requireAgents(none, 10_000), /timed out after 10s/);
  assert.throws(() => requireAgents({ ...none, snapshot: snapshot() }, 0), /a test: no agents/);
  const problem = snapshot({ discoveryError: 'pods is forbidden', notices: ['a hint'] });
  assert.throws(() => requireAgents({ ...none, snapshot: problem }, 0), {
    message: 'a test: pods is forbidden\na hint',
  });
});

test('agents, but no table', () => {
  const one = agent({ key: 'a:1', node: 'node1' });
  const collected = {
    snapshot: snapshot({ agents: [one] }),
    missing: [{ agent: one, why: 'lost: gone' }],
    received: 0,
  };
  assert.throws(() => requireTables(collected, 0), { message: 'node1 (a:1): lost: gone' });
  assert.equal(requireAgents(collected, 0), collected.snapshot);
  assert.equal(requireTables({ ...collected, received: 1 }, 0), collected.snapshot);
});

test('a notice is one line, anyone who wrote it', () => {
  assert.equal(formatNotices(['a\nb\u001b[2J', 'c']), 'kflow: a�b�[2J\nkflow: c\n');
});
