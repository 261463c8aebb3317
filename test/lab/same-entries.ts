import assert from 'node:assert/strict';
import { type Entry, keyOf } from './conntrack.ts';

/** Asserts that kflow has the kernel's entries, field by field, and no others. */
export function assertSameEntries(actual: readonly Entry[], expected: readonly Entry[]): void {
  const byKey = new Map(actual.map((entry) => [keyOf(entry), entry]));
  assert.equal(byKey.size, actual.length, 'kflow has two entries with one identity');
  for (const entry of expected) {
    const key = keyOf(entry);
    const ours = byKey.get(key);
    assert.ok(ours, `kflow lacks ${key}; it has ${[...byKey.keys()].filter((k) => k.startsWith(key.slice(0, 6)))}`);
    assert.ok(Math.abs(ours.timeout - entry.timeout) <= 2, `timeout ${ours.timeout}, not ${entry.timeout}: ${key}`);
    assert.deepEqual({ ...ours, timeout: 0 }, { ...entry, timeout: 0 }, key);
    byKey.delete(key);
  }
  assert.deepEqual([...byKey.keys()], [], 'kflow has what conntrack does not');
}
