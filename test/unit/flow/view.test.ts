import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ADDRESS_BYTES, cidrContains, parseAddress, parseCidr } from '../../../src/flow/address.ts';
import { compileFilter, type FlowFilter } from '../../../src/flow/filter.ts';
import { type Flow, writeFlow, writeStats } from '../../../src/flow/flow.ts';
import { FlowTable } from '../../../src/flow/flow-table.ts';
import { TCP, UDP } from '../../../src/flow/protocol.ts';
import { FilteredView } from '../../../src/flow/view.ts';

const EVERYTHING: FlowFilter = { protocols: [], ports: [], cidrs: [], states: [], minRate: 0 };

function flow(id: number, more: Partial<Flow> = {}): Flow {
  return {
    id,
    family: 4,
    protocol: TCP,
    original: { source: '10.0.0.1', destination: '10.96.0.1', sourcePort: 4000, destinationPort: 80 },
    reply: { source: '10.244.0.9', destination: '192.0.2.1', sourcePort: 8080, destinationPort: 5000 },
    zone: 0,
    firstSeenAt: 0,
    startKnown: false,
    status: { state: 4, replied: true, assured: true, offloaded: false, hardwareOffloaded: false, mark: 0 },
    stats: { original: {}, reply: {} },
    ...more,
  };
}

function cidrs(...texts: string[]) {
  return texts.map((text) => parseCidr(text) ?? assert.fail(text));
}

test('a filter matches any value of a field, and all fields', () => {
  const table = new FlowTable();
  const slot = writeFlow(
    table,
    flow(1, { stats: { original: {}, reply: {}, originalRate: 700, replyRate: 300 } }),
  ) as number;
  const unrated = writeFlow(table, flow(2)) as number;
  const passes = (filter: Partial<FlowFilter>, row = slot) =>
    compileFilter({ ...EVERYTHING, ...filter })?.(table.columns, row) ?? true;
  assert.ok(passes({}));
  assert.ok(passes({ protocols: [UDP, TCP] }));
  assert.ok(!passes({ protocols: [UDP] }));
  for (const port of [4000, 80, 8080, 5000]) assert.ok(passes({ ports: [1, port] }), `${port}`);
  assert.ok(!passes({ ports: [81] }));
  for (const end of ['10.0.0.1', '10.96.0.0/16', '10.244.0.0/24', '192.0.2.1'])
    assert.ok(passes({ cidrs: cidrs('::/0', end) }), end);
  assert.ok(!passes({ cidrs: cidrs('10.1.0.0/16', '::/0') }));
  assert.ok(passes({ states: [4, 2] }));
  assert.ok(!passes({ states: [0] }));
  assert.ok(passes({ minRate: 1000 }));
  assert.ok(!passes({ minRate: 1001 }));
  assert.ok(!passes({ minRate: 0.1 }, unrated), 'an unknown rate reaches no bound');
  assert.ok(!passes({ protocols: [TCP], ports: [81] }));
});

test('a view gives its subscriber the heaviest flows of every poll', () => {
  const rates = fc.array(fc.option(fc.nat(20), { nil: undefined }), { minLength: 6, maxLength: 6 });
  fc.assert(
    fc.property(
      fc.array(rates, { minLength: 1, maxLength: 8 }),
      fc.nat({ max: 7 }),
      fc.nat(12),
      (polls, most, minRate) => {
        const table = new FlowTable();
        const view = new FilteredView(compileFilter({ ...EVERYTHING, minRate }), most);
        const has = new Map<number, number | undefined>();
        let cursor = 0;
        const slots = new Map<number, number>();
        polls.forEach((poll, number) => {
          poll.forEach((rate, i) => {
            const stats = { original: {}, reply: {}, ...(rate === undefined ? {} : { originalRate: rate }) };
            const slot = slots.get(i);
            // Every third flow is another one in each poll.
            if (slot !== undefined && i % 3 === 0) table.remove(slot);
            if (slot === undefined || i % 3 === 0)
              slots.set(i, writeFlow(table, flow(table.nextId, { stats })) as number);
            else writeStats(table, slot, stats);
          });
          table.commit(number + 1);
          const changes = view.changesSince(table, cursor);
          const rateOf = (slot: number) => {
            const rate = table.columns.rate(slot);
            return Number.isNaN(rate) ? undefined : rate;
          };
          const idOf = (slot: number) => table.columns.id[slot] as number;
          for (const id of changes.removed) assert.ok(has.delete(id), 'removed was there');
          for (const slot of changes.added) {
            assert.ok(!has.has(idOf(slot)), 'added was not there');
            has.set(idOf(slot), rateOf(slot));
          }
          for (const slot of changes.updated) {
            assert.ok(has.has(idOf(slot)), 'updated was there');
            has.set(idOf(slot), rateOf(slot));
          }
          cursor = changes.to;
          const matching = poll.filter((rate) => minRate === 0 || (rate ?? -1) >= minRate).map((rate) => rate ?? -1);
          matching.sort((a, b) => b - a);
          const wanted = most === 0 ? matching : matching.slice(0, most);
          assert.deepEqual(
            [...has.values()].map((rate) => rate ?? -1).sort((a, b) => b - a),
            wanted,
          );
          if (most > 0) {
            const left = matching.slice(most).filter((rate) => rate >= 0);
            const sum = left.reduce((total, rate) => total + rate, 0);
            assert.equal(changes.others?.flows, Math.max(0, matching.length - most));
            if (matching.length > most)
              assert.equal(changes.others?.bytesPerSecond, left.length === 0 ? undefined : sum);
          }
          table.reclaim(cursor);
        });
      },
    ),
  );
});

