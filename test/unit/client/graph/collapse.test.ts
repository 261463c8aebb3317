import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { collapseGraph, OTHERS } from '../../../../src/client/graph/collapse.ts';
import { edgeKey } from '../../../../src/client/graph/graph.ts';
import { buildGraph } from '../../../../src/client/graph/graph-builder.ts';
import { selectionFromKey, selectionPredicate } from '../../../../src/client/graph/selection.ts';
import { connection, nodeParty } from '../tui/fixtures.ts';

const BY_NODE = { grouping: 'node' } as const;

function between(a: string, b: string, rate: number) {
  return connection({ source: nodeParty(a), destination: nodeParty(b), sentRate: rate, receivedRate: 0 });
}

const pairs = fc.array(fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 20 }), fc.nat({ max: 1000 })), { maxLength: 60 });
const traffic = pairs.map((all) => all.map(([a, b, rate]) => between(`n${a}`, `n${b}`, rate)));

describe('folding a graph', () => {
  const heavy = ['a', 'b', 'c', 'd', 'e'].map((name, i) => between(name, 'hub', 1000 * (i + 1)));

  it('keeps the heaviest and counts the others', () => {
    const folded = collapseGraph(buildGraph(heavy, BY_NODE, []), 4, [], new Set());
    assert.deepEqual([...folded.boxes.keys()].sort(), ['d', 'e', 'hub', OTHERS].sort());
    assert.equal(folded.collapsed, 3);
    assert.equal(folded.edges.get(edgeKey('hub', OTHERS))?.traffic.rate, 6000);
  });

  it('keeps a box that was shown until another is much heavier', () => {
    const graph = buildGraph([between('a', 'x', 1000), between('b', 'y', 1200)], BY_NODE, []);
    assert.ok(collapseGraph(graph, 3, [], new Set(['a', 'x'])).boxes.has('a'));
    assert.ok(!collapseGraph(graph, 3, [], new Set()).boxes.has('a'));
  });

  it('keeps what is always to be shown, however quiet', () => {
    const folded = collapseGraph(buildGraph(heavy, BY_NODE, ['quiet']), 3, ['quiet'], new Set());
    assert.ok(folded.boxes.has('quiet'));
  });

  it('changes nothing when all fit, and unfolds only when there is room to spare', () => {
    const graph = buildGraph(heavy, BY_NODE, []);
    assert.equal(collapseGraph(graph, 6, [], new Set()).collapsed, 0);
    assert.equal(collapseGraph(graph, 6, [], new Set([OTHERS])).collapsed, 1);
    assert.equal(collapseGraph(graph, 7, [], new Set([OTHERS])).collapsed, 0);
  });

  it('loses no box and no connection', () => {
    fc.assert(
      fc.property(traffic, fc.integer({ min: 2, max: 12 }), (connections, limit) => {
        const graph = buildGraph(connections, BY_NODE, []);
        const folded = collapseGraph(graph, limit, [], new Set());
        assert.ok(folded.boxes.size <= Math.max(limit, 2));
        const kept = [...folded.boxes.keys()].filter((name) => name !== OTHERS).length;
        assert.equal(kept + folded.collapsed, graph.boxes.size);
        const sum = (boxes: typeof graph.boxes, edges: typeof graph.edges) =>
          [...boxes.values()].reduce((all, { within }) => all + within.connections, 0) +
          [...edges.values()].reduce((all, edge) => all + edge.traffic.connections, 0);
        assert.equal(sum(folded.boxes, folded.edges), connections.length);
      }),
    );
  });

  it('knows the connections behind each box and edge, those of the others too', () => {
    fc.assert(
      fc.property(traffic, fc.integer({ min: 2, max: 12 }), (connections, limit) => {
        const folded = collapseGraph(buildGraph(connections, BY_NODE, []), limit, [], new Set());
        for (const [key, { traffic: expected }] of [...folded.boxes, ...folded.edges]) {
          const behind = connections.filter(selectionPredicate(selectionFromKey(key, folded), BY_NODE));
          assert.equal(behind.length, expected.connections, key);
        }
      }),
    );
  });
});
