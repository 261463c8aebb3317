/** Addresses that are the same on every node, and are somebody else's on each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Correlator } from '../../../../src/client/correlate/correlator.ts';
import { Node, namesOf, plain } from './builders.ts';

const NAMES = namesOf({ '10.244.2.3': { kind: 'pod', namespace: 'shop', name: 'cart', node: 'b' } });
const OWN = ['127.0.0.1:4000 > 127.0.0.1:5000', '169.254.20.10:4000 > 169.254.20.10:53', '[::1]:4000 > [::1]:5000'];

test('what two nodes talk within themselves is two connections, though the addresses are the same', () => {
  for (const pair of OWN) {
    const inputs = ['a', 'b'].map((name) => new Node(name, plain(pair)).input);
    const connections = new Correlator().update(inputs, NAMES, false);
    assert.deepEqual(connections.map(({ hops }) => hops.map(({ node }) => node)).sort(), [['a'], ['b']], pair);
  }
});

test('two agents on one node see the same', () => {
  const inputs = ['old', 'new'].map((key) => ({ ...new Node('a', plain(OWN[0] as string)).input, key }));
  assert.equal(new Correlator().update(inputs, NAMES, false).length, 1);
});

test('the loopback is its node, also when the node is known later', () => {
  const correlator = new Correlator();
  const { input } = new Node('10.0.0.1:50051', plain(OWN[0] as string), plain('10.244.2.3:1 > 10.244.2.4:2'));
  const nodeOf = (node: string) => {
    const found = correlator
      .update([{ ...input, node }], NAMES, false)
      .find(({ source }) => source.address === '127.0.0.1');
    return [found?.source, found?.destination, found?.hops[0]?.node];
  };
  for (const name of ['10.0.0.1:50051', 'node1']) {
    const endpoint = { address: '127.0.0.1', kind: 'node', name };
    assert.deepEqual(nodeOf(name), [endpoint, endpoint, name]);
  }
});

test('link-local addresses of two nodes may talk to one another', () => {
  const inputs = ['a', 'b'].map((name) => new Node(name, plain('[fe80::1]:4000 > [fe80::2]:179')).input);
  assert.equal(new Correlator().update(inputs, NAMES, false).length, 1);
});
