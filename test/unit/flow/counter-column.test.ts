import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CounterColumn } from '../../../src/flow/counter-column.ts';

const EDGES = [
  0,
  1,
  2 ** 32 - 2,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 32 + 1,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63,
  2 ** 64 - 2048,
  2 ** 64,
];
const counter = fc.oneof(
  fc.constant(Number.NaN),
  fc.constantFrom(...EDGES),
  fc.nat(),
  fc.maxSafeNat(),
  fc.maxSafeNat().map((number) => number * 2048),
);

test('a counter is what was set, unknown or up to 2^64, whatever the rows beside it and before it had', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), counter), { maxLength: 30 }), fc.nat(30), (steps, growAt) => {
      const column = new CounterColumn();
      column.grow(4);
      const wanted = [0, 0, 0, 0];
      for (const [at, [slot, value]] of steps.entries()) {
        if (at === growAt) column.grow(8);
        column.set(slot, value);
        wanted[slot] = value;
        assert.deepEqual(
          wanted.map((_, row) => column.get(row)),
          wanted,
        );
      }
    }),
  );
  const column = new CounterColumn();
  column.grow(1);
  for (const edge of EDGES) {
    column.set(0, edge);
    assert.equal(column.get(0), edge);
  }
});
