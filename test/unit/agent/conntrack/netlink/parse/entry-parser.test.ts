import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { ConntrackEntry } from '../../../../../../src/agent/conntrack/entry.ts';
import { NetlinkSource } from '../../../../../../src/agent/conntrack/netlink/netlink-source.ts';
import { EntryParser } from '../../../../../../src/agent/conntrack/netlink/parse/entry-parser.ts';
import * as nl from '../../../../../../src/agent/conntrack/netlink/parse/numbers.ts';
import {
  ASSURED,
  ASSURED_UNKNOWN,
  HARDWARE_OFFLOADED,
  HAS_PORTS,
  OFFLOADED,
  REPLIED,
  ZONE_ORIGINAL,
  ZONE_REPLY,
} from '../../../../../../src/flow/columns.ts';
import { stateName } from '../../../../../../src/flow/state.ts';
import {
  attribute,
  concat,
  counters,
  done,
  entry,
  message,
  messageSource,
  number,
  readRecordedDump,
  tuple,
} from '../../../../../lab/netlink-messages.ts';
import { readSource } from '../../../../../lab/read-table.ts';

const DUMP = fileURLToPath(
  new URL('../../../../../fixtures/tables/every-kind-accounting-timestamps.netlink.gz', import.meta.url),
);

/** Parses one message. */
function parse(bytes: Uint8Array, parser = new EntryParser()): ConntrackEntry {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  assert.ok(parser.look(view, nl.MESSAGE_HEADER_BYTES, view.getUint32(0, nl.LITTLE_ENDIAN)), 'malformed');
  assert.ok(parser.parse(), 'no entry');
  return parser;
}

const state = (number_: number, protocol: number = nl.CTA_PROTOINFO_TCP) =>
  attribute(nl.CTA_PROTOINFO, [attribute(protocol, [number(nl.CTA_PROTOINFO_STATE, 1, number_)])]);

