import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGENT_COLUMNS } from '../../../../src/client/columns/agent-columns.ts';
import type { Column } from '../../../../src/client/columns/column.ts';
import { CONNECTION_COLUMNS } from '../../../../src/client/columns/connection-columns.ts';
import { addressSortKey } from '../../../../src/client/format/connection.ts';
import type { AgentState } from '../../../../src/client/model/agent.ts';
import type { Connection } from '../../../../src/client/model/connection.ts';
import { CART_TO_WEB, DNS_UNANSWERED, NOW } from '../filter/connection.ts';

const NAMES = { names: true, now: NOW };
const ADDRESSES = { names: false, now: NOW };

function cells(connection: Connection, context = NAMES): Record<string, string> {
  return Object.fromEntries(CONNECTION_COLUMNS.map((column) => [column.id, column.cell(connection, context)]));
}

test('a connection by names', () => {
  assert.deepEqual(cells(CART_TO_WEB), {
    source: 'shop/cart-5d7f',
    destination: 'shop/web-7f9c',
    via: 'shop/web +snat',
    proto: 'tcp',
    port: '8080 http',
    state: 'ESTABLISHED',
    out: '1.81 kB/s',
    in: '1.21 MB/s',
    total: '2.00 GB',
    age: '12s',
    nodes: 'node2.example.com,node1',
    rate: '1.21 MB/s',
    'source-address': '10.244.2.3:33522',
    'destination-address': '10.244.1.3:8080',
    'service-address': '10.96.222.143:80',
    snat: '10.89.0.12:33522',
    'packets-out': '500',
    'packets-in': '90.0 k',
    timeout: '5m00s',
    assured: 'yes',
    mark: '0x4000',
    zone: '0',
    incomplete: '',
    disputed: '',
  });
});

test('a connection by addresses', () => {
  const { source, destination, via } = cells(CART_TO_WEB, ADDRESSES);
  assert.deepEqual([source, destination, via], ['10.244.2.3:33522', '10.244.1.3:8080', '10.96.222.143:80 +snat']);
});

test('a client of which only the node is known says so, and does not claim that the node asked', () => {
  const half = { ...CART_TO_WEB, source: { address: '10.89.0.12', node: 'node2' }, incomplete: 'no agent on node2' };
  assert.equal(cells(half).source, 'node2 (?)');
  assert.equal(cells(half).incomplete, 'no agent on node2');
  assert.equal(cells(half, ADDRESSES).source, '10.89.0.12:33522');
});

test('zones are reported, each', () => {
  assert.equal(cells({ ...CART_TO_WEB, zone: 12, zones: [12, 17] }).zone, '12,17');
});

test('what is not known is “–”, in its cell and as no key; what is not there is empty', () => {
  const shown = cells(DNS_UNANSWERED, ADDRESSES);
  assert.equal(shown.source, '[fd00:1::3]:5353');
  assert.equal(shown.state, 'UNREPLIED');
  assert.equal(shown.via, '');
  for (const id of ['out', 'in', 'total', 'rate', 'packets-out', 'packets-in', 'timeout', 'assured']) {
    assert.equal(shown[id], '–', id);
    assert.equal(CONNECTION_COLUMNS.find((column) => column.id === id)?.sortKey(DNS_UNANSWERED, NAMES), undefined, id);
  }
});

test('one direction that is known is a total', () => {
  const { receivedBytes: _, ...sentOnly } = CART_TO_WEB;
  assert.equal(cells(sentOnly).total, '50.0 kB');
});

test('states of protocols that have none', () => {
  const udp = { ...DNS_UNANSWERED, replied: true };
  assert.equal(cells(udp).state, 'REPLIED');
  assert.equal(cells({ ...udp, assured: true }).state, 'ASSURED');
  assert.equal(cells({ ...udp, offloaded: true }).state, 'OFFLOADED');
});

