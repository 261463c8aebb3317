import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  besideColumns,
  joinWrapped,
  type Line,
  lineText,
  span,
  wrapLine,
} from '../../../../../src/client/tui/text/line.ts';

const line = (text: string): Line => [span(text)];

test('pieces flow into as few lines as they need, none of them broken', () => {
  const lines = (width: number) => joinWrapped(['aaa', 'bb', 'cc'].map(line), line(' > '), width).map(lineText);
  assert.deepEqual(lines(13), ['aaa > bb > cc']);
  assert.deepEqual(lines(12), ['aaa > bb', 'cc']);
  assert.deepEqual(lines(4), ['aaa', 'bb', 'cc']);
});

test('two sides stand beside each other where there is room, else below', () => {
  const both = (width: number) =>
    besideColumns(
      () => [line('left')],
      () => [line('right'), line('more')],
      width,
    ).map(lineText);
  const [first = '', second = ''] = both(150);
  assert.match(first, /^left +right$/);
  assert.equal(first.indexOf('right'), second.indexOf('more'));
  assert.deepEqual(both(80), ['left', 'right', 'more']);
});

test('a line is broken between words, below its first one', () => {
  const long: Line = [span('path     ', 'heading'), span('10.0.0.1:80', 'strong'), span(' web on node1', 'dim')];
  assert.deepEqual(wrapLine(long, 24, 9).map(lineText), ['path     10.0.0.1:80 web', '         on node1']);
  assert.deepEqual(wrapLine(long, 40, 9), [long]);
});

test('a broken line fits, and nothing that could fit is lost', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(
      fc.array(fc.array(word, { maxLength: 5 }), { maxLength: 5 }),
      fc.integer({ min: 20, max: 60 }),
      (spans, width) => {
        const whole: Line = spans.map((words) => span(words.map((one) => `${one} `).join('')));
        const lines = wrapLine(whole, width, 9);
        for (const one of lines) assert.ok(lineText(one).trimEnd().length <= width);
        const words = (text: string) => text.split(/ +/).filter((one) => one !== '');
        assert.deepEqual(
          lines.flatMap((one) => words(lineText(one))),
          words(lineText(whole)),
        );
      },
    ),
  );
});
