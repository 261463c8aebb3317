import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildGraph, edgeKey, foldGraph, OTHERS } from '../../../../../src/client/view/graph/graph.ts';
import { connection, nodeParty, unanswered } from '../fixtures.ts';

const BY_NODE = { grouping: 'node' } as const;

function between(a: string, b: string, rate: number) {
  return connection({ source: nodeParty(a), destination: nodeParty(b), sentRate: rate, receivedRate: 0 });
}

describe('the graph', () => {
  it('has one edge for a pair, whoever asked, with the directions kept apart', () => {
    const graph = buildGraph([between('b', 'a', 10), between('a', 'b', 3)], BY_NODE, []);
    const edge = graph.edges.get(edgeKey('a', 'b'));
    assert.equal(graph.edges.size, 1);
    assert.deepEqual([edge?.from, edge?.traffic.sentRate, edge?.traffic.receivedRate], ['a', 3, 10]);
  });

  it('leaves a rate unknown when no connection has one', () => {
    const graph = buildGraph([unanswered({ source: nodeParty('a'), destination: nodeParty('b') })], BY_NODE, []);
    const traffic = graph.boxes.get('a')?.traffic;
    assert.deepEqual([traffic?.rate, traffic?.unanswered], [undefined, 1]);
  });

  it('shows nodes that have no traffic', () => {
    assert.deepEqual([...buildGraph([], BY_NODE, ['quiet']).boxes.keys()], ['quiet']);
  });
});

describe('folding a graph', () => {
  const heavy = ['a', 'b', 'c', 'd', 'e'].map((name, i) => between(name, 'hub', 1000 * (i + 1)));

  it('keeps the heaviest and counts the others', () => {
    const folded = foldGraph(buildGraph(heavy, BY_NODE, []), 4, [], new Set());
    assert.deepEqual([...folded.boxes.keys()].sort(), ['d', 'e', 'hub', OTHERS].sort());
    assert.equal(folded.folded, 3);
    assert.equal(folded.edges.get(edgeKey('hub', OTHERS))?.traffic.rate, 6000);
  });

  it('keeps a box that was shown until another is much heavier', () => {
    const graph = buildGraph([between('a', 'hub', 1000), between('b', 'hub', 1200)], BY_NODE, []);
    assert.ok(foldGraph(graph, 2, ['hub'], new Set()).boxes.has(OTHERS));
    const shown = (before: string[]) => [...foldGraph(graph, 2, [], new Set(before)).boxes.keys()];
    assert.deepEqual(shown([]), ['hub', OTHERS]);
    const three = buildGraph([between('a', 'x', 1000), between('b', 'y', 1200)], BY_NODE, []);
    assert.ok(foldGraph(three, 3, [], new Set(['a', 'x'])).boxes.has('a'));
    assert.ok(!foldGraph(three, 3, [], new Set()).boxes.has('a'));
  });

  it('keeps what is always to be shown, however quiet', () => {
    const folded = foldGraph(buildGraph(heavy, BY_NODE, ['quiet']), 3, ['quiet'], new Set());
    assert.ok(folded.boxes.has('quiet'));
  });

  it('changes nothing when all fit', () => {
    const graph = buildGraph(heavy, BY_NODE, []);
    assert.deepEqual(foldGraph(graph, 6, [], new Set()), { ...graph, folded: 0 });
  });
});