describe('a message', () => {
  it('gives flags by the status, and what it does not say is not known', () => {
    const bare = parse(entry({}, 0));
    assert.deepEqual(
      [bare.flags, bare.state, bare.timeout, bare.age, bare.kernelId, bare.mark, bare.zone],
      [HAS_PORTS, 0, -1, -1, 0, 0, 0],
    );
    assert.deepEqual([...bare.counters], [Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    const flags = (status: number) => parse(entry({}, status)).flags & ~HAS_PORTS;
    assert.equal(flags(nl.IPS_SEEN_REPLY), REPLIED);
    assert.equal(flags(nl.IPS_SEEN_REPLY | nl.IPS_ASSURED), REPLIED | ASSURED);
    // The text hides whether an offloaded entry is assured; netlink tells.
    assert.equal(flags(nl.IPS_SEEN_REPLY | nl.IPS_ASSURED | nl.IPS_OFFLOAD) & ASSURED_UNKNOWN, 0);
    assert.equal(flags(nl.IPS_SEEN_REPLY | nl.IPS_ASSURED | nl.IPS_OFFLOAD), REPLIED | ASSURED | OFFLOADED);
    assert.equal(flags(nl.IPS_OFFLOAD | nl.IPS_HW_OFFLOAD), OFFLOADED | HARDWARE_OFFLOADED);
  });

  it('gives counters of 64 bits, or of 32', () => {
    const long = parse(
      entry(
        {},
        2,
        counters(nl.CTA_COUNTERS_ORIG, 7, 2n ** 40n + 1n),
        counters(nl.CTA_COUNTERS_REPLY, 0, 2n ** 64n - 1n),
      ),
    );
    assert.deepEqual([...long.counters], [7, 2 ** 40 + 1, 0, 2 ** 64]);
    const short = attribute(nl.CTA_COUNTERS_ORIG, [
      number(nl.CTA_COUNTERS32_PACKETS, 4, 3),
      number(nl.CTA_COUNTERS32_BYTES, 4, 0xffff_ffff),
    ]);
    assert.deepEqual([...parse(entry({}, 2, short)).counters], [3, 0xffff_ffff, Number.NaN, Number.NaN]);
    const half = attribute(nl.CTA_COUNTERS_ORIG, [number(nl.CTA_COUNTERS_PACKETS, 8, 3)]);
    assert.ok(Number.isNaN(parse(entry({}, 2, half)).counters[0]));
  });

  it('gives the age by a time stamp in nanoseconds, never below 0', () => {
    const parser = new EntryParser();
    parser.wallMs = 1_700_000_010_500;
    const age = (start: bigint) =>
      parse(entry({}, 2, attribute(nl.CTA_TIMESTAMP, [number(nl.CTA_TIMESTAMP_START, 8, start)])), parser).age;
    assert.equal(age(1_700_000_000_000_000_000n), 10.5);
    assert.equal(age(1_700_000_099_000_000_000n), 0);
    assert.equal(age(0n), -1);
    assert.equal(age(1n), -1);
  });

  it('gives zones of both directions and of one, and the mark, id and timeout', () => {
    const zone = (bytes: Uint8Array) => {
      const { zone: id, flags } = parse(bytes);
      return [id, flags & (ZONE_ORIGINAL | ZONE_REPLY)];
    };
    assert.deepEqual(zone(entry({}, 2, number(nl.CTA_ZONE, 2, 7))), [7, 0]);
    assert.deepEqual(zone(entry({ zone: 9 })), [9, ZONE_ORIGINAL]);
    assert.deepEqual(zone(entry({ zone: 0 })), [0, ZONE_ORIGINAL]);
    const reply = message(
      concat([
        Uint8Array.of(nl.AF_INET, 0, 0, 0),
        tuple(nl.CTA_TUPLE_ORIG),
        tuple(nl.CTA_TUPLE_REPLY, { zone: 65_535 }),
        number(nl.CTA_STATUS, 4, 2),
      ]),
    );
    assert.deepEqual(zone(reply), [65_535, ZONE_REPLY]);
    const more = [
      number(nl.CTA_MARK, 4, 0xffff_ffff),
      number(nl.CTA_ID, 4, 0x8000_0001),
      number(nl.CTA_TIMEOUT, 4, 99),
    ];
    const { mark, kernelId, timeout } = parse(entry({}, 2, ...more));
    assert.deepEqual([mark, kernelId, timeout], [0xffff_ffff, 0x8000_0001, 99]);
  });

  it('names the states of each protocol; a number that is new is none', () => {
    const name = (protocol: number, attributeOf: number, number_: number) =>
      stateName(parse(entry({ protocol }, 2, state(number_, attributeOf))).state);
    assert.equal(name(6, nl.CTA_PROTOINFO_TCP, 3), 'ESTABLISHED');
    assert.equal(name(6, nl.CTA_PROTOINFO_TCP, 9), 'SYN_SENT2');
    assert.equal(name(132, nl.CTA_PROTOINFO_SCTP, 4), 'ESTABLISHED');
    assert.equal(name(132, nl.CTA_PROTOINFO_SCTP, 9), 'HEARTBEAT_ACKED');
    assert.equal(name(33, nl.CTA_PROTOINFO_DCCP, 4), 'OPEN');
    assert.equal(name(6, nl.CTA_PROTOINFO_TCP, 200), '');
    // Of another protocol than the tuple's.
    assert.equal(name(6, nl.CTA_PROTOINFO_SCTP, 4), '');
  });

  it('passes over attributes that it does not know, however deep', () => {
    let deep = number(1, 4, 1);
    for (let depth = 0; depth < 1_000; depth++) deep = attribute(200, [deep]);
    const { timeout } = parse(entry({}, 2, deep, attribute(23, new Uint8Array(64)), number(nl.CTA_TIMEOUT, 4, 5)));
    assert.equal(timeout, 5);
  });

  it('is no entry without both tuples of one protocol, or without a status', async () => {
    const family = Uint8Array.of(nl.AF_INET, 0, 0, 0);
    const [original, reply] = [tuple(nl.CTA_TUPLE_ORIG), tuple(nl.CTA_TUPLE_REPLY)];
    const status = number(nl.CTA_STATUS, 4, 2);
    const bad = [
      [family, original, status],
      [family, reply, status],
      [family, original, reply],
      [Uint8Array.of(nl.AF_INET6, 0, 0, 0), original, reply, status],
      [Uint8Array.of(7, 0, 0, 0), original, reply, status],
      [family, original, tuple(nl.CTA_TUPLE_REPLY, { protocol: 17 }), status],
      [family, original, reply, number(nl.CTA_STATUS, 2, 2)],
      [family, original, reply, status, Uint8Array.of(3, 0, 1, 0)],
      [family, original, reply, status, Uint8Array.of(200, 0, 1, 0)],
      [Uint8Array.of(nl.AF_INET)],
    ];
    const { entries, unparsed } = await readSource(
      new NetlinkSource(messageSource([...bad.map((parts) => message(concat(parts))), entry(), done()])),
    );
    assert.deepEqual([entries.length, unparsed], [1, bad.length]);
  });

  it('has a fingerprint of all but its timeout and its users', () => {
    const of = (...attributes: readonly Uint8Array[]) => {
      const parser = new EntryParser();
      parse(entry({}, 2, ...attributes), parser);
      const { low, high, timeout } = parser.fingerprint;
      return { key: `${low} ${high}`, timeout };
    };
    const base = [number(nl.CTA_MARK, 4, 1), number(nl.CTA_USE, 4, 1), number(nl.CTA_TIMEOUT, 4, 10)];
    const other = [number(nl.CTA_MARK, 4, 1), number(nl.CTA_USE, 4, 2), number(nl.CTA_TIMEOUT, 4, 9)];
    assert.equal(of(...base).key, of(...other).key);
    assert.deepEqual([of(...base).timeout, of(...other).timeout, of().timeout], [10, 9, -1]);
    assert.notEqual(of(...base).key, of(number(nl.CTA_MARK, 4, 2), ...base.slice(1)).key);
    assert.notEqual(of(...base).key, of(...base, state(3)).key);
    // The order in which the two stand does not matter.
    assert.equal(
      of(base[1] as Uint8Array, base[2] as Uint8Array).key,
      of(other[1] as Uint8Array, other[2] as Uint8Array).key,
    );
    assert.notEqual(of(base[0] as Uint8Array).key, of().key);
  });
});

describe('bytes that are wrong', () => {
  const buffers = readRecordedDump(DUMP);
  const some = concat(buffers).subarray(0, 6_000);

  it('never throw, and make no more entries than there are messages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(some.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 40 }),
        fc.nat(some.length),
        async (changes, length) => {
          const bytes = Uint8Array.from(some.subarray(0, length));
          for (const [at, value] of changes) if (at < length) bytes[at] = value;
          const { entries, unparsed } = await readSource(new NetlinkSource(messageSource([bytes, done()])));
          // The shortest message has a header alone.
          assert.ok(entries.length + unparsed <= length / nl.MESSAGE_HEADER_BYTES + 1);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of a message that is cut off anywhere are no entry, or the same one with less', () => {
    const whole = entry(
      {},
      2,
      number(nl.CTA_MARK, 4, 5),
      number(nl.CTA_TIMEOUT, 4, 5),
      counters(nl.CTA_COUNTERS_ORIG, 1, 2),
    );
    const parser = new EntryParser();
    parse(whole, parser);
    const { low, high } = parser;
    const view = new DataView(whole.buffer);
    let entries = 0;
    for (let end = nl.MESSAGE_HEADER_BYTES; end < whole.length; end++) {
      if (!parser.look(view, nl.MESSAGE_HEADER_BYTES, end) || !parser.parse()) continue;
      entries++;
      assert.deepEqual([parser.low, parser.high], [low, high]);
    }
    assert.ok(entries > 0 && entries < 20, `${entries}`);
  });
});
