/** Which agents are believed: an agent about its own node, whatever else it says. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AgentTable, Correlator } from '../../../../src/client/correlate/correlator.ts';
import type { Connection, Endpoint } from '../../../../src/client/model/connection.ts';
import { type Flow, writeFlow } from '../../../../src/flow/flow.ts';
import { FlowTable } from '../../../../src/flow/flow-table.ts';
import { counted, flow, describe as lineOf, Node, namesOf, plain } from './builders.ts';
import { flowsOf, type Way, wayArbitrary } from './node-paths.ts';

const CLIENT = '10.244.1.3:40000';
const SERVICE = '10.96.0.10:80';
const SERVER = '10.244.2.5:80';
const EVIL = '10.244.3.66:80';
const OUTSIDE = '203.0.113.9:443';
const pod = (name: string, node: string): Omit<Endpoint, 'address'> => ({ kind: 'pod', namespace: 'shop', name, node });
const node = (name: string): Omit<Endpoint, 'address'> => ({ kind: 'node', name });
const NAMES = namesOf(
  {
    '10.244.1.3': pod('cart', 'node1'),
    '10.244.2.5': pod('web', 'node2'),
    '10.244.3.66': pod('evil', 'node3'),
    '10.89.0.11': node('node1'),
    '10.89.0.12': node('node2'),
    '10.89.0.13': node('node3'),
  },
  { [SERVICE]: { namespace: 'shop', name: 'web' } },
);

const stats = counted(500, 700);
const LIES = { stats: counted(9e9, 9e9), state: 8, firstSeenAt: 1 };
/** What node1 and node2 see of a connection to the service. */
const honest = () => [
  new Node('node1', flow(`${CLIENT} > ${SERVICE}`, `${SERVER} > ${CLIENT}`, { stats })),
  new Node('node2', plain(`${CLIENT} > ${SERVER}`, { stats })),
];

function joined(nodes: readonly Node[]): readonly Connection[] {
  return new Correlator().update(
    nodes.map(({ input }) => input),
    NAMES,
    false,
  );
}

function seenBy(connections: readonly Connection[], name: string): Connection {
  const found = connections.filter(({ hops }) => hops.some((hop) => hop.node === name));
  assert.equal(found.length, 1, `${name} sees one connection`);
  return found[0] as Connection;
}

/** All but what may differ: its id, its hops, and what is said of it. */
function shown({ id: _, hops: __, disputed: ___, ...rest }: Connection) {
  return rest;
}

