import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSourceGains } from '../../../../src/client/doctor/source-gains.ts';
import type { AgentInfo } from '../../../../src/client/model/agent.ts';
import { agentWith } from './facts.ts';

function gains(info: Partial<AgentInfo>, kernel?: string) {
  const nodes = kernel === undefined ? undefined : [{ name: 'node1', kernel }];
  return findSourceGains([agentWith(info)], nodes).map(({ kind }) => kind);
}

const LARGE = { entries: 50_000 };

test('procfs is quadratic before Linux 6.16, for large tables', () => {
  for (const kernel of ['4.18.0-553.el8', '5.15.0-91-generic', '6.8.0', '6.15.9']) {
    assert.deepEqual(gains(LARGE, kernel), ['quadratic'], kernel);
    assert.deepEqual(gains({ entries: 5_000 }, kernel), [], kernel);
    assert.deepEqual(gains({ ...LARGE, source: 'netlink' }, kernel), [], kernel);
  }
  for (const kernel of ['6.16.0', '6.18.44', '7.0', 'unknown']) assert.deepEqual(gains(LARGE, kernel), [], kernel);
  assert.deepEqual(gains(LARGE), [], 'this user may not list nodes');
});

test('no table: only where none of the files is there', () => {
  const because = (unavailableReason: string) => gains({ unavailableReason });
  assert.deepEqual(because('no conntrack table can be read (a: ENOENT: no such file or directory; b: ENOENT: …)'), [
    'no-table',
  ]);
  assert.deepEqual(because('no conntrack table can be read (a: EACCES: permission denied; b: ENOENT: …)'), []);
  assert.deepEqual(because('no conntrack table can be read (/run/kflow/reader.sock: there is no reader: ENOENT)'), []);
});

test('accounting: where it is known to be off', () => {
  assert.deepEqual(gains({ accounting: 'off' }), ['accounting']);
  assert.deepEqual(gains({ accounting: 'unknown' }), []);
});
