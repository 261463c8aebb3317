/** Times beyond 24.8 days are times, for the shipped program too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FileAgent, lineOf } from '../unit/agent/file-agent.ts';
import { AgentCluster } from '../unit/client/cli/commands/agent-cluster.ts';
import { runKflow } from '../unit/client/cli/commands/run-process.ts';

const TABLE = lineOf({ port: 40_000, bytes: 500 });

test('record --duration 720h continues', async (t) => {
  const agent = await FileAgent.start(t, TABLE, false, { nodeName: 'node1' });
  let bytes = 0;
  const { status } = await runKflow(['record', '-', '--endpoints', agent.address, '--duration', '720h'], {
    read: (text, kill) => {
      bytes += text.length;
      // More than how it begins: a snapshot.
      if (bytes > 200) kill('SIGINT');
    },
  });
  assert.equal(status, 130, 'it was interrupted: it did not end by itself');
});

test('--request-timeout 720h is no timeout of 1 ms', async (t) => {
  const agent = await FileAgent.start(t, TABLE, false, { nodeName: 'node1' });
  const api = await AgentCluster.start(t, new Map([['node1', agent]]), { pods: [] });
  const { status, out, err } = await runKflow([
    'flows',
    '-o',
    'json',
    '--kubeconfig',
    api.kubeconfig,
    '--request-timeout',
    '720h',
  ]);
  assert.equal(status, 0, err);
  assert.match(out, /40000/);
});
