import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nthSmallest } from '../../../src/flow/top-flows.ts';

test('the nth smallest is what sorting would put there, equal values among them', () => {
  const rate = fc.oneof(fc.constantFrom(-1, 0, 1), fc.double({ min: 0, max: 1e12, noNaN: true }));
  fc.assert(
    fc.property(fc.array(rate, { minLength: 1, maxLength: 200 }), fc.nat(), (values, n) => {
      const index = n % values.length;
      // -0 and 0 are one rate, and sort apart.
      const positive = values.map((value) => value + 0);
      assert.equal(nthSmallest(Float64Array.from(positive), index), Float64Array.from(positive).sort()[index]);
    }),
  );
});
