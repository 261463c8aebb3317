import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ADDRESS_BYTES, parseAddress } from '../../../src/flow/address.ts';
import { ROW_ADDRESS_BYTES } from '../../../src/flow/address-column.ts';
import { applyDelta } from '../../../src/flow/apply.ts';
import { changesSince } from '../../../src/flow/changes.ts';
import {
  ASSURED,
  ASSURED_UNKNOWN,
  HARDWARE_OFFLOADED,
  HAS_PORTS,
  OFFLOADED,
  REPLIED,
  ROW_PORTS,
  START_KNOWN,
  ZONE_ORIGINAL,
  ZONE_REPLY,
} from '../../../src/flow/columns.ts';
import { type Flow, readFlow, writeStats, writeStatus } from '../../../src/flow/flow.ts';
import { FlowTable } from '../../../src/flow/flow-table.ts';
import { STATE_NAMES } from '../../../src/flow/state.ts';
import { decodeResponse } from '../../../src/wire/decode.ts';
import { encodeChanges } from '../../../src/wire/encode.ts';
import { FlowServiceClient } from '../../../src/wire/service.ts';

const AT = 1_700_000_000_000;
const NOW = AT / 1000;
const END = { observedAt: AT, poll: { entries: 3 } };
const MOST = Number.MAX_SAFE_INTEGER;
/** The library's reading of what is written by hand. */
const { responseDeserialize: read } = FlowServiceClient.service.WatchFlows;

const counter = fc.oneof(
  fc.constant(Number.NaN),
  fc.nat(300),
  fc.maxSafeNat(),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(Number),
  fc.constantFrom(2 ** 64, 2 ** 64 - 2048, 2 ** 63, 2 ** 60),
);
const rate = fc.oneof(fc.constant(Number.NaN), fc.constant(0), fc.double({ min: 0, max: 1e12, noNaN: true }));
const flags = fc
  .tuple(
    fc.constantFrom(0, REPLIED),
    fc.constantFrom(0, ASSURED, ASSURED_UNKNOWN),
    fc.constantFrom(0, OFFLOADED, OFFLOADED | HARDWARE_OFFLOADED),
    fc.constantFrom(0, ZONE_ORIGINAL, ZONE_REPLY),
    fc.constantFrom(0, START_KNOWN),
  )
  .map((all) => all.reduce((sum, flag) => sum | flag, 0));
const row = fc.record({
  id: fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: MOST })),
  addresses: fc.oneof(
    fc.tuple(fc.ipV4(), fc.ipV4(), fc.ipV4(), fc.ipV4()),
    fc.tuple(fc.ipV6(), fc.ipV6(), fc.ipV6(), fc.ipV6()),
  ),
  protocol: fc.constantFrom(0, 1, 6, 17, 33, 47, 58, 132, 136, 255),
  hasPorts: fc.boolean(),
  ports: fc.tuple(fc.nat(0xffff), fc.nat(0xffff), fc.nat(0xffff), fc.nat(0xffff)),
  state: fc.nat(STATE_NAMES.length - 1),
  flags,
  zone: fc.oneof(fc.constant(0), fc.nat(0xffff)),
  mark: fc.oneof(fc.constant(0), fc.nat(0xffff_ffff)),
  timeout: fc.oneof(fc.constant(undefined), fc.nat(0x7fff_ffff)),
  // 0 is no time: it is read as unset.
  firstSeenAt: fc.integer({ min: 1, max: AT * 2 }),
  counters: fc.tuple(counter, counter, counter, counter),
  rates: fc.tuple(rate, rate),
});
type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;

const UNMAPPED = /^::(ffff:)?\d+\.\d+\.\d+\.\d+$/;

function insert(table: FlowTable, row: Row): number {
  const slot = table.insert(row.id);
  const { columns } = table;
  const bytes = new Uint8Array(ROW_ADDRESS_BYTES);
  for (const [i, address] of row.addresses.entries())
    columns.family[slot] = parseAddress(address, bytes, i * ADDRESS_BYTES) ?? assert.fail(address);
  columns.addresses.write(slot, columns.family[slot] as number, bytes);
  columns.protocol[slot] = row.protocol;
  columns.ports.set(row.ports, slot * ROW_PORTS);
  const icmp = row.protocol === 1 || row.protocol === 58;
  if (!icmp && !row.hasPorts) columns.ports.fill(0, slot * ROW_PORTS, (slot + 1) * ROW_PORTS);
  columns.state[slot] = row.state;
  columns.flags[slot] = row.flags | (row.hasPorts && !icmp ? HAS_PORTS : 0);
  columns.zone[slot] = row.zone;
  columns.mark[slot] = row.mark;
  columns.expiresAt[slot] = row.timeout === undefined ? 0 : NOW + row.timeout;
  columns.firstSeenAt[slot] = row.firstSeenAt;
  [columns.originalPackets, columns.originalBytes, columns.replyPackets, columns.replyBytes].forEach((column, i) => {
    column.set(slot, row.counters[i] as number);
  });
  columns.originalRate[slot] = row.rates[0];
  columns.replyRate[slot] = row.rates[1];
  return slot;
}

