import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { runToEnd } from '../../../../src/client/async/chunked-work.ts';
import type { Connection, Endpoint } from '../../../../src/client/model/connection.ts';
import { type ServiceRow, serviceKey, serviceRows } from '../../../../src/client/traffic/service-rows.ts';
import { UDP } from '../../../../src/flow/protocol.ts';
import { connection, nodeParty, pod, unanswered } from '../tui/fixtures.ts';

function rows(connections: readonly Connection[]): ServiceRow[] {
  return runToEnd(serviceRows(connections));
}

const client = (n: number): Endpoint => ({ ...pod(`cart${n}`, 'node1'), address: `10.244.1.${n}` });
const backend = (n: number): Endpoint => ({ ...pod('web', 'node2'), address: `10.244.2.${n}` });
const WEB = { address: '10.96.0.10', port: 80, namespace: 'shop', name: 'web' };

describe('services and ports', () => {
  it('has one row for a service’s port, with its clients and backends', () => {
    const all = [1, 2, 3, 4].map((n) =>
      connection({ source: client(n % 2), destination: backend(n % 3), destinationPort: 8080, service: WEB }),
    );
    const [row, ...others] = rows(all);
    assert.deepEqual(others, []);
    assert.deepEqual([row?.name, row?.port, row?.clients, row?.backends], ['shop/web', 80, 2, 3]);
    assert.deepEqual([row?.traffic.connections, row?.traffic.sentRate, row?.traffic.receivedRate], [4, 400, 3600]);
  });

  it('keeps ports and protocols of a service apart', () => {
    const all = [
      connection({ service: WEB }),
      connection({ service: { ...WEB, port: 443 } }),
      connection({ service: WEB, protocol: UDP }),
    ];
    assert.equal(rows(all).length, 3);
  });

  it('counts what has no answer, and a service without endpoints with what has', () => {
    const service: Endpoint = { address: WEB.address, kind: 'service', namespace: 'shop', name: 'web' };
    const [row, ...others] = rows([
      connection({ source: client(1), destination: backend(1), service: WEB }),
      unanswered({ source: client(2), destination: service, destinationPort: 80 }),
    ]);
    assert.deepEqual(others, []);
    assert.deepEqual([row?.clients, row?.backends, row?.traffic.unanswered], [2, 1, 1]);
  });

  it('tells what is asked directly from a service of the same name', () => {
    const all = [
      connection({ source: client(1), destination: backend(1), destinationPort: 80, service: WEB }),
      connection({ source: client(1), destination: backend(1), destinationPort: 80 }),
      connection({ source: client(1), destination: nodeParty('node1'), destinationPort: 22 }),
    ];
    assert.deepEqual(
      rows(all).map(({ name, port }) => `${name} ${port}`),
      ['shop/web 80', 'shop/web (direct) 80', 'node1 (direct) 22'],
    );
  });

  it('lists by port alone what nobody in the cluster serves', () => {
    const outside = (n: number): Endpoint => ({ address: `203.0.113.${n}`, kind: 'external' });
    const all = [
      connection({ destination: outside(1) }),
      connection({ destination: { ...outside(2), name: 'example.org' } }),
      connection({ destination: { address: '192.0.2.1' }, destinationPort: 53, protocol: UDP }),
      connection({ destination: { address: '192.0.2.2' }, destinationPort: 53, protocol: UDP }),
    ];
    assert.deepEqual(
      rows(all).map(({ name, port, backends }) => [name, port, backends]),
      [
        ['outside', 443, 2],
        ['no service', 53, 2],
      ],
    );
  });

  it('counts each connection once, in the row of its key', () => {
    const endpoint = fc.constantFrom(client(1), client(2), backend(1), backend(2), nodeParty('node1'), {
      address: '203.0.113.1',
      kind: 'external',
    } satisfies Endpoint);
    const one = fc
      .record({ source: endpoint, destination: endpoint, port: fc.constantFrom(80, 443), served: fc.boolean() })
      .map(({ source, destination, port, served }) =>
        connection({ source, destination, destinationPort: port, ...(served ? { service: WEB } : {}) }),
      );
    fc.assert(
      fc.property(fc.array(one, { maxLength: 30 }), (all) => {
        const made = rows(all);
        assert.equal(new Set(made.map(({ key }) => key)).size, made.length);
        for (const row of made) {
          const mine = all.filter((connection) => serviceKey(connection) === row.key);
          assert.deepEqual(row.connections, mine);
          assert.equal(row.traffic.connections, mine.length);
        }
        assert.equal(
          made.reduce((sum, { traffic }) => sum + traffic.connections, 0),
          all.length,
        );
      }),
    );
  });
});
