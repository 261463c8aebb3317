import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SlotIndex } from '../../../src/flow/slot-index.ts';

test('an index finds what a map would, through any adding and removing, with keys that clash', () => {
  const operation = fc.record({ remove: fc.boolean(), low: fc.nat(40), high: fc.nat(2) });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
      const index = new SlotIndex();
      const known = new Map<string, number>();
      const free: number[] = [];
      let next = 0;
      for (const { remove, low, high } of operations) {
        const key = `${low} ${high}`;
        const slot = known.get(key);
        if (remove && slot !== undefined) {
          index.remove(slot);
          known.delete(key);
          free.push(slot);
        } else if (!remove && slot === undefined) {
          const taken = free.pop() ?? next++;
          index.add(taken, low, high);
          known.set(key, taken);
        }
        assert.equal(index.size, known.size);
      }
      for (let low = 0; low <= 40; low++)
        for (let high = 0; high <= 2; high++) assert.equal(index.find(low, high), known.get(`${low} ${high}`) ?? -1);
    }),
  );
});
