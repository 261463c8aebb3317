import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Correlator } from '../../../../src/client/correlate/correlator.ts';
import type { Connection } from '../../../../src/client/model/connection.ts';
import { type Flow, writeFlow, writeStats } from '../../../../src/flow/flow.ts';
import { FlowTable } from '../../../../src/flow/flow-table.ts';
import { counted, describe, flow, namesOf } from './builders.ts';
import { flowsOf, NODES, wayArbitrary } from './node-paths.ts';

test('from what the nodes saw, in any order and grouping, come back exactly the connections, each counted once', () => {
  fc.assert(
    fc.property(
      fc.array(wayArbitrary, { maxLength: 12 }),
      fc.infiniteStream(fc.nat()),
      fc.integer({ min: 1, max: 6 }),
      (paths, random, groups) => {
        const expected = paths.map((path, index) => ({ way: path, flows: flowsOf(path, index, 1 + index * 10) }));
        const arrivals = expected.flatMap(({ flows }) => flows).map((one) => ({ ...one, key: random.next().value }));
        arrivals.sort((a, b) => a.key - b.key);
        const tables = new Map(NODES.map((node) => [node, new FlowTable()]));
        const inputs = () =>
          NODES.map((node) => ({ key: node, node, table: tables.get(node) as FlowTable, stale: false }));
        const correlator = new Correlator();
        let connections: readonly Connection[] = [];
        for (let group = 0; group < groups; group++) {
          for (const arrival of arrivals.filter((_, i) => i % groups === group))
            writeFlow(tables.get(arrival.node) as FlowTable, arrival.flow);
          for (const table of tables.values()) table.commit(group);
          connections = correlator.update(inputs(), namesOf(), false);
        }
        assert.equal(connections.length, paths.length);
        for (const { way: path, flows } of expected) {
          const first = flows[0] as { flow: Flow };
          const last = flows.at(-1) as { flow: Flow };
          const found = connections.filter((one) => one.hops.some((hop) => hop.flow === first.flow.id));
          const one = found[0] as Connection;
          assert.equal(found.length, 1);
          // Without NAT nothing tells the order; names are not given here.
          assert.deepEqual(
            one.hops.map((hop) => hop.flow).sort((a, b) => a - b),
            flows.map(({ flow: { id } }) => id),
          );
          if (path.snat || path.dnat) assert.equal(one.hops[0]?.flow, first.flow.id);
          assert.equal(one.source.address, first.flow.original.source);
          assert.equal(one.sourcePort, first.flow.original.sourcePort);
          assert.equal(one.destination.address, last.flow.reply.source);
          assert.equal(one.destinationPort, last.flow.reply.sourcePort);
          assert.deepEqual(
            one.service,
            path.dnat
              ? { address: first.flow.original.destination, port: first.flow.original.destinationPort }
              : undefined,
          );
          assert.equal(one.snat?.address, path.snat ? last.flow.reply.destination : undefined);
          assert.equal(one.sentBytes, one.hops[0]?.sentBytes, 'counted at the first hop, once');
        }
      },
    ),
    { numRuns: 300 },
  );
});

