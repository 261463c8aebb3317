import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countFields } from '../../../src/wire/count-fields.ts';
import { serializeResponse } from '../../../src/wire/service.ts';

const counts = (bytes: Uint8Array, packed?: number) => Object.fromEntries(countFields(bytes, packed).byNumber);

test('flows and ids are counted without being decoded', () => {
  const flow = { id: 1n.toString() };
  const bytes = serializeResponse({
    sequence: 300,
    snapshot: true,
    added: [flow, flow, flow],
    removed: [1, 300, 70_000],
  });
  assert.deepEqual(counts(bytes, 7), { 1: 1, 3: 1, 5: 3, 7: 3 });
});

test('two bytes each are counted as what they stand for', () => {
  const bytes = Buffer.from('2a00'.repeat(100_000), 'hex');
  assert.deepEqual(counts(bytes), { 5: 100_000 });
});

test('what is no message ends the count', () => {
  for (const hex of ['', 'ff', '2a', '2aff', '2a05aa', 'ffffffffffffffffffffff01', '07', '0b'])
    assert.ok(countFields(Buffer.from(hex, 'hex')).total <= 1, hex);
});
