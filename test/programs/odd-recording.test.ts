/** The shipped program and recordings that are small and stand for much, in a process with a small heap. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runBounded } from '../unit/client/cli/commands/bounded.ts';
import { FIELDS, repeating, writeRecording } from '../unit/client/recording/odd-recording.ts';

const folder = mkdtempSync(join(tmpdir(), 'kflow-odd-'));
after(() => rmSync(folder, { recursive: true }));

const NOTICE = 'a notice that is said again and again';

for (const [name, payload] of [
  // 194 kB took 4.2 GB and 28 s, and printed 200 MB.
  ['200 MB of "the same again"', repeating(FIELDS.notices, NOTICE, 100_000_000)],
  ['as many elements as a frame may have', repeating(FIELDS.idleServices, 'shop/a', 15_900_000)],
] as const)
  test(`a recording of ${name}`, async (t) => {
    const path = join(folder, 'odd.kflow');
    const bytes = writeRecording(path, [payload]);
    assert.ok(bytes < 1_000_000, `${bytes} bytes`);
    const { err, peakMib, cpuSeconds } = await runBounded(['flows', '--recording', path, '-o', 'json'], 512);
    assert.doesNotMatch(err, /fault in kflow/);
    assert.ok(err.length < 5_000, `${err.length} characters on stderr`);
    t.diagnostic(`${Math.round(peakMib)} MiB, ${cpuSeconds.toFixed(1)} s of CPU`);
    assert.ok(peakMib < 1_000, `${peakMib} MiB`);
    assert.ok(cpuSeconds < 15, `${cpuSeconds} s`);
  });

test('a recording of which nothing can be read says so', async () => {
  const path = join(folder, 'damaged.kflow');
  writeRecording(path, [Buffer.from('what?')]);
  const { status, err } = await runBounded(['flows', '--recording', path], 512);
  assert.equal(status, 1);
  assert.match(err, /nothing of the recording can be read: it is damaged/);
  assert.doesNotMatch(err, /no answer in/);
});
