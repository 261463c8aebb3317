import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCidr } from '../../../src/flow/address.ts';
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
