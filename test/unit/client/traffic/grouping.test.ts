import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OUTSIDE, pathOf } from '../../../../src/client/traffic/grouping.ts';
import { connection, hop, nodeParty, pod } from '../tui/fixtures.ts';

describe("a connection's way through the graph", () => {
  const across = connection({
    source: pod('cart', 'node2'),
    destination: pod('web', 'node1', 'front'),
    hops: [hop('node2'), hop('node1')],
  });

  it('goes from node to node', () => assert.deepEqual(pathOf(across, { grouping: 'node' }), ['node2', 'node1']));

  it('goes from namespace to namespace, and from workload to workload', () => {
    assert.deepEqual(pathOf(across, { grouping: 'namespace' }), ['shop', 'front']);
    assert.deepEqual(pathOf(across, { grouping: 'workload' }), ['shop/cart', 'front/web']);
  });

  it('stays in one box where both ends are in it', () => {
    const inside = connection({ source: pod('cart', 'node2'), destination: pod('web', 'node2'), hops: [hop('node2')] });
    assert.deepEqual(pathOf(inside, { grouping: 'node' }), ['node2']);
    assert.deepEqual(pathOf(inside, { grouping: 'namespace' }), ['shop']);
  });

  it('passes the nodes that saw it, where nothing is known of the ends', () => {
    const bare = connection({ hops: [hop('node1')] });
    assert.deepEqual(pathOf(bare, { grouping: 'node' }), ['10.0.0.1', 'node1', '10.0.0.2']);
    assert.deepEqual(pathOf(bare, { grouping: 'workload' }), ['10.0.0.1', '10.0.0.2']);
  });

  it('puts the outside in one box, unless there is but one node to look from', () => {
    const out = connection({
      source: nodeParty('node1'),
      destination: { address: '203.0.113.9', kind: 'external' },
      hops: [hop('node1')],
    });
    assert.deepEqual(pathOf(out, { grouping: 'node' }), ['node1', OUTSIDE]);
    assert.deepEqual(pathOf(out, { grouping: 'node', onlyNode: 'node1' }), ['node1', '203.0.113.9']);
  });

  it('takes loopback for the only node itself', () => {
    const local = connection({ source: { address: '127.0.0.1' }, destination: { address: '::1' }, hops: [hop('n')] });
    assert.deepEqual(pathOf(local, { grouping: 'node', onlyNode: 'n' }), ['n']);
  });
});
