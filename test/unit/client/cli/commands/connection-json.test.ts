import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toConnectionJson } from '../../../../../src/client/output/connection-json.ts';
import { bareConnection, connection } from './fixtures.ts';

const NOW = 1_012_000;
const printed = (of: ReturnType<typeof connection>) => JSON.parse(JSON.stringify(toConnectionJson(of, NOW)));

test('what is known is printed, in the words of the contract', () => {
  assert.deepEqual(printed(connection({ startedAt: 1_000_000 })), {
    protocol: 'tcp',
    family: 4,
    state: 'ESTABLISHED',
    replied: true,
    assured: true,
    offloaded: false,
    zones: [0],
    mark: 0,
    source: {
      kind: 'pod',
      address: '10.244.2.3',
      port: 33522,
      namespace: 'shop',
      name: 'cart-5d',
      node: 'node2',
      workload: { kind: 'Deployment', name: 'cart' },
    },
    destination: {
      kind: 'pod',
      address: '10.244.1.3',
      port: 8080,
      namespace: 'shop',
      name: 'web-7f',
      node: 'node1',
    },
    via: {
      service: { namespace: 'shop', name: 'web', address: '10.96.222.143', port: 80 },
      snat: { address: '10.89.0.12', port: 33522 },
    },
    bytesPerSecond: { sent: 1810, received: 411870 },
    bytes: { sent: 20000, received: 4000000 },
    packets: { sent: 200, received: 3000 },
    ageSeconds: 12,
    observedSeconds: 12,
    observedBy: ['node1', 'node2'],
  });
});

test('what is unknown is left out, and 0 is kept', () => {
  assert.deepEqual(printed(bareConnection()), {
    protocol: 'icmpv6',
    family: 6,
    replied: false,
    offloaded: false,
    zones: [0],
    mark: 0,
    source: { address: '2001:db8::1' },
    destination: { address: '2001:db8::2' },
    icmp: { type: 128, code: 0, id: 7 },
    observedSeconds: 12,
    observedBy: ['node1'],
  });
  const oneWay = printed(bareConnection({ sentRate: 0, snat: { address: '10.0.0.1' } }));
  assert.deepEqual(oneWay.bytesPerSecond, { sent: 0 });
  assert.deepEqual(oneWay.via, { snat: { address: '10.0.0.1' } });
});

test('zones, mark, offloading and what is missing', () => {
  const parts = { zone: 12, zones: [12, 17], mark: 0x4000, offloaded: true, incomplete: 'no agent on node2' };
  const { zones, mark, offloaded, incomplete } = printed(connection(parts));
  assert.deepEqual([zones, mark, offloaded, incomplete], [[12, 17], 0x4000, true, 'no agent on node2']);
  assert.deepEqual(printed(connection({ zone: 7 })).zones, [7]);
});

test('an agent whose clock is ahead does not make ages negative', () => {
  const { ageSeconds, observedSeconds } = printed(connection({ firstSeenAt: NOW + 5000, startedAt: NOW + 5000 }));
  assert.deepEqual([ageSeconds, observedSeconds], [0, 0]);
});

test('a connection from before has no age, but was observed for a known time', () => {
  const json = printed(connection());
  assert.equal('ageSeconds' in json, false);
  assert.equal(json.observedSeconds, 12);
});

test('a protocol without a name has its number', () => {
  const { protocol, protocolNumber } = printed(connection({ protocol: 50 }));
  assert.deepEqual([protocol, protocolNumber], ['unknown', 50]);
});
