import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusReporter } from '../../../../../src/client/cli/shared/status-reporter.ts';
import type { AgentStatus } from '../../../../../src/client/model/agent.ts';
import { agent, snapshot } from '../commands/fixtures.ts';

const said = (words: StatusReporter, at: number, status: AgentStatus) =>
  words.report(snapshot({ at, agents: [agent({ status })] }));
const stale = (reason: string): AgentStatus => ({ kind: 'stale', reason });

test('an agent gives one reason in ten seconds on stderr, however often it has another', () => {
  const words = new StatusReporter();
  let text = '';
  for (let at = 0; at < 30_000; at += 100) text += said(words, at, stale(`EIO ${at}`));
  assert.deepEqual(text.match(/EIO \d+/g), ['EIO 0', 'EIO 10000', 'EIO 20000']);
});

test('that it is well again is said at once, and each turn once', () => {
  const words = new StatusReporter();
  assert.match(said(words, 0, stale('EIO')), /stale: EIO/);
  assert.match(said(words, 100, { kind: 'live' }), /live/);
  assert.equal(said(words, 200, stale('EIO')), '');
  assert.equal(said(words, 300, { kind: 'live' }), '');
  assert.match(said(words, 10_000, stale('EIO')), /stale: EIO/);
});

test('a notice is said once, whatever number of lines and example is in it', () => {
  const words = new StatusReporter();
  const notice = (lines: number) =>
    `node1: ${lines} lines of its table not understood and left out, such as "x${lines}"`;
  let text = '';
  for (let i = 2; i < 50; i++) text += words.report(snapshot({ at: i, notices: [notice(i)] }));
  assert.equal(text.split('\n').length, 2);
  let many = '';
  for (let i = 0; i < 5_000; i++) many += words.report(snapshot({ at: i, notices: [`n${i}`] }));
  assert.ok(many.split('\n').length <= 1_001);
});
