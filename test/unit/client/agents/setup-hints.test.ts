import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LocalMachine, localHints, remoteHints } from '../../../../src/client/agents/setup-hints.ts';
import type { AgentState } from '../../../../src/client/model/agent.ts';
import { agent } from '../cli/commands/fixtures.ts';
import { agentInfo } from './fixtures.ts';

const LINUX: LocalMachine = {
  program: 'kflow',
  asRoot: 'sudo kflow --local',
  platform: 'linux',
  isRoot: true,
  hasTable: true,
};
const UNREADABLE = agent({
  status: { kind: 'lost', reason: 'no conntrack table', retryAt: 0 },
  info: { ...agentInfo, path: '', unavailableReason: 'no conntrack table' },
});

function local(state: AgentState, machine: Partial<LocalMachine> = {}): string {
  return localHints([state], { ...LINUX, ...machine }).join('\n');
}

test('a machine whose table can be read, with traffic and accounting, needs no advice', () => {
  assert.equal(local(agent({ flows: 3, info: agentInfo })), '');
});

test('a kernel that tracks nothing: one line, and where the command is', () => {
  const text = local(agent({ flows: 0, info: agentInfo }));
  assert.match(text, /tracks no connections here.*`kflow doctor --local` says what to type/);
  assert.ok(text.length < 130, text);
  assert.match(local(agent({ flows: 0, info: agentInfo }), { program: 'npx kflow' }), /`npx kflow doctor --local`/);
});

test('a kernel that does not count: the sysctl', () => {
  assert.match(local(agent({ flows: 3, info: { ...agentInfo, accounting: 'off' } })), /nf_conntrack_acct=1/);
});

test('a table that cannot be read: sudo, modprobe, or another machine', () => {
  assert.match(local(UNREADABLE, { isRoot: false }), /requires root.*sudo kflow --local/);
  assert.match(local(UNREADABLE, { hasTable: false, isRoot: true }), /modprobe nf_conntrack/);
  assert.match(local(UNREADABLE, { hasTable: false, isRoot: false }), /Root reads conntrack by netlink: `sudo/);
  assert.match(local(UNREADABLE, { platform: 'darwin', hasTable: false }), /part of Linux/);
  assert.equal(local(UNREADABLE), '', 'the reason says it all');
});

test('an agent that could not start, or has not yet, is no matter of the table', () => {
  const lost = { kind: 'lost', reason: 'EADDRINUSE', retryAt: 0 } as const;
  assert.equal(local(agent({ status: lost }), { isRoot: false }), '');
  assert.equal(local(agent({ status: { kind: 'connecting' } }), { isRoot: false }), '');
  assert.deepEqual(localHints([], LINUX), []);
});

test('elsewhere, the nodes that do not count are named', () => {
  const off = agent({ key: 'b', node: 'node2', info: { ...agentInfo, accounting: 'off' } });
  assert.deepEqual(remoteHints([agent({ info: agentInfo })]), []);
  assert.match(
    remoteHints([agent({ info: agentInfo }), off]).join(),
    /are not counted on node2, .*nf_conntrack_acct=1/,
  );
  assert.match(remoteHints([off]).join(), /on no node/);
});
