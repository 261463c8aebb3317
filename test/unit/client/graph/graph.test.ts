import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { runToEnd } from '../../../../src/client/async/chunked-work.ts';
import { edgeKey, type Graph } from '../../../../src/client/graph/graph.ts';
import { buildGraph, GraphBuilder } from '../../../../src/client/graph/graph-builder.ts';
import type { Connection } from '../../../../src/client/model/connection.ts';
import { connection, hop, nodeParty, pod, unanswered } from '../tui/fixtures.ts';

const BY_NODE = { grouping: 'node' } as const;

function between(a: string, b: string, rate: number) {
  return connection({ source: nodeParty(a), destination: nodeParty(b), sentRate: rate, receivedRate: 0 });
}

describe('the graph', () => {
  it('has one edge for a pair, in either role, with the directions kept apart', () => {
    const graph = buildGraph([between('b', 'a', 10), between('a', 'b', 3)], BY_NODE, []);
    const edge = graph.edges.get(edgeKey('a', 'b'));
    assert.equal(graph.edges.size, 1);
    assert.deepEqual(
      [edge?.from, edge?.traffic.sentRate, edge?.traffic.receivedRate, edge?.initiatedByFrom],
      ['a', 3, 10, 1],
    );
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
      const endpoints = {
        source: pod('web', 'n1'),
        destination: { address: '203.0.113.9', kind: 'external' },
        hops: [hop('n1')],
      } as const;
      const service = {
        source: pod('web', 'n1'),
        destination: { address: '10.96.0.9', kind: 'service', namespace: 'shop', name: 'db' },
      } as const;
      return [...buildGraph([connection(endpoints), connection(service)], { grouping }, []).boxes.values()].map(
        ({ kind }) => kind,
      );
    };
    assert.deepEqual(kinds('node'), ['node', 'outside', 'service']);
    assert.deepEqual(kinds('namespace'), ['namespace', 'outside']);
    assert.deepEqual(kinds('workload'), ['Deployment', 'outside', 'service']);
  });

  it('comes to the same by what changed as again', () => {
    const name = fc.nat({ max: 6 }).map((n) => `n${n}`);
    const rate = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined });
    const one = fc
      .record({ a: name, b: name, rate, silent: fc.boolean(), passes: fc.subarray(['n1', 'n7']) })
      .map((parts) => {
        const { sentRate: _, ...rest } = connection({
          source: nodeParty(parts.a),
          destination: nodeParty(parts.b),
          hops: parts.passes.map(hop),
        });
        const made = parts.rate === undefined ? rest : { ...rest, sentRate: parts.rate };
        return parts.silent ? unanswered({ source: made.source, destination: made.destination }) : made;
      });
    const plain = (graph: Graph) => ({
      boxes: [...graph.boxes].sort(([a], [b]) => (a < b ? -1 : 1)),
      edges: [...graph.edges].sort(([a], [b]) => (a < b ? -1 : 1)),
    });
    fc.assert(
      fc.property(
        fc.array(fc.array(one, { maxLength: 12 }), { maxLength: 5 }),
        fc.infiniteStream(fc.nat()),
        (snapshots, dice) => {
          const builder = new GraphBuilder(BY_NODE);
          let before: readonly Connection[] = [];
          for (const fresh of snapshots) {
            // Some stay the same objects at their places.
            const next = fresh.map((made, i) => ((dice.next().value as number) % 3 > 0 ? (before[i] ?? made) : made));
            assert.deepEqual(plain(runToEnd(builder.update(next, ['n9']))), plain(buildGraph(next, BY_NODE, ['n9'])));
            before = next;
          }
        },
      ),
    );
  });

  it('is right after a count that was given up', () => {
    const builder = new GraphBuilder(BY_NODE);
    const many = Array.from({ length: 2000 }, (_, i) => between(`n${i % 3}`, 'hub', 1));
    runToEnd(builder.update(many, []));
    const others = many.map((one, i) => (i % 5 === 0 ? between('other', 'hub', 2) : one));
    const given = builder.update(others, []);
    for (let step = 0; step < 3; step++) given.next();
    assert.deepEqual(runToEnd(builder.update(many, [])), buildGraph(many, BY_NODE, []));
  });
});
