import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyReader } from '../../../../../src/client/view/keys/key-reader.ts';
import { KEYMAP } from '../../../../../src/client/view/keys/keymap.ts';

function read(...keys: string[]) {
  const reader = new KeyReader();
  return keys.map((key) => reader.read(key)).at(-1);
}

test('a count goes with the move that follows it', () => {
  assert.deepEqual(read('j'), [{ action: 'down' }]);
  assert.deepEqual(read('1', '2', 'j'), [{ action: 'down', count: 12 }]);
  assert.deepEqual(read('2', '0', 'G'), [{ action: 'last', count: 20 }]);
  assert.deepEqual(read('5', 'g', 'g'), [{ action: 'first', count: 5 }]);
});

test('a digit before a key that takes no count is the view of that number', () => {
  assert.deepEqual(read('2', '/'), [{ action: 'view-2' }, { action: 'filter' }]);
  assert.deepEqual(read('1', '2', '/'), [{ action: 'filter' }], 'there is no view 12');
});

test('a digit alone waits, and is a view when nothing follows', () => {
  const reader = new KeyReader();
  assert.deepEqual(reader.read('7'), []);
  assert.equal(reader.pending, '7');
  assert.deepEqual(reader.settle(), { action: 'view-7' });
  assert.equal(reader.pending, '');
  reader.read('1');
  reader.read('2');
  assert.equal(reader.settle(), undefined);
  assert.equal(reader.pending, '12', 'more of them wait for their move');
});

test('what begins a sequence and does not end it is forgotten', () => {
  const reader = new KeyReader();
  reader.read('g');
  assert.equal(reader.pending, 'g');
  assert.deepEqual(reader.read('x'), []);
  assert.deepEqual(reader.read('j'), [{ action: 'down' }]);
});

test('no number grows without bound', () => {
  const reader = new KeyReader();
  for (let i = 0; i < 100; i++) reader.read('9');
  assert(reader.pending.length < 10);
});

test('no key means two things', () => {
  const keys = KEYMAP.flatMap((binding) => binding.keys);
  assert.deepEqual(
    keys.filter((key, i) => keys.indexOf(key) !== i),
    [],
  );
});
