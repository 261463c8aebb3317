import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fit, plain, shorten } from '../../../../../src/client/view/text/plain.ts';

describe('foreign text', () => {
  it('loses what a terminal would obey', () => {
    assert.equal(plain('a\u001b[2Jb\u0007\u009b1m\u007f'), 'a␛[2Jb␇\ufffd1m␡');
    assert.equal(plain('\u202eevil\u200b'), '\ufffdevil\ufffd');
  });

  it('keeps one cell a character', () => assert.equal(plain('中a🙂e\u0301'), '\ufffda\ufffde\ufffd'));

  it('is plain when it was made so once, and holds no control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = plain(text);
        assert.equal(plain(once), once);
        assert.doesNotMatch(once, /[\p{Cc}\p{Cf}\p{Cs}]/u);
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
          assert.equal(fit(text, width, align).length, width);
        },
      ),
    );
  });

  it('keeps the end of what is too long', () => {
    assert.match(shorten('shop/cart-5d8f7c-x2k9p:8080', 16), /^shop\/cart.*:8080$/);
  });
});
