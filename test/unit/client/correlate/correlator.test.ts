import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Correlator } from '../../../../src/client/correlate/correlator.ts';
import type { Connection } from '../../../../src/client/model/connection.ts';
import { MAX_HOPS } from '../../../../src/client/model/limits.ts';
import type { Flow } from '../../../../src/flow/flow.ts';
import { UDP } from '../../../../src/flow/protocol.ts';
import { each } from '../../../each.ts';
import { counted, describe, flow, icmp, Node, namesOf, plain } from './builders.ts';

const NAMES = namesOf(
  {
    '10.244.1.3': { kind: 'pod', namespace: 'shop', name: 'web', node: 'node1' },
    '10.244.2.3': { kind: 'pod', namespace: 'shop', name: 'cart', node: 'node2' },
    '10.89.0.11': { kind: 'node', name: 'node1' },
    '10.89.0.12': { kind: 'node', name: 'node2' },
  },
  { '10.96.222.143:80': { namespace: 'shop', name: 'web' } },
);

function joinOnce(...nodes: Node[]): readonly Connection[] {
  return new Correlator().update(
    nodes.map((node) => node.input),
    NAMES,
    false,
  );
}

function only(connections: readonly Connection[]): Connection {
  assert.equal(connections.length, 1, JSON.stringify(connections, undefined, 1));
  return connections[0] as Connection;
}

// As kube-proxy and a masquerading CNI make it.
const CLIENT_SIDE = flow('10.244.2.3:33522 > 10.96.222.143:80', '10.244.1.3:8080 > 10.89.0.12:33522', {
  stats: counted(1000, 9000),
});
const SERVER_SIDE = plain('10.89.0.12:33522 > 10.244.1.3:8080', { stats: counted(900, 9100), firstSeenAt: 900 });

test('client, service, masquerade and backend are one connection', () => {
  for (const nodes of [
    [new Node('node1', SERVER_SIDE), new Node('node2', CLIENT_SIDE)],
    [new Node('node2', CLIENT_SIDE), new Node('node1', SERVER_SIDE)],
  ]) {
    const connection = only(joinOnce(...nodes));
    assert.equal(connection.source.name, 'cart');
    assert.equal(connection.sourcePort, 33522);
    assert.equal(connection.destination.name, 'web');
    assert.equal(connection.destinationPort, 8080);
    assert.deepEqual(connection.service, { address: '10.96.222.143', port: 80, namespace: 'shop', name: 'web' });
    assert.deepEqual(connection.snat, { address: '10.89.0.12', port: 33522 });
    assert.deepEqual(
      connection.hops.map((hop) => [hop.node, hop.sentBytes, hop.receivedBytes]),
      [
        ['node2', 1000, 9000],
        ['node1', 900, 9100],
      ],
    );
    assert.deepEqual([connection.sentBytes, connection.receivedBytes], [1000, 9000], 'counted at the source');
    assert.deepEqual([connection.sentRate, connection.receivedRate], [100, 900]);
    assert.deepEqual([connection.sentPackets, connection.receivedPackets], [10, 90]);
    assert.equal(connection.firstSeenAt, 900);
    assert.deepEqual(connection.hops[0]?.reply, {
      source: { address: '10.244.1.3', port: 8080 },
      destination: { address: '10.89.0.12', port: 33522 },
    });
  }
});

test('the start is known where one who saw it first saw it begin', () => {
  const seen = (clientAt: number, clientKnows: boolean, serverAt: number, serverKnows: boolean) => {
    const client = { ...CLIENT_SIDE, firstSeenAt: clientAt, startKnown: clientKnows };
    const server = { ...SERVER_SIDE, firstSeenAt: serverAt, startKnown: serverKnows };
    const { firstSeenAt, startedAt } = only(joinOnce(new Node('node2', client), new Node('node1', server)));
    return [firstSeenAt, startedAt];
  };
  assert.deepEqual(seen(900, true, 1000, true), [900, 900]);
  assert.deepEqual(seen(900, true, 1000, false), [900, 900], 'the other agent was restarted');
  assert.deepEqual(seen(1000, true, 900, false), [900, undefined], 'it was there before');
  assert.deepEqual(seen(900, false, 900, false), [900, undefined]);
});

