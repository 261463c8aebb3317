import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MessageSource, NetlinkRequest } from '../../../../../src/agent/conntrack/netlink/message-source.ts';
import { EPERM } from '../../../../../src/agent/conntrack/netlink/netlink-error.ts';
import { NetlinkSource } from '../../../../../src/agent/conntrack/netlink/netlink-source.ts';
import { readCounters, readTableSize } from '../../../../../src/agent/conntrack/netlink/netlink-stats.ts';
import {
  CT_GET_STATS,
  CT_GET_STATS_CPU,
  NLMSG_ERROR,
} from '../../../../../src/agent/conntrack/netlink/parse/numbers.ts';
import { concat, done, message, number } from '../../../../lab/netlink-messages.ts';

/** Answers each question with these buffers. */
function source(answers: Partial<Record<NetlinkRequest, readonly Uint8Array[]>>): MessageSource {
  return {
    path: 'netlink',
    settings: 'own',
    async *request(what) {
      yield* answers[what] ?? [done(EPERM, { type: NLMSG_ERROR })];
    },
  };
}

const stats = (type: number, ...attributes: readonly Uint8Array[]) =>
  message(concat([new Uint8Array(4), ...attributes]), { type });
const acknowledged = done(0, { type: NLMSG_ERROR });

describe('what netlink reports about the table', () => {
  it('is its size and maximum; an old kernel does not tell the maximum', async () => {
    const size = (...attributes: readonly Uint8Array[]) =>
      readTableSize(source({ size: [stats(CT_GET_STATS, ...attributes), acknowledged] }));
    assert.deepEqual(await size(number(1, 4, 0), number(2, 4, 262_144)), { entries: 0, maxEntries: 262_144 });
    assert.deepEqual(await size(number(1, 4, 7)), { entries: 7 });
    assert.deepEqual(await size(number(1, 2, 7)), {});
  });

  it('is the sum of the counters of all CPUs; those that the kernel does not have are absent, not 0', async () => {
    const counters = [
      stats(CT_GET_STATS_CPU, number(9, 4, 3), number(10, 4, 0), number(99, 4, 5)),
      stats(CT_GET_STATS_CPU, number(9, 4, 0xffff_ffff), number(10, 4, 0)),
      done(),
    ];
    assert.deepEqual(await readCounters(source({ counters })), { insertFailed: 0xffff_ffff + 3, drop: 0 });
    // A message that is malformed counts nothing.
    const garbled = [stats(CT_GET_STATS_CPU, Uint8Array.of(1, 0, 9, 0)), ...counters];
    assert.deepEqual(await readCounters(source({ counters: garbled })), { insertFailed: 0xffff_ffff + 3, drop: 0 });
  });

  it('is nothing where the kernel refuses, and an answer without an end is given up', async () => {
    await assert.rejects(readTableSize(source({})), { message: /^EPERM/ });
    await assert.rejects(readCounters(source({})), { message: /^EPERM/ });
    const endless = Array<Uint8Array>(10_000).fill(stats(CT_GET_STATS_CPU));
    await assert.rejects(readCounters(source({ counters: endless })), { message: /without an end/ });
    await assert.rejects(readTableSize(source({ size: [] })), { message: /without an end/ });
    const half = await new NetlinkSource(
      source({ size: [stats(CT_GET_STATS, number(1, 4, 7)), acknowledged] }),
    ).readInfo();
    assert.deepEqual([half.entries, half.counters], [7, undefined]);
    const info = await new NetlinkSource(source({})).readInfo();
    assert.deepEqual(Object.keys(info).toSorted(), ['accounting', 'timestamping']);
  });
});

it('any number of questions at a time take one request each to the kernel', async () => {
  const asked: string[] = [];
  const answering = source({});
  const counted: MessageSource = {
    path: answering.path,
    settings: answering.settings,
    request(what, meter, signal) {
      asked.push(what);
      return answering.request(what, meter, signal);
    },
  };
  const netlink = new NetlinkSource(counted);
  const infos = await Promise.all(Array.from({ length: 56 }, () => netlink.readInfo()));
  assert.ok(asked.length <= 2, `${asked}`);
  for (const info of infos) assert.deepEqual(info, infos[0]);
});
