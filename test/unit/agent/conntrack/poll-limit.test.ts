import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { KERNEL_LIMITS, PollLimit } from '../../../../src/agent/conntrack/poll-limit.ts';
import { ProcfsSource } from '../../../../src/agent/conntrack/procfs-source.ts';
import { TableUpdater } from '../../../../src/agent/polling/table-updater.ts';

test('a sparse file of 10 GB is given up after what no table comes to', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-limit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'table');
  writeFileSync(path, '');
  truncateSync(path, 10e9);
  // It has no line either, and on a slow machine that would be noticed first.
  const limits = { ...KERNEL_LIMITS, silentMs: 120_000 };
  const updater = new TableUpdater(1);
  updater.begin(performance.now(), Date.now());
  const began = process.cpuUsage();
  const maximum = Math.max(1 << 18, Number(readFileSync('/proc/sys/net/netfilter/nf_conntrack_max', 'utf8')));
  const mebibytes = Math.round((512 * (1.1 * maximum + 4_096)) / 2 ** 20);
  await assert.rejects(new ProcfsSource(path, limits).read(updater), {
    message: `${path}: more than ${mebibytes} MiB, which no conntrack table has`,
  });
  const { user, system } = process.cpuUsage(began);
  assert.ok((user + system) / 1e6 < 5, `${(user + system) / 1e6} s`);
});

test('a table that stops to give lines is given up after a while, one that is slow is not', () => {
  const limits = { bytes: () => 1_000, silentMs: 50 };
  const slow = new PollLimit(limits, 'table');
  for (let line = 1; line < 100; line++) slow.check(1, line, line * 49);
  const silent = new PollLimit(limits, 'table');
  silent.check(1, 7, 0);
  silent.check(1, 7, 50);
  assert.throws(() => silent.check(1, 7, 51), { message: 'table: no line in 0.05 s' });
  const long = new PollLimit(limits, 'table');
  long.check(1_000, 1, 0);
  assert.throws(() => long.check(1, 2, 0), /more than 0 MiB/);
});