test('a half that comes later joins the one that is shown, and keeps its id', () => {
  const correlator = new Correlator();
  const client = new Node('node2');
  const server = new Node('node1', SERVER_SIDE);
  const inputs = [client.input, server.input];
  const half = only(correlator.update(inputs, NAMES, false));
  assert.deepEqual(half.source, { address: '10.89.0.12', node: 'node2' }, 'it is not claimed that the node asked');
  assert.equal(half.incomplete, 'not seen on node2');
  client.add(CLIENT_SIDE);
  const whole = only(correlator.update(inputs, NAMES, false));
  assert.equal(whole.id, half.id);
  assert.equal(whole.source.name, 'cart');
  assert.equal(whole.incomplete, undefined);
  client.remove(CLIENT_SIDE);
  const again = only(correlator.update(inputs, NAMES, false));
  assert.equal(again.id, half.id);
  assert.equal(again.source.name, 'cart', 'what was known of it is kept');
  assert.equal(again.service?.name, 'web');
  assert.equal(again.incomplete, undefined);
  server.remove(SERVER_SIDE);
  assert.equal(correlator.update(inputs, NAMES, false).length, 0);
  assert.equal(correlator.pastHops.length, 0);
});

test('two that turn out to be one keep the older id, and stay one when the link ends', () => {
  const correlator = new Correlator();
  const first = new Node('a', flow('10.0.0.1:1 > 10.0.1.1:80', '10.0.2.1:80 > 10.0.0.1:1'));
  const third = new Node('c', flow('10.9.0.1:5 > 10.0.2.1:80', '10.0.3.1:81 > 10.9.0.1:5'));
  const link = flow('10.0.0.1:1 > 10.0.2.1:80', '10.0.2.1:80 > 10.9.0.1:5');
  const middle = new Node('b');
  const inputs = [first.input, middle.input, third.input];
  const ids = correlator.update(inputs, NAMES, false).map((one) => one.id);
  assert.equal(ids.length, 2);
  middle.add(link);
  const one = only(correlator.update(inputs, NAMES, false));
  assert.equal(one.id, Math.min(...ids));
  assert.deepEqual(
    one.hops.map((hop) => hop.node),
    ['a', 'b', 'c'],
  );
  assert.equal(one.destination.address, '10.0.3.1');
  middle.remove(link);
  const still = only(correlator.update(inputs, NAMES, false));
  assert.equal(still.id, one.id);
  assert.deepEqual(
    still.hops.map((hop) => hop.node),
    ['a', 'c'],
  );
});

test('without NAT, the source’s node comes first and the destination’s last', () => {
  const pair = '10.244.2.3:5000 > 10.244.1.3:80';
  const connection = only(
    joinOnce(new Node('between', plain(pair)), new Node('node1', plain(pair)), new Node('node2', plain(pair))),
  );
  assert.deepEqual(
    connection.hops.map((hop) => hop.node),
    ['node2', 'between', 'node1'],
  );
});

test('a NodePort on another node: the client’s node is passed twice', () => {
  const connection = only(
    joinOnce(
      new Node(
        'node2',
        flow('10.244.2.3:4000 > 10.89.0.11:30080', '10.89.0.11:30080 > 10.89.0.12:4000'),
        plain('10.89.0.11:7000 > 10.244.2.9:8080'),
      ),
      new Node('node1', flow('10.89.0.12:4000 > 10.89.0.11:30080', '10.244.2.9:8080 > 10.89.0.11:7000')),
    ),
  );
  assert.deepEqual(
    connection.hops.map((hop) => hop.node),
    ['node2', 'node1', 'node2'],
  );
  assert.deepEqual(connection.snat, { address: '10.89.0.11', port: 7000 });
  assert.deepEqual(connection.service, { address: '10.89.0.11', port: 30080 });
});

