import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EBUSY, ENOBUFS, EPERM, NetlinkError } from '../../../../../src/agent/conntrack/netlink/netlink-error.ts';
import { NetlinkSource } from '../../../../../src/agent/conntrack/netlink/netlink-source.ts';
import * as nl from '../../../../../src/agent/conntrack/netlink/parse/numbers.ts';
import { TableUpdater } from '../../../../../src/agent/polling/table-updater.ts';
import { readFlow } from '../../../../../src/flow/flow.ts';
import { counters, done, entry, message, messageSource, number } from '../../../../lab/netlink-messages.ts';

/** Polls these answers, one after another, into one table. */
async function poll(...answers: readonly (readonly Uint8Array[] | Error)[]) {
  const updater = new TableUpdater();
  const source = new NetlinkSource(messageSource(...answers));
  const polls = [];
  for (let at = 0; at < answers.length; at++) {
    updater.begin(at * 1000, 1_700_000_000_000 + at * 1000);
    const cost = await source.read(updater);
    updater.complete();
    const slots = Array.from({ length: updater.table.end }, (_, slot) => slot).filter((slot) =>
      updater.table.isLive(slot),
    );
    polls.push({
      ...cost,
      unparsed: updater.unparsed,
      sample: updater.unparsedSample,
      flows: slots.map((slot) => readFlow(updater.table, slot)),
    });
  }
  return polls;
}

const read = async (...answers: readonly (readonly Uint8Array[] | Error)[]) => {
  const updater = new TableUpdater();
  const messages = messageSource(...answers);
  updater.begin(0, 0);
  const { note } = await new NetlinkSource(messages).read(updater);
  updater.complete();
  return { size: updater.table.size, unparsed: updater.unparsed, note, dumps: messages.asked };
};

/** A dump of one entry with this id, and so many bytes sent. */
const dumpWithId = (id: number, bytes: number) => [
  entry(
    {},
    2,
    counters(nl.CTA_COUNTERS_ORIG, 1, bytes),
    counters(nl.CTA_COUNTERS_REPLY, 1, 0),
    number(nl.CTA_ID, 4, id),
  ),
  done(),
];

describe('the netlink source', () => {
  it('takes another dump where the table changed under one, and in the end says so', async () => {
    const interrupted = [entry({ port: 1 }), done(0, { flags: nl.NLM_F_DUMP_INTR })];
    const early = [message(new Uint8Array(4), { type: 0x140, flags: nl.NLM_F_DUMP_INTR }), entry({ port: 1 }), done()];
    const whole = [entry({ port: 1 }), entry({ port: 2 }), done()];
    assert.deepEqual(await read(interrupted, whole), { size: 2, unparsed: 0, note: undefined, dumps: 2 });
    assert.deepEqual(await read(early, whole), { size: 2, unparsed: 0, note: undefined, dumps: 2 });
    const { note, ...rest } = await read(interrupted);
    assert.deepEqual(rest, { size: 1, unparsed: 0, dumps: 3 });
    assert.match(note ?? '', /changed under each of 3 dumps/);
  });

  it('takes another dump where messages were lost, and gives up after some', async () => {
    const whole = [entry(), done()];
    const lost = new NetlinkError(ENOBUFS, 'recv');
    assert.deepEqual(await read(lost, whole), { size: 1, unparsed: 0, note: undefined, dumps: 2 });
    assert.equal(
      (await read([entry(), done(EBUSY)], [message(new Uint8Array(4), { type: nl.NLMSG_OVERRUN })], whole)).dumps,
      3,
    );
    await assert.rejects(read(lost), { message: /^ENOBUFS: .*net\.core\.rmem_max$/ });
  });

  it('does not count twice what two dumps could not parse', async () => {
    const bad = message(new Uint8Array(1));
    assert.equal((await read([bad, done(EBUSY)], [bad, bad, done()])).unparsed, 2);
  });

  it('names the cause and the next step of an error that does not pass', async () => {
    for (const answer of [[done(EPERM, { type: nl.NLMSG_ERROR })], new NetlinkError(EPERM, 'socket')])
      await assert.rejects(read(answer), { message: /^EPERM: .*NET_ADMIN.*KFLOW_SOURCE=procfs/ });
    await assert.rejects(read([done(22, { type: nl.NLMSG_ERROR })]), {
      message: /^EINVAL: .*modprobe nf_conntrack_netlink/,
    });
    await assert.rejects(read([done(93)]), { message: /^EPROTONOSUPPORT: .*modprobe nfnetlink/ });
    await assert.rejects(read([done(5)]), { message: /^errno 5: / });
    await assert.rejects(read([entry()]), { message: 'netlink: the answer ended before the table did' });
  });

  it('passes over what is of another request or kind, and counts what is none', async () => {
    const { size, unparsed } = await read([
      message(new Uint8Array(0), { sequence: 7 }),
      entry({ port: 1 }),
      message(new Uint8Array(100), { type: nl.CT_GET_STATS }),
      done(0, {}),
    ]);
    assert.deepEqual([size, unparsed], [1, 0]);
    // Old kernels end a dump without a number.
    assert.equal((await read([entry({ port: 1 }), message(new Uint8Array(0), { type: nl.NLMSG_DONE })])).size, 1);
    const [garbled] = await poll([
      Uint8Array.of(1, 2, 3),
      entry(),
      new Uint8Array(40),
      message(new Uint8Array(9)),
      done(),
    ]);
    assert.deepEqual([garbled?.flows.length, garbled?.unparsed], [1, 2]);
    assert.equal(garbled?.sample, '40 bytes that are no netlink message');
    const [sampled] = await poll([message(Uint8Array.of(2, 0, 0, 0, 255, 255)), message(new Uint8Array(9)), done()]);
    assert.equal(sampled?.sample, 'message of 6 bytes: 02000000ffff');
  });

  it('takes an entry with another id for another connection, though all else could be the same one', async () => {
    const [first, second, third] = await poll(dumpWithId(5, 100), dumpWithId(5, 200), dumpWithId(6, 300));
    assert.equal(first?.flows[0]?.id, second?.flows[0]?.id);
    assert.equal(second?.flows[0]?.stats.originalRate !== undefined, true);
    assert.notEqual(second?.flows[0]?.id, third?.flows[0]?.id);
    assert.equal(third?.flows[0]?.startKnown, true);
    // A kernel that gives no id is believed by its counters alone.
    const [one, two, less] = await poll(dumpWithId(0, 100), dumpWithId(6, 200), dumpWithId(0, 10));
    assert.equal(one?.flows[0]?.id, two?.flows[0]?.id);
    assert.notEqual(two?.flows[0]?.id, less?.flows[0]?.id);
  });

  it('takes an entry that a poll left out for another connection where it comes back with another id', async () => {
    const [, , same] = await poll(dumpWithId(5, 100), [done()], dumpWithId(5, 200));
    assert.equal(same?.flows[0]?.startKnown, false);
    const [, , other] = await poll(dumpWithId(5, 100), [done()], dumpWithId(6, 200));
    assert.equal(other?.flows[0]?.startKnown, true);
  });

  it('ends with what is no table: more bytes than one has', async () => {
    const source = new NetlinkSource(messageSource([entry(), entry(), done()]), { bytes: () => 10, silentMs: 1e9 });
    const updater = new TableUpdater();
    updater.begin(0, 0);
    await assert.rejects(source.read(updater), { message: /more than 0 MiB, which no conntrack table has/ });
  });
});