function content(table: FlowTable): Flow[] {
  const slots = Array.from({ length: table.end }, (_, slot) => slot).filter((slot) => table.isLive(slot));
  return slots.map((slot) => readFlow(table, slot)).toSorted((a, b) => a.id - b.id);
}

/** Sends what is new since `cursor`, and folds it. */
function send(table: FlowTable, cursor: number, replica: FlowTable): void {
  for (const { bytes } of encodeChanges(table, changesSince(table, cursor), END, 1))
    assert.equal(applyDelta(replica, decodeResponse(read(bytes), 0).delta), 0);
  replica.commit(AT);
}

test('what is written is what the library reads: flows of every kind, then their updates and removals', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 12 }),
      fc.array(row, { maxLength: 12 }),
      (rows, others) => {
        const table = new FlowTable();
        const slots = rows.map((row) => insert(table, row));
        table.commit(AT);
        const replica = new FlowTable();
        send(table, 0, replica);
        assert.deepEqual(content(replica), content(table));
        for (const [i, other] of others.entries()) {
          const slot = slots[i];
          if (slot === undefined) break;
          const scratch = new FlowTable();
          const { status, stats } = readFlow(scratch, insert(scratch, other));
          if (i % 4 === 0) table.remove(slot);
          if (i % 4 === 1 || i % 4 === 3) writeStats(table, slot, stats);
          if (i % 4 === 2 || i % 4 === 3) writeStatus(table, slot, status);
        }
        table.commit(AT);
        send(table, 1, replica);
        assert.deepEqual(content(replica), content(table));
      },
    ),
  );
});

test('addresses are canonical text', () => {
  fc.assert(
    fc.property(row, (row) => {
      const table = new FlowTable();
      insert(table, row);
      table.commit(AT);
      const [message] = [...encodeChanges(table, changesSince(table, 0), END, 1)];
      const flow = read(message?.bytes ?? Buffer.alloc(0)).added[0];
      const text = [flow?.original, flow?.reply].flatMap((t) => [t?.sourceAddress ?? '', t?.destinationAddress ?? '']);
      // URL writes RFC 5952, except for IPv4 inside of IPv6.
      for (const [i, address] of row.addresses.entries())
        if (address.includes(':') && !UNMAPPED.test(text[i] ?? ''))
          assert.equal(`[${text[i]}]`, new URL(`http://[${address}]`).hostname);
        else if (!address.includes(':')) assert.equal(text[i], address);
    }),
  );
});

test('a message stays under 1 MiB, whatever it carries; sequence and end_of_poll are right', () => {
  const long = 'fd00:1111:2222:3333:4444:5555:6666:7777';
  const widest: Row = {
    id: MOST - 10_000_000,
    addresses: [long, long, long, long],
    protocol: 136,
    hasPorts: true,
    ports: [65535, 65535, 65535, 65535],
    state: 27,
    flags: REPLIED | ASSURED | OFFLOADED | HARDWARE_OFFLOADED | ZONE_ORIGINAL | START_KNOWN,
    zone: 65535,
    mark: 0xffff_ffff,
    timeout: 0x7fff_ffff,
    firstSeenAt: AT + 1,
    counters: [MOST, MOST, MOST, MOST],
    rates: [1 / 3, 1 / 3],
  };
  const table = new FlowTable();
  const slots: number[] = [];
  for (let i = 0; i < 50_000; i++) slots.push(insert(table, { ...widest, id: widest.id + i }));
  table.commit(AT);
  const replica = new FlowTable();
  const check = (cursor: number, first: number): number => {
    let sequence = first;
    const messages = [...encodeChanges(table, changesSince(table, cursor), END, first)];
    for (const [i, { bytes, endOfPoll }] of messages.entries()) {
      assert.ok(bytes.length < 1 << 20, `${bytes.length} bytes`);
      const message = decodeResponse(read(bytes), 0);
      assert.equal(message.sequence, sequence++);
      assert.equal(message.endOfPoll, i === messages.length - 1);
      assert.equal(endOfPoll, message.endOfPoll);
      assert.equal(message.snapshot, cursor === 0);
      assert.equal(message.poll !== undefined, endOfPoll);
      assert.equal(applyDelta(replica, message.delta), 0);
    }
    replica.commit(AT);
    assert.equal(replica.size, table.size);
    return sequence;
  };
  let next = check(0, 1);
  for (const [i, slot] of slots.entries()) {
    if (i % 2 === 0) table.remove(slot);
    else {
      table.markStateChanged(slot);
      table.markStatsChanged(slot);
    }
  }
  for (let i = 0; i < 1500; i++) insert(table, { ...widest, id: widest.id + 100_000 + i });
  table.commit(AT);
  next = check(1, next);
  assert.equal(check(2, next), next + 1, 'a quiet poll is one message');
});
