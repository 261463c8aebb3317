import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildGraph, edgeKey } from '../../../../../src/client/view/graph/graph.ts';
import { connection, hop, nodeParty, pod, unanswered } from '../fixtures.ts';

const BY_NODE = { grouping: 'node' } as const;

function between(a: string, b: string, rate: number) {
  return connection({ source: nodeParty(a), destination: nodeParty(b), sentRate: rate, receivedRate: 0 });
}

describe('the graph', () => {
  it('has one edge for a pair, whoever asked, with the directions kept apart', () => {
    const graph = buildGraph([between('b', 'a', 10), between('a', 'b', 3)], BY_NODE, []);
    const edge = graph.edges.get(edgeKey('a', 'b'));
    assert.equal(graph.edges.size, 1);
    assert.deepEqual([edge?.from, edge?.traffic.sentRate, edge?.traffic.receivedRate, edge?.asked], ['a', 3, 10, 1]);
  });

  it('counts for a box what leaves it as sent, and what comes as received', () => {
    const graph = buildGraph([connection({ source: nodeParty('a'), destination: nodeParty('b') })], BY_NODE, []);
    const rates = (name: string) => [
      graph.boxes.get(name)?.traffic.sentRate,
      graph.boxes.get(name)?.traffic.receivedRate,
    ];
    assert.deepEqual(
      [rates('a'), rates('b')],
      [
        [100, 900],
        [900, 100],
      ],
    );
  });

  it('keeps apart what has both its ends in a box, and makes no edge of it', () => {
    const inside = connection({ source: pod('x', 'n'), destination: pod('y', 'n'), hops: [hop('n')] });
    const graph = buildGraph([inside, between('n', 'm', 5)], BY_NODE, []);
    const box = graph.boxes.get('n');
    assert.deepEqual([box?.traffic.connections, box?.within.connections, box?.within.rate], [2, 1, 1000]);
    assert.deepEqual([...graph.edges.keys()], [edgeKey('m', 'n')]);
  });

  it('leaves a rate unknown when no connection has one', () => {
    const graph = buildGraph([unanswered({ source: nodeParty('a'), destination: nodeParty('b') })], BY_NODE, []);
    const traffic = graph.boxes.get('a')?.traffic;
    assert.deepEqual([traffic?.rate, traffic?.unanswered], [undefined, 1]);
  });

  it('shows nodes that have no traffic', () => {
    assert.deepEqual([...buildGraph([], BY_NODE, ['quiet']).boxes.keys()], ['quiet']);
  });

  it('says what a box stands for', () => {
    const kinds = (grouping: 'node' | 'namespace' | 'workload') => {
      const parties = {
        source: pod('web', 'n1'),
        destination: { address: '203.0.113.9', kind: 'external' },
        hops: [hop('n1')],
      } as const;
      const service = {
        source: pod('web', 'n1'),
        destination: { address: '10.96.0.9', kind: 'service', namespace: 'shop', name: 'db' },
      } as const;
      return [...buildGraph([connection(parties), connection(service)], { grouping }, []).boxes.values()].map(
        ({ kind }) => kind,
      );
    };
    assert.deepEqual(kinds('node'), ['node', 'outside', 'service']);
    assert.deepEqual(kinds('namespace'), ['namespace', 'outside']);
    assert.deepEqual(kinds('workload'), ['Deployment', 'outside', 'service']);
  });
});