test('UDP and TCP with the same ends are two connections', () => {
  const pair = '10.0.0.1:53 > 10.0.0.2:53';
  assert.equal(joinOnce(new Node('a', plain(pair)), new Node('b', plain(pair, { protocol: UDP }))).length, 2);
});

test('an unreplied datagram through NAT is joined like any other', () => {
  const options = { protocol: UDP, state: 0, replied: false };
  const connection = only(
    joinOnce(
      new Node('node2', flow('10.244.2.3:9 > 10.96.0.10:53', '10.244.1.3:53 > 10.89.0.12:9', options)),
      new Node('node1', plain('10.89.0.12:9 > 10.244.1.3:53', options)),
    ),
  );
  assert.equal(connection.replied, false);
  assert.equal(connection.destinationPort, 53);
});

test('a ping whose id NAT changed is one connection', () => {
  const connection = only(
    joinOnce(
      new Node('node2', icmp('10.244.2.3', '10.244.1.3', 7, '10.244.1.3', '10.89.0.12', 9)),
      new Node('node1', icmp('10.89.0.12', '10.244.1.3', 9, '10.244.1.3', '10.89.0.12', 9)),
    ),
  );
  assert.deepEqual(connection.icmp, { type: 8, code: 0, id: 7 });
  assert.equal(connection.sourcePort, undefined);
  assert.ok(!('sourcePort' in connection));
  assert.deepEqual(connection.snat, { address: '10.89.0.12' });
  assert.equal(connection.hops.length, 2);
});

test('IPv6 through a service', () => {
  const connection = only(
    joinOnce(
      new Node('a', flow('[fd00:1::3]:4000 > [fd00:96::1]:80', '[fd00:2::3]:8080 > [fd00::12]:4000')),
      new Node('b', plain('[fd00::12]:4000 > [fd00:2::3]:8080')),
    ),
  );
  assert.equal(connection.family, 6);
  assert.equal(connection.source.address, 'fd00:1::3');
  assert.deepEqual(connection.snat, { address: 'fd00::12', port: 4000 });
  assert.equal(connection.service?.address, 'fd00:96::1');
});

test('a service that no backend answered for is the destination itself', () => {
  const connection = only(joinOnce(new Node('node2', plain('10.244.2.3:1 > 10.96.222.143:80', { replied: false }))));
  assert.equal(connection.destination.kind, 'service');
  assert.equal(connection.destination.name, 'web');
  assert.equal(connection.service, undefined);
});

test('one tuple in zones 12 and 17 of a node is one connection that passed both, counted once', () => {
  const pair = '10.0.0.1:1 > 10.0.0.2:2';
  const stats = counted(1000, 9000);
  const a = new Node('a', plain(pair, { zone: 17, stats }), plain(pair, { zone: 12, stats }));
  const b = new Node('b', plain(pair, { zone: 5, stats }));
  const connection = only(joinOnce(a, b));
  assert.deepEqual(
    connection.hops.map((hop) => [hop.node, hop.zone]),
    [
      ['a', 12],
      ['a', 17],
      ['b', 5],
    ],
  );
  assert.deepEqual(connection.zones, [5, 12, 17]);
  assert.deepEqual([connection.sentBytes, connection.receivedBytes], [1000, 9000]);
  const alone = only(joinOnce(a));
  assert.deepEqual(alone.zones, [12, 17]);
  assert.equal(alone.sentBytes, 1000);
});

test('a tuple that passes a zone that translates it and one that does not is one connection', () => {
  const connection = only(
    joinOnce(
      new Node(
        'a',
        plain('10.244.2.3:33522 > 10.244.1.3:8080', { zone: 2 }),
        flow('10.244.2.3:33522 > 10.96.222.143:80', '10.244.1.3:8080 > 10.244.2.3:33522', { zone: 1 }),
      ),
    ),
  );
  assert.equal(connection.service?.name, 'web');
  assert.deepEqual(
    connection.hops.map((hop) => hop.zone),
    [1, 2],
  );
});

test('a zone is reported only where there are several', () => {
  const connection = only(joinOnce(new Node('a', plain('10.0.0.1:1 > 10.0.0.2:2', { zone: 5 }))));
  assert.equal(connection.zone, 5);
  assert.ok(!('zones' in connection));
});

