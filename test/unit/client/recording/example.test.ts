import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Snapshot } from '../../../../src/client/model/snapshot.ts';
import { ProblemMonitor } from '../../../../src/client/problems/problem-monitor.ts';
import { Recording } from '../../../../src/client/recording/recording.ts';

const EXAMPLE = fileURLToPath(new URL('../../../../examples/shop.kflow', import.meta.url));

test('the shipped recording is small, whole, and shows its fault when there is one', async () => {
  assert.ok(statSync(EXAMPLE).size < 200_000);
  const recording = await Recording.open(EXAMPLE);
  assert.deepEqual(recording.ending, { kind: 'ended' });
  const watch = new ProblemMonitor();
  const unanswered = (snapshot: Snapshot) =>
    watch.of(snapshot).some(({ subject, severity }) => severity === 3 && subject.includes('payments'));
  const seen = new Set<number>();
  for await (const { elapsedMs, snapshot } of recording.snapshots()) {
    assert.equal(snapshot.agents.length, 3);
    if (unanswered(snapshot)) seen.add(Math.floor(elapsedMs / 1000));
  }
  await recording.close();
  assert.equal(recording.damage.size, 0);
  const first = Math.min(...seen);
  assert.ok(first >= 40 && first <= 60, `first seen after ${first} s`);
});
