import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { runToEnd } from '../../../../src/client/async/chunked-work.ts';
import type { Connection, Endpoint } from '../../../../src/client/model/connection.ts';
import { type WorkloadRow, workloadRows } from '../../../../src/client/traffic/workload-rows.ts';
import { connection, nodeParty, pod, unanswered } from '../tui/fixtures.ts';

function rows(connections: readonly Connection[], by: 'workload' | 'namespace' | 'pod'): WorkloadRow[] {
  return runToEnd(workloadRows(connections, by));
}

const OUTSIDE: Endpoint = { address: '203.0.113.9', kind: 'external' };
const SERVICE: Endpoint = { address: '10.96.0.9', kind: 'service', namespace: 'shop', name: 'db' };

describe('workload rows', () => {
  it('counts what an end sends and receives from its own side', () => {
    const [cart, web] = rows(
      [connection({ source: pod('cart', 'n1'), destination: pod('web', 'n2', 'front') })],
      'workload',
    );
    assert.deepEqual([cart?.name, cart?.traffic.sentRate, cart?.traffic.receivedRate], ['shop/cart', 100, 900]);
    assert.deepEqual([web?.name, web?.traffic.sentRate, web?.traffic.receivedRate], ['front/web', 900, 100]);
  });

  it('counts once what stays within', () => {
    const all = [connection({ source: pod('cart', 'n1'), destination: pod('web', 'n2') })];
    const [shop, ...others] = rows(all, 'namespace');
    assert.deepEqual(others, []);
    assert.deepEqual([shop?.traffic.connections, shop?.traffic.rate, shop?.connections.length], [1, 1000, 1]);
  });

  it('says what each is', () => {
    const all = [
      connection({ source: pod('cart', 'n1'), destination: OUTSIDE }),
      unanswered({ source: nodeParty('n1'), destination: SERVICE }),
      connection({ source: { address: '192.0.2.7' }, destination: OUTSIDE }),
    ];
    const kinds = (by: 'workload' | 'namespace' | 'pod') => rows(all, by).map(({ name, kind }) => `${name}: ${kind}`);
    const rest = ['203.0.113.9: external', 'n1: node'];
    assert.deepEqual(kinds('workload'), [
      'shop/cart: Deployment',
      ...rest,
      'svc shop/db: service',
      '192.0.2.7: address',
    ]);
    assert.deepEqual(kinds('pod'), ['shop/cart-5d8-x2: pod', ...rest, 'svc shop/db: service', '192.0.2.7: address']);
    assert.deepEqual(kinds('namespace'), ['shop: namespace', ...rest, '192.0.2.7: address']);
    // A namespace is one, whatever of it was met first.
    assert.deepEqual(
      rows([unanswered({ source: OUTSIDE, destination: SERVICE })], 'namespace').map(({ kind }) => kind),
      ['external', 'namespace'],
    );
  });

  it('has each connection at each of its ends, and nowhere else', () => {
    const endpoint = fc.constantFrom(
      pod('a', 'n1'),
      pod('b', 'n1'),
      pod('a', 'n2', 'other'),
      nodeParty('n1'),
      OUTSIDE,
      SERVICE,
    );
    const one = fc.record({ source: endpoint, destination: endpoint }).map((ends) => connection(ends));
    fc.assert(
      fc.property(fc.array(one, { maxLength: 30 }), fc.constantFrom('workload', 'namespace', 'pod'), (all, by) => {
        const made = rows(all, by as 'pod');
        const ends = all.reduce((sum, only) => sum + rows([only], by as 'pod').length, 0);
        assert.equal(
          made.reduce((sum, { traffic }) => sum + traffic.connections, 0),
          ends,
        );
        for (const { traffic, connections } of made) assert.equal(traffic.connections, connections.length);
      }),
    );
  });
});