test('zones of different nodes need not be the same', () => {
  const pair = '10.0.0.1:1 > 10.0.0.2:2';
  only(joinOnce(new Node('a', plain(pair, { zone: 3 })), new Node('b', plain(pair, { zone: 9 }))));
});

test('of two translations to the same pair, the newer one is joined', () => {
  const old = flow('10.0.0.1:1 > 10.1.0.1:80', '10.2.0.1:80 > 10.0.0.1:1', { state: 8, firstSeenAt: 100 });
  const young = flow('10.0.0.9:1 > 10.1.0.9:80', '10.2.0.1:80 > 10.0.0.1:1', { firstSeenAt: 5_000 });
  const backend = plain('10.0.0.1:1 > 10.2.0.1:80', { firstSeenAt: 5_000 });
  const connections = joinOnce(new Node('a', old), new Node('b', young), new Node('c', backend));
  assert.equal(connections.length, 2);
  const joined = connections.find((connection) => connection.hops.length === 2);
  assert.equal(joined?.source.address, '10.0.0.9');
});

test('translations in a circle end, and are not joined', () => {
  const connections = joinOnce(
    new Node('a', flow('10.0.0.1:1 > 10.0.0.2:2', '10.0.0.3:3 > 10.0.0.1:1')),
    new Node('b', flow('10.0.0.1:1 > 10.0.0.3:3', '10.0.0.2:2 > 10.0.0.1:1')),
    new Node('c', plain('10.0.0.1:1 > 10.0.0.3:3')),
    new Node('d', plain('10.0.0.1:1 > 10.0.0.3:3')),
  );
  assert.deepEqual(connections.map((connection) => connection.hops.length).sort(), [1, 1, 2]);
});

test('a reused tuple is another connection, though the other node has not noticed yet', () => {
  const correlator = new Correlator();
  const pair = '10.244.2.3:5000 > 10.244.1.3:80';
  const [oldA, oldB, newA, newB] = [plain(pair, { state: 8 }), plain(pair, { state: 8 }), plain(pair), plain(pair)];
  const a = new Node('a', oldA);
  const b = new Node('b', oldB);
  const inputs = [a.input, b.input];
  const before = only(correlator.update(inputs, NAMES, false)).id;
  a.remove(oldA).add(newA);
  const during = only(correlator.update(inputs, NAMES, false)).id;
  assert.notEqual(during, before);
  b.remove(oldB).add(newB);
  assert.equal(only(correlator.update(inputs, NAMES, false)).id, during);
});

test('connections that did not change stay the same objects, and the array too where none did', () => {
  const correlator = new Correlator();
  const node = new Node('a', plain('10.0.0.1:1 > 10.0.0.2:2'), plain('10.0.0.1:3 > 10.0.0.2:4'));
  const first = correlator.update([node.input], NAMES, false);
  assert.equal(correlator.update([node.input], NAMES, true), first);
  node.add(plain('10.0.0.1:5 > 10.0.0.2:6'));
  const second = correlator.update([node.input], NAMES, false);
  assert.equal(second.length, 3);
  assert.ok(each(first, (connection) => second.includes(connection)));
});

test('new names rebuild the connections that they concern, and no others', () => {
  const correlator = new Correlator();
  const pair = '10.0.0.1:1 > 10.0.0.2:2';
  const inputs = [new Node('a', plain(pair), plain('10.0.0.3:1 > 10.0.0.4:2')).input, new Node('b', plain(pair)).input];
  const before = correlator.update(inputs, namesOf(), false);
  const names = namesOf({ '10.0.0.2': { kind: 'pod', namespace: 'x', name: 'p', node: 'a' } });
  const after = correlator.update(inputs, names, true);
  assert.equal(after.filter((connection) => before.includes(connection)).length, 1);
  const renamed = after.find((connection) => connection.destination.name === 'p');
  assert.deepEqual(
    renamed?.hops.map((hop) => hop.node),
    ['b', 'a'],
    'the destination’s node comes last',
  );
  assert.ok(before.some((connection) => connection.id === renamed?.id));
});

