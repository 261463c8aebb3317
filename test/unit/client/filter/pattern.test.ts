import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compilePattern } from '../../../../src/client/filter/pattern.ts';

test('asterisks stand for what the regular expression says they do', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
  fc.assert(
    fc.property(letters, text, (wanted, one) => {
      const expected = wanted.includes('*')
        ? new RegExp(`^${wanted.replaceAll('*', '.*')}$`).test(one)
        : one === wanted;
      assert.equal(compilePattern({ text: wanted, quoted: false }, 'same')(one), expected);
    }),
    { numRuns: 3000 },
  );
});

test('a pattern that is bad for regular expressions takes no time', () => {
  const started = performance.now();
  const test = compilePattern({ text: `${'*a'.repeat(60)}*b`, quoted: false }, 'same');
  for (let i = 0; i < 100; i++) assert.ok(!test('a'.repeat(250)));
  assert.ok(performance.now() - started < 500);
});