describe('a compromised agent of another node', () => {
  const REDIRECTS: readonly [string, Flow, string][] = [
    [
      'redirect: what node1 sent to a pod is translated to its own address',
      flow(`${CLIENT} > ${SERVER}`, `${EVIL} > ${CLIENT}`, LIES),
      `node3 says that it continues from ${SERVER} to ${EVIL}, node2 that it goes there`,
    ],
    [
      'redirect: what node1 asked a service is sent to its own address',
      flow(`${CLIENT} > ${SERVICE}`, `${EVIL} > ${CLIENT}`, LIES),
      `node3 says that it continues from ${SERVICE} to ${EVIL}, node1 to ${SERVER}`,
    ],
    [
      'upstream: it claims to be the hop before the source',
      flow('10.244.3.66:5555 > 10.96.0.66:99', `${SERVICE} > ${CLIENT}`, LIES),
      `node3 says that it came from 10.244.3.66:5555 to 10.96.0.66:99, node1 from ${CLIENT} to ${SERVICE}`,
    ],
    [
      'upstream: another service than the one that was asked',
      flow(`${CLIENT} > 10.96.0.66:99`, `${SERVER} > ${CLIENT}`, LIES),
      `node3 says that it came from ${CLIENT} to 10.96.0.66:99, node1 from ${CLIENT} to ${SERVICE}`,
    ],
    [
      'a masquerade that the server does not see',
      flow(`${CLIENT} > ${SERVER}`, `${SERVER} > 10.89.0.13:1234`, LIES),
      `node3 says that it continues from ${SERVER} to ${SERVER} as 10.89.0.13:1234, node2 that it goes there`,
    ],
  ];
  for (const [name, lie, words] of REDIRECTS)
    it(`${name}: its rows change nothing, and both sides are reported`, () => {
      const before = seenBy(joined(honest()), 'node1');
      const evil = new Node('node3', lie);
      for (const nodes of [
        [...honest(), evil],
        [evil, ...honest()],
      ]) {
        const connections = joined(nodes);
        const row = seenBy(connections, 'node1');
        assert.deepEqual(shown(row), shown(before));
        assert.equal(seenBy(connections, 'node2'), row);
        assert.equal(row.disputed, words);
        assert.equal(seenBy(connections, 'node3').disputed, words);
        assert.equal(connections.length, 2);
      }
    });

  it('a hop of its own is added, and its state, rates, totals and times do not count', () => {
    const before = seenBy(joined(honest()), 'node1');
    const row = seenBy(joined([new Node('node3', plain(`${CLIENT} > ${SERVER}`, LIES)), ...honest()]), 'node1');
    assert.deepEqual(shown(row), shown(before));
    assert.deepEqual(row.hops.map((hop) => hop.node).sort(), ['node1', 'node2', 'node3']);
    assert.equal(row.disputed, undefined);
  });

  it('nor where the agents of the ends are lost: old numbers are reported as old', () => {
    const [client, server] = honest();
    assert.ok(client && server);
    client.stale = true;
    server.stale = true;
    const row = seenBy(joined([client, server, new Node('node3', plain(`${CLIENT} > ${SERVER}`, LIES))]), 'node1');
    assert.deepEqual([row.stale, row.sentBytes, row.state], [true, 500, 4]);
  });

  it('a connection to the outside keeps its end, one from outside its client', () => {
    const out = () => new Node('node1', flow(`${CLIENT} > ${OUTSIDE}`, `${OUTSIDE} > 10.89.0.11:6000`, { stats }));
    const lie = flow(`10.89.0.11:6000 > ${OUTSIDE}`, `${EVIL} > 10.89.0.11:6000`, LIES);
    const row = seenBy(joined([out(), new Node('node3', lie)]), 'node1');
    assert.deepEqual(shown(row), shown(seenBy(joined([out()]), 'node1')));
    assert.match(row.disputed ?? '', /^node3 says that it continues from 203\.0\.113\.9:443 to 10\.244\.3\.66:80/);
    const into = () => new Node('node2', flow('198.51.100.7:555 > 10.89.0.12:30080', `${SERVER} > 198.51.100.7:555`));
    const upstream = flow('10.244.3.66:1 > 10.89.0.12:30080', '10.89.0.12:30080 > 198.51.100.7:555', LIES);
    const asked = seenBy(joined([into(), new Node('node3', upstream)]), 'node2');
    assert.equal(asked.source.address, '198.51.100.7');
    assert.match(asked.disputed ?? '', /^node3 says that it came from 10\.244\.3\.66:1 /);
  });

  it('without names of Kubernetes nothing is disputed', () => {
    const nodes = [...honest(), new Node('node3', flow(`${CLIENT} > ${SERVER}`, `${EVIL} > ${CLIENT}`))];
    const inputs = nodes.map(({ input }) => input);
    const connections = new Correlator().update(inputs, namesOf(), false);
    assert.ok(connections.every(({ disputed }) => disputed === undefined));
    assert.equal(connections.length, 1);
  });

  it('is found out when names come, and forgotten when its rows end', () => {
    const correlator = new Correlator();
    const evil = new Node('node3', flow(`${CLIENT} > ${SERVER}`, `${EVIL} > ${CLIENT}`, LIES));
    const nodes = [...honest(), evil];
    const inputs = () => nodes.map(({ input }) => input);
    correlator.update(inputs(), namesOf(), false);
    const named = correlator.update(inputs(), NAMES, true);
    assert.match(seenBy(named, 'node1').disputed ?? '', /^node3 says/);
    assert.equal(seenBy(named, 'node1').destination.name, 'web');
    evil.table = new FlowTable();
    const row = seenBy(correlator.update(inputs(), NAMES, false), 'node1');
    assert.equal(row.disputed, undefined);
    assert.deepEqual(shown(row), shown(seenBy(joined(honest()), 'node1')));
  });
});

describe('honest agents are believed', () => {
  it('a node that receives for another: node port, masqueraded, on to a third node', () => {
    const nodes = [
      new Node('node1', flow(`${CLIENT} > 10.89.0.12:30080`, '10.89.0.12:30080 > 10.89.0.11:7')),
      new Node('node2', flow('10.89.0.11:7 > 10.89.0.12:30080', '10.244.3.66:80 > 10.89.0.12:8')),
      new Node('node3', plain('10.89.0.12:8 > 10.244.3.66:80')),
    ];
    const [row, ...others] = joined(nodes);
    assert.equal(others.length, 0);
    assert.deepEqual([row?.source.name, row?.destination.name, row?.disputed], ['cart', 'evil', undefined]);
  });

  it('a node that is the way out of the cluster', () => {
    const nodes = [
      new Node('node1', plain(`${CLIENT} > ${OUTSIDE}`)),
      new Node('node3', flow(`${CLIENT} > ${OUTSIDE}`, `${OUTSIDE} > 10.89.0.13:9`)),
    ];
    const [row, ...others] = joined(nodes);
    assert.deepEqual([others.length, row?.snat?.address, row?.disputed], [0, '10.89.0.13', undefined]);
  });
});