test('a stale agent’s numbers give way to a live one’s; with nobody else, they stay and say so', () => {
  const correlator = new Correlator();
  const client = new Node('node2', CLIENT_SIDE);
  const server = new Node('node1', SERVER_SIDE);
  correlator.update([client.input, server.input], NAMES, false);
  client.stale = true;
  const half = only(correlator.update([client.input, server.input], NAMES, false));
  assert.equal(half.sentBytes, 900);
  assert.equal(half.stale, false);
  server.stale = true;
  const old = only(correlator.update([client.input, server.input], NAMES, false));
  assert.equal(old.sentBytes, 1000);
  assert.equal(old.stale, true);
  assert.equal(
    only(correlator.update([server.input], NAMES, false)).hops.length,
    1,
    'an agent that is gone takes its hops along',
  );
});

test('an agent that was reconnected brings the same connections, not new ones', () => {
  const correlator = new Correlator();
  const node = new Node('a', plain('10.0.0.1:1 > 10.0.0.2:2', { stats: counted(500, 500) }));
  const before = only(correlator.update([node.input], NAMES, false));
  const again = new Node('a', plain('10.0.0.1:1 > 10.0.0.2:2', { stats: counted(700, 500) }));
  const after = only(correlator.update([again.input], NAMES, false));
  assert.equal(after.id, before.id);
  assert.equal(after.sentBytes, 700);
  const fallen = new Node('a', plain('10.0.0.1:1 > 10.0.0.2:2', { stats: counted(10, 10) }));
  assert.notEqual(
    only(correlator.update([fallen.input], NAMES, false)).id,
    before.id,
    'the counters fell: it is another one',
  );
});

test('two agents on one node are two observers, not two connections', () => {
  const make = () =>
    flow('10.244.2.3:1 > 10.96.222.143:80', '10.244.1.3:8080 > 10.244.2.3:1', { stats: counted(100, 100) });
  const inputs = ['old', 'new'].map((key) => ({ ...new Node('node2', make()).input, key, stale: key === 'old' }));
  const connection = only(new Correlator().update(inputs, NAMES, false));
  assert.equal(connection.sentBytes, 100);
  assert.equal(connection.hops.length, 2);
});

// An agent may send any number of entries that no kernel has. Each is shown, and none keeps the others from being joined.
const MEETING: Readonly<Record<string, (n: number) => Flow>> = {
  'in a zone each': (n) => plain('10.244.2.3:1 > 10.9.9.9:80', { zone: n }),
  'in one zone': () => plain('10.244.2.3:1 > 10.9.9.9:80'),
  'translated one after the other': (n) =>
    flow(`10.244.2.3:1 > 10.9.${n >> 8}.${n & 255}:80`, `10.9.${(n + 1) >> 8}.${(n + 1) & 255}:80 > 10.244.2.3:1`, {
      zone: n,
    }),
  'translated to many': (n) => flow('10.244.2.3:1 > 10.9.9.9:80', `10.8.${n >> 8}.${n & 255}:80 > 10.244.2.3:1`),
};
for (const [name, make] of Object.entries(MEETING)) {
  test(`more entries than a connection has hops, ${name}: each is shown, in any order`, () => {
    const flows = Array.from({ length: 3 * MAX_HOPS }, (_, n) => make(n + 1));
    const own = flow('10.244.2.3:1 > 10.96.222.143:80', '10.244.1.3:8080 > 10.244.2.3:1');
    const shown = [flows, flows.toReversed()].map((ordered) => {
      const connections = joinOnce(new Node('node9', ...ordered), new Node('node2', own));
      assert.deepEqual(
        connections.flatMap(({ hops }) => hops.map(({ flow: id }) => id)).sort((a, b) => a - b),
        [...flows, own].map(({ id }) => id).sort((a, b) => a - b),
      );
      for (const { hops } of connections) assert.ok(hops.length <= MAX_HOPS, `${hops.length} hops`);
      return connections.map(describe).sort();
    });
    assert.deepEqual(shown[0], shown[1]);
  });
}
