import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatKeys } from '../../../../../src/client/tui/input/key-names.ts';
import { KeyReader } from '../../../../../src/client/tui/input/key-reader.ts';
import { KEYMAP } from '../../../../../src/client/tui/input/keymap.ts';

function read(...keys: string[]) {
  const reader = new KeyReader();
  return keys.map((key) => reader.read(key));
}

test('a digit is the key of its view at once, whatever comes before and after it', () => {
  assert.deepEqual(read('6', 'j'), [
    { kind: 'action', action: 'view-6' },
    { kind: 'action', action: 'down' },
  ]);
  assert.deepEqual(read('1', '2').at(-1), { kind: 'action', action: 'view-2' });
});

test('only a sequence waits, and it is for the footer to say so', () => {
  const reader = new KeyReader();
  assert.deepEqual(reader.read('g'), { kind: 'waits' });
  assert.equal(reader.pending, 'g');
  assert.deepEqual(reader.read('T'), { kind: 'action', action: 'view-previous' });
  assert.equal(reader.pending, '');
  assert.deepEqual(read('g', 'g').at(-1), { kind: 'action', action: 'first' });
  assert.deepEqual(read('g', 't').at(-1), { kind: 'action', action: 'view-next' });
});

test('Esc ends what was begun and does nothing else; another key ends it too, and says that it is nothing', () => {
  assert.deepEqual(read('g', 'escape', 'j').slice(1), [{ kind: 'cancelled' }, { kind: 'action', action: 'down' }]);
  assert.deepEqual(read('g', 'x', 'j').slice(1), [
    { kind: 'unbound', keys: 'g x' },
    { kind: 'action', action: 'down' },
  ]);
});

test('a key that nothing is bound to says so', () => {
  assert.deepEqual(read('f9'), [{ kind: 'unbound', keys: 'f9' }]);
  assert.deepEqual(read('0'), [{ kind: 'unbound', keys: '0' }]);
});

test('keys are written as people read them', () => {
  assert.deepEqual(['j', 'C-x', 'M-S-pagedown', 'f9', 'g x', 'space', '-'].map(formatKeys), [
    'j',
    'Ctrl-x',
    'Alt-Shift-PgDn',
    'F9',
    'gx',
    'Space',
    '-',
  ]);
});

test('no key means two things', () => {
  const keys = KEYMAP.flatMap((binding) => binding.keys);
  assert.deepEqual(
    keys.filter((key, i) => keys.indexOf(key) !== i),
    [],
  );
});
