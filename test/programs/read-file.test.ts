import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readWholeFile } from '../../src/client/files/read-file.ts';
import { runBounded } from '../unit/client/cli/commands/bounded.ts';
import { KFLOW, runProcess } from '../unit/client/cli/commands/run-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'kflow-read-'));
after(() => rmSync(folder, { recursive: true }));

test('a file is read whole, up to its limit', () => {
  const path = join(folder, 'file');
  writeFileSync(path, 'x'.repeat(200_000));
  assert.equal(readWholeFile(path).length, 200_000);
  assert.throws(() => readWholeFile(path, 100_000), /^Error: it has more than/);
  truncateSync(path, 17 * 1024 ** 2);
  assert.throws(() => readWholeFile(path), /^Error: it has more than 16 MiB$/);
});

test('devices are refused, and /dev/null is empty', () => {
  for (const device of ['/dev/zero', '/dev/full', '/dev/urandom'])
    assert.throws(() => readWholeFile(device), /^Error: it is a device$/);
  assert.equal(readWholeFile('/dev/null').length, 0);
  assert.throws(() => readWholeFile(join(folder, 'none')), /ENOENT/);
  assert.throws(() => readWholeFile(folder), /EISDIR/);
});

test('--kubeconfig /dev/zero is refused in little memory', async (t) => {
  const { status, err, peakMib, cpuSeconds } = await runBounded(['flows', '--kubeconfig', '/dev/zero'], 128);
  assert.equal(status, 1);
  assert.match(err, /the kubeconfig \/dev\/zero cannot be read: it is a device/);
  t.diagnostic(`${Math.round(peakMib)} MiB, ${cpuSeconds.toFixed(1)} s of CPU`);
  assert.ok(peakMib < 250, `${peakMib} MiB`);
  assert.ok(cpuSeconds < 5, `${cpuSeconds} s`);
});

test('a pipe is a kubeconfig, as long as it comes to an end', async () => {
  const script = `exec "${process.execPath}" "${KFLOW}" flows --kubeconfig <(echo '{"contexts":[{"name":"piped","context":{}}]}') --context other`;
  const { err } = await runProcess('bash', ['-c', script]);
  assert.match(err, /context "other"|no context/i);
  const endless = `exec "${process.execPath}" "${KFLOW}" flows --kubeconfig <(cat /dev/zero)`;
  assert.match((await runProcess('bash', ['-c', endless])).err, /cannot be read: it has more than 16 MiB/);
});
