import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fit, textWidth, truncate } from '../../../../src/client/table/width.ts';

test('widths', () => {
  for (const [text, width] of [
    ['', 0],
    ['web', 3],
    ['müller', 6],
    ['mu\u0308ller', 6],
    ['東京', 4],
    ['ﾊﾝ', 2],
    ['한글', 4],
    ['😀', 2],
    ['–…', 2],
    ['a\u200bb', 2],
  ] as const)
    assert.equal(textWidth(text), width, text);
});

test('what is too long ends in “…”', () => {
  assert.equal(truncate('cart-5d7f', 9), 'cart-5d7f');
  assert.equal(truncate('cart-5d7f', 5), 'cart…');
  assert.equal(truncate('東京都', 5), '東京…');
  assert.equal(truncate('東京都', 4), '東…');
  assert.equal(truncate('mu\u0308ller', 3), 'mu\u0308…', 'a mark stays with its letter');
  assert.equal(truncate('ab', 1), '…');
  assert.equal(truncate('ab', 0), '');
  assert.equal(fit('東京', 5), '東京 ');
  assert.equal(fit('12', 5, 'right'), '   12');
});

test('cut text never takes more room than there is, and fitted text exactly that', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom('a', '東', '\u0308', '😀', '\u200d', '한'),
      fc.string({ maxLength: 1, unit: 'binary' }),
    ),
  });
  fc.assert(
    fc.property(text, fc.nat({ max: 20 }), (one, width) => {
      assert.ok(textWidth(truncate(one, width)) <= width);
      assert.equal(textWidth(fit(one, width)), width);
      assert.equal(textWidth(fit(one, width, 'right')), width);
      if (textWidth(one) <= width) assert.equal(truncate(one, width), one);
    }),
    { numRuns: 1000 },
  );
});
