import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cleanText, printableJson } from '../../../src/client/escape.ts';

test('names stay as they are', () => {
  for (const name of ['web-7f9c', 'müller', '東京', 'a.b.example.com', '😀', 'é']) assert.equal(cleanText(name), name);
});

test('control and format characters, separators and broken characters become �', () => {
  assert.equal(cleanText('a\x1b[31m\u009b\u202e\u2028\u200b\ud800z'), 'a�[31m�����z');
});

test('nothing that a terminal obeys comes through, and cleaning again changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
      const clean = cleanText(text);
      assert.doesNotMatch(clean, /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
      assert.ok(clean.length <= 256);
      assert.equal(cleanText(clean), clean);
    }),
  );
});

test('JSON has nothing that a terminal obeys, and means the same', () => {
  assert.equal(printableJson(['a\u009b2J', '\u202e', '東']), '["a\\u009b2J","\\u202e","東"]');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = printableJson({ text });
      assert.doesNotMatch(json, /[\p{Cc}\p{Cf}\u2028\u2029]/u);
      assert.deepEqual(JSON.parse(json), { text });
    }),
  );
});
