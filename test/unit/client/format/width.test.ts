import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { textWidth, truncateEnd, truncateMiddle } from '../../../../src/client/format/width.ts';

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
    ['👩‍💻', 2],
    ['–…', 2],
    ['a\u200bb', 2],
  ] as const)
    assert.equal(textWidth(text), width, text);
});

test('what is measured without the library has its widths, alone and beside each other', () => {
  const ranges = [
    [0x20, 0x7e],
    [0xa1, 0xac],
    [0xae, 0x2ff],
    [0x2010, 0x2027],
    [0x2190, 0x22ff],
    [0x2500, 0x259f],
    [0x2801, 0x28ff],
  ] as const;
  const characters = ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)),
  );
  for (const character of [...characters, '▸', '●'])
    for (const text of [character, `a${character}`, `${character}–`, character + character])
      assert.equal(textWidth(text), stringWidth(text, { countAnsiEscapeCodes: true }), JSON.stringify(text));
});

test('what is too long loses its middle, or its end', () => {
  assert.equal(truncateEnd('cart-5d7f', 9), 'cart-5d7f');
  assert.equal(truncateEnd('cart-5d7f', 5), 'cart…');
  assert.equal(truncateEnd('東京都', 5), '東京…');
  assert.equal(truncateEnd('東京都', 4), '東…');
  assert.equal(truncateEnd('mu\u0308ller', 3), 'mu\u0308…', 'a mark stays with its letter');
  assert.equal(truncateEnd('ab', 1), '…');
  assert.equal(truncateEnd('ab', 0), '');
  assert.equal(truncateMiddle('shop/cart-5d8f7c-x2k9p:8080', 16), 'shop/cart…p:8080');
});

test('cut text never takes more room than there is', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom('a', '東', '\u0308', '😀', '\u200d', '한'),
      fc.string({ maxLength: 1, unit: 'binary' }),
    ),
  });
  fc.assert(
    fc.property(text, fc.nat({ max: 20 }), (one, width) => {
      for (const shorten of [truncateEnd, truncateMiddle]) {
        assert.ok(textWidth(shorten(one, width)) <= width);
        if (textWidth(one) <= width) assert.equal(shorten(one, width), one);
      }
    }),
    { numRuns: 1000 },
  );
});

test('a character that is alone, and only joins or formats others, takes no room', () => {
  for (const character of ['\u{13430}', '\u0600', '\u200d', '\ufeff', '\u0308']) {
    assert.equal(textWidth(character), 0);
    assert.equal(textWidth(`a${character}b`), 2);
  }
});
