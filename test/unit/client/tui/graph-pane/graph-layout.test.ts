import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { edgeKey } from '../../../../../src/client/graph/graph.ts';
import { centerOf, contains, pointAt } from '../../../../../src/client/tui/graph-pane/curve.ts';
import { type LayoutRequest, StableLayout } from '../../../../../src/client/tui/graph-pane/graph-layout.ts';
import { maxBoxes, type PlacedBox } from '../../../../../src/client/tui/graph-pane/slots.ts';

const sizes = fc.record({ width: fc.integer({ min: 4, max: 220 }), height: fc.integer({ min: 1, max: 70 }) });
const links = fc.array(fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 30 })), { maxLength: 50 });

function wanted(
  count: number,
  pairs: readonly (readonly [number, number])[],
  size: { width: number; height: number },
): LayoutRequest {
  const names = Array.from({ length: count }, (_, i) => `node-${i + 1}`);
  const keys = new Map<string, LayoutRequest['links'][number]>();
  for (const [a, b] of pairs) {
    const [from, to] = [names[a % count], names[b % count]];
    if (from === undefined || to === undefined || from === to) continue;
    keys.set(edgeKey(from, to), { key: edgeKey(from, to), from, to, weight: 0.5, direction: 0 });
  }
  return { names, links: [...keys.values()], of: 'node', ...size };
}

function overlap(a: PlacedBox, b: PlacedBox): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function sane(boxes: readonly PlacedBox[], { width, height }: { width: number; height: number }): void {
  for (const [i, a] of boxes.entries()) {
    assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.width <= width && a.y + a.height <= height, JSON.stringify(a));
    for (const b of boxes.slice(i + 1)) assert.ok(!overlap(a, b), `${JSON.stringify(a)} covers ${JSON.stringify(b)}`);
  }
}

const at = (boxes: readonly PlacedBox[]) => new Map(boxes.map((box) => [box.name, `${box.x},${box.y},${box.width}`]));

describe('placing boxes', () => {
  it('keeps as many as the capacity says inside the picture, and apart', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 30 }), links, (size, many, pairs) => {
        const count = Math.min(many, maxBoxes(size.width, size.height));
        const { boxes } = new StableLayout().update(wanted(count, pairs, size));
        assert.equal(boxes.length, count);
        sane(boxes, size);
      }),
      { numRuns: 60 },
    );
  });

  it('moves no box when one comes or goes and there is a place for it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 9 }), links, (count, pairs) => {
        const size = { width: 160, height: 44 };
        const places = new StableLayout();
        const full = wanted(count, pairs, size);
        const before = at(places.update(full).boxes);
        const one = { ...full, names: [...full.names, 'new'] };
        const more = places.update(one).boxes;
        sane(more, size);
        for (const [name, place] of before) assert.equal(at(more).get(name), place);
        const less = at(places.update({ ...one, names: one.names.slice(1) }).boxes);
        for (const [name, place] of less) assert.equal(at(more).get(name), place);
      }),
      { numRuns: 40 },
    );
  });

  it('moves nothing when only numbers change', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        links,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (count, pairs, weight) => {
          const places = new StableLayout();
          const all = wanted(count, pairs, { width: 160, height: 44 });
          const before = places.update(all);
          const after = places.update({ ...all, links: all.links.map((link) => ({ ...link, weight, direction: -1 })) });
          assert.equal(after, before);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('comes to the same for the same', () => {
    fc.assert(
      fc.property(sizes, links, (size, pairs) => {
        const all = wanted(Math.max(1, Math.min(9, maxBoxes(size.width, size.height))), pairs, size);
        assert.deepEqual(new StableLayout().update(all), new StableLayout().update(all));
      }),
      { numRuns: 30 },
    );
  });

  it('begins and ends lines at the sides of their boxes, and knows each line', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), links, (count, pairs) => {
        const all = wanted(count, pairs, { width: 158, height: 46 });
        const plan = new StableLayout().update(all);
        const boxes = new Map(plan.boxes.map((box) => [box.name, box]));
        for (const { key, from, to } of all.links) {
          const route = plan.routes.get(key);
          assert.ok(route);
          for (const [name, t] of [
            [from, route.start],
            [to, route.end],
          ] as const) {
            const box = boxes.get(name);
            assert.ok(box && !contains(box, pointAt(route.curve, t)));
            assert.ok(contains(box, pointAt(route.curve, t), 2));
          }
          assert.deepEqual(route.curve.from, centerOf(boxes.get(from) as PlacedBox));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('leads lines around boxes', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => name) as [string, string, string];
    const chain = [
      [a, b],
      [b, c],
      [a, c],
    ].map(([from = '', to = '']) => ({ key: edgeKey(from, to), from, to, weight: 1, direction: 1 }));
    const plan = new StableLayout().update({ names: [a, b, c], links: chain, width: 120, height: 15, of: 'node' });
    for (const [key, { curve }] of plan.routes)
      for (const box of plan.boxes.filter(({ name }) => !key.split('\n').includes(name)))
        for (let i = 0; i <= 50; i++) assert.ok(!contains(box, pointAt(curve, i / 50)), `${key} runs over ${box.name}`);
  });
});
