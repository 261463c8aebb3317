import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection, Endpoint } from '../../../../src/client/model/connection.ts';
import { countedConnections } from '../../../../src/client/traffic/counted-connections.ts';
import { totalRate } from '../../../../src/client/traffic/traffic.ts';
import { initialState } from '../../../../src/client/tui/state.ts';
import { buildViewModelNow } from '../../../../src/client/tui/view-model/view-model.ts';
import { connection, hop, pod, snapshot } from '../tui/fixtures.ts';

function half(id: number, source: Endpoint, destination: Endpoint, on: string): Connection {
  return connection({ id, source, destination, hops: [hop(on)], sentRate: 1000, receivedRate: 0 });
}

test("of halves that are held back, those that the client's node saw count, and are not shown as rows", () => {
  const [client, server] = [pod('client', 'a'), pod('server', 'b')];
  const outside: Endpoint = { address: '203.0.113.1', kind: 'external' };
  const held = [
    half(1, client, server, 'a'),
    half(2, client, server, 'b'),
    half(3, outside, server, 'a'),
    half(4, outside, server, 'b'),
    half(5, { address: '10.0.0.1', kind: 'node', name: 'a' }, server, 'b'),
    half(6, { address: '10.0.0.1', kind: 'node', name: 'a' }, server, 'a'),
    half(7, { address: '10.0.0.1', node: 'a' }, server, 'b'),
  ];
  const shown = [half(8, client, server, 'a')];
  const taken = { ...snapshot(shown), held };
  const counted = countedConnections(taken);
  assert.deepEqual(
    counted.map(({ id }) => id),
    [8, 1, 3, 6],
  );
  assert.equal(countedConnections(taken), counted, 'the same list for the same snapshot');
  assert.equal(totalRate(counted), 4000);
  const derived = buildViewModelNow(taken, initialState());
  assert.deepEqual(derived.shown, shown);
  assert.deepEqual(derived.filtered, counted);
  const plain = snapshot(shown);
  assert.equal(countedConnections(plain), plain.connections);
});
