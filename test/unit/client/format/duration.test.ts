import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from '../../../../src/client/format/duration.ts';

for (const [text, milliseconds] of [
  ['0', 0],
  ['30', 30_000],
  ['1.5', 1500],
  ['500ms', 500],
  ['2s', 2000],
  ['1m30s', 90_000],
  ['1h', 3_600_000],
  ['', undefined],
  ['-1s', undefined],
  ['1d', 86_400_000],
  ['1H 30m', 5_400_000],
  ['5x', undefined],
  ['1h30', undefined],
  ['s', undefined],
  ['1s2', undefined],
  ['1 s', 1000],
  ['Infinity', undefined],
] as const)
  test(`"${text}" is ${milliseconds}`, () => assert.equal(parseDuration(text), milliseconds));
