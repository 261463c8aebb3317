import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { capacity, place } from '../../../../../src/client/view/graph/place.ts';

const sizes = fc.record({ width: fc.integer({ min: 30, max: 200 }), height: fc.integer({ min: 7, max: 60 }) });

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `node-${i + 1}`);
}

describe('placing boxes', () => {
  it('keeps as many as the capacity says inside the picture, and apart', () => {
    fc.assert(
      fc.property(sizes, fc.nat({ max: 30 }), ({ width, height }, wanted) => {
        const placed = place(names(Math.max(1, Math.min(wanted, capacity(width, height)))), width, height);
        for (const [i, a] of placed.entries()) {
          assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height, JSON.stringify(a));
          for (const b of placed.slice(i + 1))
            assert.ok(
              a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y,
              `${JSON.stringify(a)} covers ${JSON.stringify(b)}`,
            );
        }
      }),
    );
  });

  it('depends on the names alone, not on their order', () => {
    fc.assert(
      fc.property(sizes, fc.shuffledSubarray(names(6), { minLength: 6 }), ({ width, height }, shuffled) => {
        const byName = (boxes: ReturnType<typeof place>) => [...boxes].sort((a, b) => (a.name < b.name ? -1 : 1));
        assert.deepEqual(byName(place(shuffled, width, height)), byName(place(names(6), width, height)));
      }),
    );
  });

  it('puts the hub in the middle', () => {
    const hub = place(['me', ...names(5)], 80, 20, 'me').find(({ name }) => name === 'me');
    assert.ok(hub && Math.abs(hub.x + hub.width / 2 - 40) <= 1 && Math.abs(hub.y + 1.5 - 10) <= 1);
  });

  it('counts node-2 before node-10', () => {
    const order = place(names(12), 160, 40).map(({ name }) => name);
    assert.ok(order.indexOf('node-2') < order.indexOf('node-10'));
  });
});