/** A small world, so that pairs meet, clash, and go in circles. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      agent: fc.nat({ max: 3 }),
      from: fc.nat({ max: 2 }),
      to: fc.nat({ max: 2 }),
      leavingFrom: fc.nat({ max: 2 }),
      leavingTo: fc.nat({ max: 2 }),
      plain: fc.boolean(),
      zone: fc.constantFrom(0, 0, 0, 1, 2),
      seen: fc.nat({ max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), agent: fc.nat({ max: 3 }), which: fc.nat() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('count' as const), agent: fc.nat({ max: 3 }), which: fc.nat() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reclaim' as const), agent: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reconnect' as const), agent: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stale' as const), agent: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('vanish' as const), agent: fc.nat({ max: 3 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('rename' as const),
      address: fc.nat({ max: 2 }),
      node: fc.nat({ max: 3 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('update' as const) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class World {
  readonly join = new Correlator();
  readonly seenIds = new Map<number, Connection>();
  #agents = [0, 1, 2, 3].map((n) => ({ node: `n${n}`, table: new FlowTable(), stale: false, present: true }));
  #flows = this.#agents.map(() => new Map<number, Flow>());
  #names: Record<string, { kind: 'pod'; name: string; node: string }> = {};
  #namesChanged = false;
  #id = 1;
  #last: readonly Connection[] = [];
  #gone = new Set<number>();
  /** Tables, endpoints or agents are other objects than before, or there is a past hop, though connections may look the same. */
  #rebuilt = false;

  take(one: Step): void {
    if (one.kind === 'update') {
      this.update();
      return;
    }
    if (one.kind === 'rename') {
      this.#names = { ...this.#names, [`10.0.0.${one.address}`]: { kind: 'pod', name: 'p', node: `n${one.node}` } };
      this.#namesChanged = true;
      this.#rebuilt = true;
      return;
    }
    const agent = this.#agents[one.agent] as { node: string; table: FlowTable; stale: boolean; present: boolean };
    const flows = this.#flows[one.agent] as Map<number, Flow>;
    if (one.kind === 'stale') {
      agent.stale = !agent.stale;
      this.#rebuilt = true;
    } else if (one.kind === 'vanish') agent.present = !agent.present;
    else if (one.kind === 'reclaim') agent.table.reclaim(agent.table.version);
    else if (one.kind === 'reconnect') {
      agent.table = new FlowTable();
      this.#rebuilt = true;
      for (const known of flows.values()) writeFlow(agent.table, known);
      agent.table.commit(1);
    } else if (one.kind === 'add') this.#add(agent.table, flows, one);
    else {
      const id = [...flows.keys()][one.which % Math.max(1, flows.size)];
      if (id === undefined) return;
      const slot = agent.table.slotOf(id);
      if (one.kind === 'remove') {
        agent.table.remove(slot);
        flows.delete(id);
      } else {
        const known = flows.get(id) as Flow;
        const stats = counted((known.stats.original.bytes ?? 0) + 100, known.stats.reply.bytes ?? 0);
        writeStats(agent.table, slot, stats);
        flows.set(id, { ...known, stats });
      }
      agent.table.commit(1);
    }
  }

  #add(table: FlowTable, flows: Map<number, Flow>, one: Step & { kind: 'add' }): void {
    const from = `10.0.0.${one.from}:1`;
    const to = `10.0.0.${one.to}:1`;
    const reply = one.plain ? `${to} > ${from}` : `10.0.0.${one.leavingTo}:1 > 10.0.0.${one.leavingFrom}:1`;
    const added = flow(`${from} > ${to}`, reply, {
      id: this.#id++,
      zone: one.zone,
      firstSeenAt: one.seen,
      stats: counted(100, 100),
    });
    // Within a zone, the kernel has each tuple once.
    for (const known of flows.values()) {
      if (known.zone !== added.zone) continue;
      if (JSON.stringify(known.original) === JSON.stringify(added.original)) return;
      if (JSON.stringify(known.reply) === JSON.stringify(added.reply)) return;
    }
    flows.set(added.id, added);
    writeFlow(table, added);
    table.commit(1);
  }

  update(): void {
    const inputs = this.#agents
      .filter((agent) => agent.present)
      .map((agent) => ({ key: agent.node, node: agent.node, table: agent.table, stale: agent.stale }));
    const names = namesOf(this.#names);
    const keptBefore = this.join.pastHops.length;
    const connections = this.join.update(
      inputs,
      this.#namesChanged ? this.#named(names) : this.#current,
      this.#namesChanged,
    );
    this.#namesChanged = false;
    // A past hop may go from one connection to another, which are then made again.
    if (keptBefore + this.join.pastHops.length > 0) this.#rebuilt = true;
    // What ended is known to the one that saw it alone: reported that, another comes to the same.
    const scratch = new Correlator(this.join.pastHops).update(inputs, this.#current, false);
    assert.deepEqual(connections.map(describe).sort(), scratch.map(describe).sort(), 'as from scratch');
    const entries = connections.reduce((sum, one) => sum + one.hops.length, 0);
    assert.ok(this.join.pastHops.length <= 4 * entries, 'what is kept is bounded by what there is');
    assert.deepEqual(
      connections.flatMap((one) => one.hops.map((hop) => hop.flow)).sort((a, b) => a - b),
      inputs
        .flatMap((input) => [...(this.#flows[Number(input.node.slice(1))] as Map<number, Flow>).keys()])
        .sort((a, b) => a - b),
      'each entry in one connection',
    );
    this.#checkIdentity(connections);
  }

  #current = namesOf();
  #named(names: ReturnType<typeof namesOf>): ReturnType<typeof namesOf> {
    this.#current = names;
    return names;
  }

  #checkIdentity(connections: readonly Connection[]): void {
    const ids = new Set(connections.map((one) => one.id));
    assert.equal(ids.size, connections.length, 'ids are distinct');
    for (const { id } of connections) assert.ok(!this.#gone.has(id), 'an id that was gone does not return');
    const before = new Map(this.#last.map((one) => [one.id, one]));
    for (const { id } of this.#last) if (!ids.has(id)) this.#gone.add(id);
    for (const one of connections) {
      const old = before.get(one.id);
      if (old === undefined || old === one || this.#rebuilt) continue;
      assert.notDeepEqual(one, old, 'an unchanged connection is the same object');
    }
    this.#last = connections;
    this.#rebuilt = false;
  }
}

test('however the tables came to be what they are, the join is that of the tables; ids are stable and not reused', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const world = new World();
      for (const one of steps) world.take(one);
      world.update();
    }),
    { numRuns: 400 },
  );
});

test('two connections that only a forgotten entry tied together do not speak against one another', () => {
  const world = new World();
  const add = { kind: 'add', plain: false, zone: 0, seen: 0 } as const;
  const steps: Step[] = [
    { kind: 'rename', address: 2, node: 0 },
    { ...add, agent: 3, from: 1, to: 2, leavingFrom: 0, leavingTo: 0, plain: true },
    { ...add, agent: 3, from: 1, to: 2, leavingFrom: 1, leavingTo: 1, zone: 1 },
    { kind: 'update' },
    { ...add, agent: 1, from: 1, to: 1, leavingFrom: 2, leavingTo: 0 },
    { kind: 'remove', agent: 3, which: 1 },
  ];
  for (const one of steps) world.take(one);
  world.update();
});
