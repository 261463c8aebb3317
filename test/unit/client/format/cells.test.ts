import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  cutCells,
  pad,
  repairCells,
  SIMPLE,
  textOf,
  toCells,
  truncateCells,
} from '../../../../src/client/format/cells.ts';
import { textWidth } from '../../../../src/client/format/width.ts';

describe('foreign text', () => {
  it('loses what a terminal would obey', () => {
    assert.equal(toCells('a\u001b[2Jb\u0007\u009b1m\u007f'), 'a␛[2Jb␇\ufffd1m␡');
    assert.equal(toCells('\u202eevil\u200b'), '\ufffdevil\ufffd');
  });

  it('has a unit a cell, and is itself again for the clipboard', () => {
    for (const [text, width] of [
      ['中a🙂', 5],
      ['e\u0301', 1],
      ['👩‍💻 ❤️ 🇯🇵', 8],
      ['ﾊﾞ', 2],
    ] as const) {
      assert.equal(toCells(text).length, width, text);
      assert.equal(textOf(toCells(text)), text);
    }
  });

  it('bounds the marks on a letter', () =>
    assert.equal(textOf(toCells(`z${'\u0301'.repeat(40)}`)), `z${'\u0301'.repeat(4)}\ufffd`));

  it('does not take a private character for one of its own', () => assert.equal(toCells('a\uf0ffb'), 'a\ufffdb'));

  it('does not take one for a wide character whose code it is', () => {
    const [code = ''] = toCells('東');
    assert.equal(toCells(`a${code}b`), 'a\ufffdb');
    assert.equal(toCells(`a\uf8ffb`), 'a\ufffdb');
    assert.equal(toCells(`a${toCells('東')}b`), `a${toCells('東')}b`);
  });

  it('cuts no wide character in two', () => {
    const name = toCells('東京都');
    assert.equal(textOf(cutCells(name, 3)), '東 ');
    assert.equal(textOf(repairCells(name.slice(1))), ' 京都');
    assert.equal(textOf(truncateCells('東京都', 5)), '東…');
    assert.equal(textOf(truncateCells('東京都市', 7)), '東京…市');
  });

  it('what is taken for simple is', () => {
    for (let code = 0; code < 0x10000; code++) {
      const character = String.fromCharCode(code);
      if (SIMPLE.test(character)) assert.equal(textWidth(character), 1, code.toString(16));
    }
  });

  it('is plain when it was made so once, and holds no control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = toCells(text);
        assert.equal(toCells(once), once);
        assert.doesNotMatch(once, /[\p{Cc}\p{Cf}\p{Cs}]/u);
        assert.equal(repairCells(once), once);
      }),
      { numRuns: 50 },
    );
  });
});

describe('fitting text', () => {
  it('is exactly as wide as asked', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.nat({ max: 40 }),
        fc.constantFrom('left' as const, 'right' as const),
        (text, width, align) => {
          assert.equal(pad(text, width, align).length, width);
        },
      ),
    );
  });

  it('keeps the end of what is too long', () => {
    assert.match(truncateCells('shop/cart-5d8f7c-x2k9p:8080', 16), /^shop\/cart.*:8080$/);
  });
});
