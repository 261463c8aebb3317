import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { refuseAliasBomb } from '../../../../src/client/files/yaml-size.ts';

test('aliases that stand for too much are refused, before anything is written out', () => {
  const levels = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`);
  const bomb = load(['a0: &a0 x', ...levels].join('\n'));
  assert.throws(() => refuseAliasBomb(bomb), /its aliases expand to too much data/);
  const long = { text: 'x'.repeat(1_000_000) };
  assert.throws(() => refuseAliasBomb(Array(1_000).fill(long)), /its aliases expand to too much data/);
});

test('a large file without aliases is none', () => {
  refuseAliasBomb(Array.from({ length: 100_000 }, (_, i) => ({ name: `user-${i}`, user: { token: 'x' } })));
});
