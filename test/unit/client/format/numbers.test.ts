import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseSize } from '../../../../src/client/filter/quantity.ts';
import { parseDuration } from '../../../../src/client/format/duration.ts';
import {
  formatAge,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  formatShortCount,
} from '../../../../src/client/format/numbers.ts';

function table<T>(format: (value: T) => string, cases: readonly (readonly [T, string])[]): void {
  for (const [value, text] of cases) assert.equal(format(value), text);
}

test('quantities', () => {
  table(formatRate, [
    [undefined, '–'],
    [Number.NaN, '–'],
    [0, '0 B/s'],
    [0.2, '<1 B/s'],
    [999.4, '999 B/s'],
    [999.5, '1.00 kB/s'],
    [1_210_000, '1.21 MB/s'],
    [9_995_000, '10.0 MB/s'],
    [99_950_000, '100 MB/s'],
    [999_499_999, '999 MB/s'],
    [1.21e9, '1.21 GB/s'],
  ]);
  table(formatBytes, [
    [0, '0 B'],
    [2_000_050_000, '2.00 GB'],
    [1e30, '9999 EB'],
  ]);
  table(formatCount, [
    [undefined, '–'],
    [0, '0'],
    [8412, '8,412'],
    [1_234_567, '1,234,567'],
  ]);
  table(formatShortCount, [
    [950, '950'],
    [8412, '8.41 k'],
  ]);
  table(formatAge, [
    [undefined, '–'],
    [-3, '0s'],
    [59.9, '59s'],
    [312, '5m12s'],
    [11_220, '3h07m'],
    [187_200, '2d04h'],
    [100 * 86_400, '100d'],
  ]);
  table(formatDuration, [
    [0, '0 s'],
    [0.000_85, '850 µs'],
    [0.012, '12 ms'],
    [1.2, '1.2 s'],
    [35, '35 s'],
    [61, '1m01s'],
  ]);
  table(formatPercent, [
    [undefined, '–'],
    [0, '0%'],
    [0.001, '<1%'],
    [0.34, '34%'],
    [0.999, '99%'],
    [1, '100%'],
  ]);
});

test('what is printed reads back to within half a digit, and never takes more room than promised', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: 0, max: 2 ** 53 - 1 }), fc.double({ min: 1, max: 9e20, noNaN: true })),
      (value) => {
        const text = formatRate(value);
        assert.ok(text.length <= 9, text);
        assert.ok(formatBytes(value).length <= 7);
        assert.ok(formatShortCount(value).length <= 6, formatShortCount(value));
        const back = parseSize(text) as number;
        assert.ok(Math.abs(back - value) <= Math.max(0.5, value * 0.0051), `${value} → ${text}`);
      },
    ),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 99 * 86_400 }), (seconds) => {
      const text = formatAge(seconds);
      assert.ok(text.length <= 6, text);
      const back = (parseDuration(text) as number) / 1000;
      assert.ok(back <= seconds && seconds - back < (seconds < 3600 ? 1 : seconds < 86_400 ? 60 : 3600), text);
    }),
  );
});

test('sizes as people write them', () => {
  assert.equal(parseSize('1.5M'), 1_500_000);
  assert.equal(parseSize('2Gi'), 2 * 1024 ** 3);
  assert.equal(parseSize('10 kB/s'), 10_000);
  assert.equal(parseSize('.5k'), 500);
  assert.equal(parseSize('7'), 7);
  for (const bad of ['', 'M', '1i', '1x', '-1', '1e5', '1.2.3']) assert.equal(parseSize(bad), undefined, bad);
});
