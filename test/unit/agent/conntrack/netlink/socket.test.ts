/** The socket over calls that the test makes: as the C library's, of which a real kernel fails few on demand. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CpuMeter } from '../../../../../src/agent/conntrack/cpu-meter.ts';
import { SocketMessages } from '../../../../../src/agent/conntrack/netlink/message-source.ts';
import { EAGAIN, EINTR, EINVAL, ENOBUFS, EPERM } from '../../../../../src/agent/conntrack/netlink/netlink-error.ts';
import { NetlinkSource } from '../../../../../src/agent/conntrack/netlink/netlink-source.ts';
import { NLMSG_ERROR } from '../../../../../src/agent/conntrack/netlink/parse/numbers.ts';
import { probeNetlink } from '../../../../../src/agent/conntrack/netlink/probe.ts';
import { NetlinkSocket } from '../../../../../src/agent/conntrack/netlink/socket.ts';
import { TableUpdater } from '../../../../../src/agent/polling/table-updater.ts';
import { FakeCalls, type Received } from '../../../../lab/fake-socket-calls.ts';
import { concat, done, entry } from '../../../../lab/netlink-messages.ts';

async function read(calls: FakeCalls, silentMs = 200): Promise<number> {
  const updater = new TableUpdater();
  updater.begin(0, 0);
  updater.complete();
  updater.begin(1, 1);
  await new NetlinkSource(new SocketMessages(calls, silentMs)).read(updater);
  updater.complete();
  return updater.table.size;
}

describe('the socket of netlink', () => {
  it('asks for the entries of all families, and closes when the answer has ended', async () => {
    const calls = new FakeCalls();
    calls.received = [entry({ port: 1 }), concat([entry({ port: 2 }), done()])];
    assert.equal(await read(calls), 2);
    assert.equal(calls.open, 0);
    // Length 20; type CTNETLINK and GET; REQUEST and DUMP; sequence 1; family unspecified.
    assert.deepEqual(
      calls.sent.map((bytes) => Buffer.from(bytes).toString('hex')),
      ['1400000001010103010000000000000000000000'],
    );
  });

  it('is interrupted by signals, and waits where nothing is there yet', async () => {
    const calls = new FakeCalls();
    calls.received = [EAGAIN, EINTR, EINTR, entry({ port: 1 }), EAGAIN, EAGAIN, EAGAIN, done()];
    assert.equal(await read(calls), 1);
    calls.received = Array<Received>(1000).fill(EINTR);
    await assert.rejects(read(calls), { message: /^EINTR/ });
    assert.equal(calls.open, 0);
  });

  it('asks again where messages were lost', async () => {
    const calls = new FakeCalls();
    calls.received = [entry({ port: 1 }), ENOBUFS, entry({ port: 1 }), entry({ port: 2 }), done()];
    assert.equal(await read(calls), 2);
    assert.deepEqual([calls.sent.length, calls.open], [2, 0]);
  });

  it('gives an answer up that has no end', async () => {
    const calls = new FakeCalls();
    calls.received = [entry()];
    await assert.rejects(read(calls, 20), { message: /^ETIMEDOUT: / });
    assert.equal(calls.open, 0);
  });

  it('refuses a message that is longer than the buffer', async () => {
    const calls = new FakeCalls();
    calls.received = ['long'];
    await assert.rejects(read(calls), { message: /^EMSGSIZE: / });
    assert.equal(calls.open, 0);
  });

  it('does without the buffer that it asks for, and fails where a call does', async () => {
    const calls = new FakeCalls();
    calls.fails = { setsockopt: EPERM };
    calls.received = [done()];
    assert.equal(await read(calls), 0);
    for (const call of ['socket', 'bind', 'connect', 'send'] as const) {
      calls.fails = { [call]: EPERM };
      await assert.rejects(read(calls), { message: /^EPERM: .*NET_ADMIN/ });
      assert.equal(calls.open, 0, call);
    }
    calls.fails = { bind: 111 };
    assert.throws(() => new NetlinkSocket(calls), { message: /^ECONNREFUSED: .*modprobe nfnetlink/ });
  });

  it('can be broken off, and lets other work be done meanwhile', async () => {
    const calls = new FakeCalls();
    calls.received = Array.from({ length: 10 }, (_, port) => entry({ port }));
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 5);
    const messages = new SocketMessages(calls, 10_000);
    const updater = new TableUpdater();
    updater.begin(0, 0);
    await assert.rejects(new NetlinkSource(messages).read(updater, abort.signal), { name: 'AbortError' });
    assert.equal(calls.open, 0);
    // A reader that takes its time holds the loop for one buffer at most.
    calls.received = Array.from({ length: 10 }, (_, port) => entry({ port }));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    let buffers = 0;
    for await (const _ of messages.request('entries', new CpuMeter())) {
      const start = performance.now();
      while (performance.now() - start < 6);
      if (++buffers === 10) break;
    }
    clearInterval(timer);
    assert.ok(turns >= 5, `${turns}`);
    assert.equal(calls.open, 0);
  });
});

describe('a probe of netlink', () => {
  it('asks one question, and says why it has no answer', () => {
    const calls = new FakeCalls();
    const answer = (errno: number) => done(errno, { type: NLMSG_ERROR });
    calls.received = [entry(), answer(0)];
    assert.equal(probeNetlink(calls), 'ok');
    // Length 20; type CTNETLINK and GET_STATS; REQUEST and ACK.
    assert.equal(Buffer.from(calls.sent[0] ?? []).toString('hex'), '1400000005010500010000000000000000000000');
    calls.received = [answer(EPERM)];
    assert.match(probeNetlink(calls), /^EPERM: .*NET_ADMIN/);
    calls.received = [answer(EINVAL)];
    assert.match(probeNetlink(calls), /^EINVAL: .*modprobe nf_conntrack_netlink/);
    calls.received = [];
    assert.equal(probeNetlink(calls), 'the kernel does not answer');
    calls.received = Array<Received>(100).fill(entry());
    assert.equal(probeNetlink(calls), 'the kernel does not answer');
    calls.fails = { socket: 93 };
    assert.match(probeNetlink(calls), /^EPROTONOSUPPORT: .*modprobe nfnetlink/);
    assert.equal(calls.open, 0);
  });
});
