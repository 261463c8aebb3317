import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  cleanSentence,
  cleanText,
  cleanTo,
  forTerminal,
  joined,
  sentence,
  stringifyPrintable,
} from '../../../../src/client/format/sanitize.ts';

test('names stay as they are', () => {
  const names = [
    ...['web-7f9c', 'müller', 'a.b.example.com', 'é', 'e\u0301', 'fe80::1%eth0', 'xn--bcher-kva.example', 'a b'],
    // Scripts that are read from the right, or have no case.
    ...['東京-1', '서울', 'かな', 'مرحبا', 'שלום', 'नमस्ते', 'ไทย', 'bücher.example', 'россия.рф'],
    // Joiners between letters, and between emoji.
    ...['می\u200cخواهم', 'क्\u200dष', '👩\u200d👩\u200d👧', '👩🏽\u200d💻', '🏳\ufe0f\u200d🌈'],
    // Selectors of forms, keycaps, flags.
    ...[
      '❤\ufe0f',
      '☎\ufe0e',
      '1\ufe0f\u20e3',
      '葛\u{e0100}',
      '🇩🇪',
      '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
    ],
  ];
  for (const name of names) assert.equal(cleanText(name), name);
});

test('each character that a terminal obeys, or that cannot be seen, becomes one �', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a\x1b[31m\u009b\u202e\u2028\u200b\ud800z', 'a�[31m�����z'],
    ['r\x1b]52;c;QQ==\x07', 'r�]52;c;QQ==�'],
    ['a\r\nb\tc\x7f\u0085\u2029d', 'a��b�c���d'],
    // The direction of writing: embeddings, overrides, isolates, marks.
    ['\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c', '�'.repeat(12)],
    // Default ignorable.
    [
      'a\u00adb\u034fc\u115fd\u1160e\u17b4f\u180eg\u2060h\u3164i\ufeffj\uffa0k\u{1d173}l\u{e0041}m',
      'a�b�c�d�e�f�g�h�i�j�k�l�m',
    ],
    // Blank.
    ['a\u00a0b\u2003c\u3000d\u2800e\u202ff', 'a�b�c�d�e�f'],
    // Joiners and selectors with nothing to join or to select; tags that make no flag.
    ['web\u200d-1\u200c', 'web�-1�'],
    ['a\u200d\u200db', 'a��b'],
    ['a\ufe0f1\ufe0f', 'a�1�'],
    ['❤\ufe0f\ufe0f', '❤\ufe0f�'],
    ['🏴\u{e0061}\u{e007f}', '🏴��'],
    // Private use, unassigned.
    ['a\ue000\u{10ffff}', 'a��'],
  ];
  for (const [text, clean] of cases) assert.equal(cleanText(text), clean);
});

test('a letter has four marks at most, and a mark has a letter', () => {
  assert.equal(cleanText(`a${'\u0301'.repeat(4)}b`), `a${'\u0301'.repeat(4)}b`);
  assert.equal(cleanText(`a${'\u0301'.repeat(7)}b`), `a${'\u0301'.repeat(4)}���b`);
  assert.equal(cleanText('\u0301a \u0301'), '�a �');
});

test('what is too long is cut between two characters as people count them', () => {
  assert.equal(cleanTo('abcdef', 6), 'abcdef');
  assert.equal(cleanTo('abcdefg', 6), 'abcde…');
  assert.equal(cleanTo('ab👩\u200d👩\u200d👧xyz', 6), 'ab…');
  assert.equal(cleanTo(`abcde\u0301\u0301fg`, 6), 'abcd…');
  assert.equal(cleanTo('👩'.repeat(4), 6), '👩👩…');
  assert.equal(cleanText('x'.repeat(1e6)).length, 256);
  assert.equal(cleanSentence(` ${'x'.repeat(3000)}\n`).length, 2048);
  assert.equal(cleanSentence(' permission denied\n'), 'permission denied');
});

test('two names that differ in a character that is not seen do not look alike', () => {
  const visible = 'web';
  for (const hidden of ['\u200b', '\u00ad', '\u2060', '\ufeff', '\u3164', '\u202e', '\u{e0061}', '\ufe0f', '\x00'])
    assert.notEqual(cleanText(`w${hidden}eb`), visible, hidden.codePointAt(0)?.toString(16));
});

test('a joiner behind a replaced selector joins nothing', () => {
  const clean = cleanText('👩\u20e3\ufe0f\u0301\u200d👩');
  assert.equal(clean, '👩\u20e3\ufffd\u0301\ufffd👩');
  assert.equal(cleanText(clean), clean);
});

test('nothing that a terminal obeys comes through, and cleaning again changes nothing', () => {
  const units = [
    '\u200d',
    '\u0301',
    '\ufe0f',
    '👩',
    '🏴',
    '\u{e0067}',
    '\u3164',
    '葛',
    'a',
    '1',
    ' ',
    '\x1b',
    '\ud800',
    '\u20e3',
  ];
  const hostile = fc.array(fc.constantFrom(...units), { maxLength: 400 }).map((all) => all.join(''));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 600 }), hostile), (text) => {
      const clean = cleanText(text);
      assert.doesNotMatch(clean, /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      assert.doesNotMatch(clean, /(?!\p{Variation_Selector})\p{M}{5}/u);
      assert.ok(clean.length <= 256);
      assert.equal(cleanText(clean), clean);
      assert.equal(forTerminal(clean), clean);
    }),
    { numRuns: 40 },
  );
});

test('own sentences take clean text and numbers', () => {
  assert.equal(sentence`pod ${cleanText('a\x1bb')} has ${2}`, 'pod a�b has 2');
  assert.equal(joined([cleanText('a'), cleanText('b')], ', '), 'a, b');
});

test('the last look before a terminal leaves lines, colours and own blanks', () => {
  assert.equal(forTerminal('a\n\x1b[1;31mb\x1b[m\u2003⠀c\n'), 'a\n\x1b[1;31mb\x1b[m\u2003⠀c\n');
  assert.equal(forTerminal('a\r\x1b]52;c;QQ==\x07\x1b[2Jb\u009b1m\u202ec\u2028d\te'), 'a��]52;c;QQ==��[2Jb�1m�c�d\te');
});

test('JSON has nothing that a terminal obeys, and means the same', () => {
  assert.equal(stringifyPrintable(['a\u009b2J', '\u202e', '東']), '["a\\u009b2J","\\u202e","東"]');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = stringifyPrintable({ text });
      assert.doesNotMatch(json, /[\p{Cc}\p{Cf}\u2028\u2029]/u);
      assert.deepEqual(JSON.parse(json), { text });
    }),
  );
});

/** Pure parts get clean text, and make none: what they would clean, a decoder has forgotten. Exceptions: addresses and numbers that were formatted, identifiers. */
test('what is made of the model cleans nothing', () => {
  const exceptions = ['correlate/disputes.ts', 'columns/agent-columns.ts'];
  const client = new URL('../../../../src/client/', import.meta.url);
  const found = ['correlate', 'filter', 'traffic', 'columns', 'graph', 'output', 'problems', 'tui'].flatMap((folder) =>
    readdirSync(new URL(folder, client), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `${folder}/${file}`)
      .filter((file) =>
        /\bclean(Text|To|Sentence|Path)\(|as CleanText/.test(readFileSync(new URL(file, client), 'utf8')),
      ),
  );
  assert.deepEqual(found, exceptions);
});