test('an address passes a filter of many blocks if it lies in one of them', () => {
  const block = fc.tuple(fc.constantFrom('10.0.0.0', '10.1.2.3', '255.255.255.255', '192.0.2.1'), fc.nat(32));
  const address = fc.oneof(fc.constantFrom('10.0.0.1', '10.1.2.3', '10.128.0.0', '192.0.2.9'), fc.ipV4());
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 9 }), address, (blocks, source) => {
      const table = new FlowTable();
      const original = { source, destination: source, sourcePort: 1, destinationPort: 2 };
      const slot = writeFlow(table, flow(1, { original, reply: original })) as number;
      const filter = { ...EVERYTHING, cidrs: cidrs(...blocks.map(([base, bits]) => `${base}/${bits}`), 'fd00::/8') };
      const bytes = new Uint8Array(ADDRESS_BYTES);
      parseAddress(source, bytes, 0);
      const wanted = filter.cidrs.some((cidr) => cidr.family === 4 && cidrContains(cidr, bytes, 0));
      assert.equal(compileFilter(filter)?.(table.columns, slot), wanted);
    }),
  );
});

test('a view that is made in steps is of the version at which it began, though polls continue', () => {
  const table = new FlowTable();
  const web = { source: '10.0.0.1', destination: '10.96.0.1', sourcePort: 4000, destinationPort: 443 };
  for (let id = 1; id <= 10_000; id++) writeFlow(table, flow(id, id % 2 === 0 ? { original: web } : {}));
  table.commit(1);
  const view = new FilteredView(compileFilter({ ...EVERYTHING, ports: [443] }), 0);
  const replica = new Set(Array.from(view.changesSince(table, 0).added, (slot) => table.columns.id[slot]));
  assert.equal(replica.size, 5000);
  for (let slot = 0; slot < 1000; slot++) table.remove(slot);
  table.commit(2);
  const steps = view.changesChunked(table, 1);
  let next = steps.next();
  let yields = 0;
  for (; next.done !== true; next = steps.next(), yields++) {
    // What the next polls remove and add is theirs.
    table.remove(5000 + yields);
    writeFlow(table, flow(20_000 + yields, { original: web }));
    table.commit(3 + yields);
    table.reclaim(1);
  }
  assert.ok(yields >= 4);
  const { added, removed, to } = next.value;
  assert.deepEqual([to, added.length, removed.length], [2, 0, 500]);
  for (const id of removed) assert.ok(replica.delete(id));
  // The next difference has what came meanwhile.
  const later = view.changesSince(table, to);
  assert.equal(later.added.length, yields);
  assert.equal(
    later.removed.length,
    Array.from({ length: yields }, (_, i) => 5001 + i).filter((id) => id % 2 === 0).length,
  );
});

test('a subscriber that fell behind the oldest tombstone gets all rows that match, as a snapshot', () => {
  const table = new FlowTable();
  const match = compileFilter({ ...EVERYTHING, protocols: [TCP] });
  const kept = [1, 2, 3];
  for (const id of kept) writeFlow(table, flow(id));
  writeFlow(table, flow(4, { protocol: UDP }));
  table.commit(1);
  for (const most of [0, 2]) {
    const view = new FilteredView(match, most);
    const { to } = view.changesSince(table, 0);
    for (let poll = 0; poll < 50; poll++) {
      const slots = Array.from({ length: 100 }, () => writeFlow(table, flow(table.nextId)) as number);
      table.commit(2 + poll);
      for (const slot of slots) table.remove(slot);
    }
    table.commit(100);
    assert.ok(to < table.floor);
    const { snapshot, added, updated, removed } = view.changesSince(table, to);
    const ids = Array.from(added, (slot) => table.columns.id[slot] as number).sort((a, b) => a - b);
    assert.deepEqual([snapshot, updated.length, removed.length, ids.length], [true, 0, 0, most === 0 ? 3 : most]);
    if (most === 0) assert.deepEqual(ids, kept);
    assert.equal(view.changesSince(table, table.version).added.length, 0);
  }
});