const FIRST = 1_000_000;

/** Who has the ends of a way, and what its nodes translate to. */
function ownersOf({ nodes, snat, dnat, again }: Way, flows: readonly { readonly flow: Flow }[]) {
  const owners: [string, Omit<Endpoint, 'address'>][] = [];
  for (const [hop, { flow: seen }] of flows.entries()) {
    const translates = hop === 0 || (hop === 1 && again);
    const here = nodes[hop] ?? '';
    if (translates && snat) owners.push([seen.reply.destination, node(here)]);
    if (hop === 1 && again && dnat) owners.push([seen.original.destination, node(here)]);
  }
  owners.push([flows[0]?.flow.original.source ?? '', pod('client', nodes[0] ?? '')]);
  owners.push([flows.at(-1)?.flow.reply.source ?? '', pod('server', nodes.at(-1) ?? '')]);
  return owners;
}

const lieArbitrary = fc.record({
  from: fc.nat(),
  to: fc.nat(),
  firstSeenAt: fc.integer({ min: 1, max: 5_000 }),
  state: fc.nat({ max: 10 }),
});

describe('laws', () => {
  it('whatever an agent says that has neither end, the rows of others stay what they are', () => {
    fc.assert(
      fc.property(
        fc.array(wayArbitrary, { minLength: 1, maxLength: 4 }),
        fc.array(lieArbitrary, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        (paths, lies, isFirst) => {
          const seen = paths.map((path, index) => flowsOf(path, index, 1 + index * 10));
          const names = namesOf(Object.fromEntries(paths.flatMap((path, i) => ownersOf(path, seen[i] ?? []))));
          const tables = new Map<string, FlowTable>();
          const put = (on: string, one: Flow) => {
            const table = tables.get(on) ?? new FlowTable();
            tables.set(on, table);
            writeFlow(table, one);
            table.commit(1);
          };
          for (const one of seen.flat()) put(one.node, one.flow);
          const inputs = (): AgentTable[] =>
            [...tables].map(([key, table]) => ({ key, node: key, table, stale: false }));
          const before = new Correlator().update(inputs(), names, false);
          assert.ok(before.every(({ disputed }) => disputed === undefined));

          const ends = (tuple: Flow['original']) => [
            tuple.source,
            tuple.sourcePort,
            tuple.destination,
            tuple.destinationPort,
          ];
          const known = seen.flat().flatMap(({ flow: { original, reply } }) => [
            original,
            {
              source: reply.destination,
              sourcePort: reply.destinationPort ?? 0,
              destination: reply.source,
              destinationPort: reply.sourcePort ?? 0,
            },
          ]);
          const own = { source: '10.9.9.9', sourcePort: 9, destination: '10.9.9.8', destinationPort: 8 };
          const reported = new Set<string>();
          for (const [i, { from, to, ...lie }] of lies.entries()) {
            const enter = known[from % known.length] ?? own;
            const leave = to % 3 === 0 ? own : (known[to % known.length] ?? own);
            const [a, b] = to % 2 === 0 ? [enter, leave] : [leave, enter];
            if (a.source?.includes(':') !== b.source?.includes(':')) continue;
            // A kernel has each tuple once.
            const [sends, gets] = [ends(a).join(), `r${ends(b).join()}`];
            if (reported.has(sends) || reported.has(gets)) continue;
            reported.add(sends).add(gets);
            const reply = {
              source: b.destination,
              sourcePort: b.destinationPort,
              destination: b.source,
              destinationPort: b.sourcePort,
            };
            const { protocol } = seen.flat()[from % seen.flat().length]?.flow ?? {};
            put(
              'evil',
              flow(a, reply as Flow['reply'], {
                id: FIRST + i,
                stats: counted(9e9, 9e9),
                ...(protocol === undefined ? {} : { protocol }),
                ...lie,
              }),
            );
          }
          const all = inputs();
          const after = new Correlator().update(isFirst ? all.toReversed() : all, names, false);
          const rows = (connections: readonly Connection[]) =>
            connections
              .filter(({ hops }) => hops.some((hop) => hop.node !== 'evil'))
              .map((one) => {
                const { disputed: _, ...rest } = one;
                return lineOf({ ...rest, hops: one.hops.filter((hop) => hop.node !== 'evil') });
              })
              .sort();
          assert.deepEqual(rows(after), rows(before));
        },
      ),
      { numRuns: 300 },
    );
  });
});