test('ICMP shows its type, source NAT alone its address, other protocols their number', () => {
  const { sourcePort: _a, destinationPort: _b, service: _c, ...rest } = CART_TO_WEB;
  const ping = { ...rest, protocol: 1, icmp: { type: 8, code: 0, id: 9 }, snat: { address: '10.89.0.12' } };
  const shown = cells(ping);
  assert.deepEqual([shown.proto, shown.port, shown.via, shown.snat], ['icmp', 'echo', 'snat 10.89.0.12', '10.89.0.12']);
  assert.equal(cells({ ...rest, protocol: 50 }).proto, 'ip/50');
});

test('addresses sort by their value', () => {
  const sorted = ['9.0.0.1', '10.0.0.2', '10.0.0.10', '::1', 'fd00::2', 'fd00::10'];
  assert.deepEqual(
    sorted.toReversed().sort((a, b) => (addressSortKey(a) < addressSortKey(b) ? -1 : 1)),
    sorted,
  );
});

test('who has no name sorts by the value of the address among the named', () => {
  const column = CONNECTION_COLUMNS.find(({ id }) => id === 'source');
  const key = (source: Connection['source']) => String(column?.sortKey({ ...CART_TO_WEB, source }, NAMES));
  const keys = [{ address: '10.0.0.9' }, { address: '10.0.0.10' }, CART_TO_WEB.source].map((endpoint) =>
    key({ kind: 'external', ...endpoint }),
  );
  assert.deepEqual(keys.toSorted(), keys);
});

const AGENT: AgentState = {
  key: 'kflow/kflow-daemon-x',
  node: 'node1',
  namespace: 'kflow',
  pod: 'kflow-daemon-x',
  status: { kind: 'stale', reason: 'no message in 5 s' },
  info: {
    node: 'node1',
    version: '0.1.0',
    source: 'procfs',
    path: '/host/proc/1/net/nf_conntrack',
    sourceReason: 'KFLOW_SOURCE is procfs',
    accounting: 'on',
    timestamping: 'off',
    maxEntries: 262_144,
  },
  poll: {
    observedAt: NOW,
    entries: 89_129,
    unparsedLines: 0,
    durationSeconds: 0.012,
    intervalSeconds: 1,
    skipped: false,
  },
  flows: 89_129,
  lastSeenAt: NOW - 5_000,
};

test('agents', () => {
  const text = (agent: AgentState) => Object.fromEntries(AGENT_COLUMNS.map((one) => [one.id, one.cell(agent, NAMES)]));
  const { entries, max, path, source, timestamps, unparsed, choice, ...narrow } = text(AGENT);
  assert.deepEqual(narrow, {
    node: 'node1',
    pod: 'kflow/kflow-daemon-x',
    status: 'stale',
    reason: 'no message in 5 s',
    version: '0.1.0',
    flows: '89,129',
    fill: '34%',
    poll: '12 ms',
    interval: '1 s',
    accounting: 'on',
    seen: '5s',
  });
  assert.deepEqual([entries, max, unparsed, source, timestamps], ['89,129', '262,144', '0', 'procfs', 'off']);
  assert.deepEqual([path, choice], ['/host/proc/1/net/nf_conntrack', 'KFLOW_SOURCE is procfs']);
  const fresh = text({ key: 'a:1', node: 'a:1', status: { kind: 'connecting' } });
  assert.equal(fresh.pod, 'a:1');
  assert.equal(fresh.reason, '', 'nothing is the matter');
  for (const id of ['version', 'flows', 'fill', 'poll', 'interval', 'accounting', 'seen'])
    assert.equal(fresh[id], '–', id);
});

test('columns have ids of their own, and headings that fit', () => {
  for (const columns of [CONNECTION_COLUMNS, AGENT_COLUMNS] as readonly (readonly Column<never>[])[]) {
    assert.equal(new Set(columns.map(({ id }) => id)).size, columns.length);
    for (const { id, heading, width, help } of columns) {
      assert.match(id, /^[a-z-]+$/);
      assert.ok(heading.length <= width, id);
      assert.ok(help.length > 0);
    }
  }
});

test('of a connection from before, the age is the least that it can be', () => {
  const { startedAt: _, ...older } = CART_TO_WEB;
  assert.equal(cells(older).age, '≥12s');
  assert.equal(cells({ ...older, firstSeenAt: older.firstSeenAt - 5_388_000 }).age, '≥1h30m');
});
