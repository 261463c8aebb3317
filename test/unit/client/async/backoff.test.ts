import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../../../../src/client/async/backoff.ts';

test('waits double from 0.5 s to 15 s, of which the upper half is jitter', () => {
  const longest = new Backoff(500, 15_000, { resetAfterMs: 10_000, random: () => 1 });
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7].map(() => longest.failed(0)),
    [500, 1000, 2000, 4000, 8000, 15000, 15000],
  );
  const shortest = new Backoff(500, 15_000, { random: () => 0 });
  assert.deepEqual(
    [1, 2, 3].map(() => shortest.failed(0)),
    [250, 500, 1000],
  );
});

test('only a success that lasted restarts', () => {
  const backoff = new Backoff(500, 15_000, { resetAfterMs: 10_000, random: () => 1 });
  backoff.failed(0);
  backoff.failed(0);
  backoff.succeeded(1000);
  assert.equal(backoff.failed(5000), 2000);
  backoff.succeeded(10_000);
  backoff.succeeded(15_000);
  assert.equal(backoff.failed(20_000), 500);
});

test('a thousand failures are no trouble', () => {
  const backoff = new Backoff(500, 15_000, { resetAfterMs: 10_000, random: () => 1 });
  for (let i = 0; i < 1000; i++) backoff.failed(0);
  assert.equal(backoff.failed(0), 15_000);
});
