/** Counters and rates of an agent, against the kernel's counters and iperf3's report. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Flow } from '../../src/flow/flow.ts';
import { stateNumber } from '../../src/flow/state.ts';
import { deleteEntries } from '../lab/conntrack.ts';
import { runIperf, serveIperf } from '../lab/iperf.ts';
import { labUnavailable } from '../lab/requirements.ts';
import { Sampler } from '../lab/sampler.ts';
import { until } from '../lab/until.ts';
import type { Watch } from '../lab/watch.ts';
import { ECHO_PORT, INTERVAL_MS, IPERF_PORT, makeOneNode, type OneNode, SERVICE } from './one-node.ts';

const skip = labUnavailable('iperf3') ?? false;
const from = (port: number) => (flow: Flow) => flow.original.sourcePort === port;

/** What of a packet iperf3 does not count: IP and UDP, or IP and TCP with its time stamps. */
const HEADERS = { tcp: { 4: 52, 6: 72 }, udp: { 4: 28, 6: 48 } };

describe('counters and rates', { skip }, () => {
  let one: OneNode;
  let watch: Watch;
  before(async () => {
    one = await makeOneNode();
    await serveIperf(one.server.namespace, IPERF_PORT);
    watch = one.agent.watch();
    await watch.next();
  });
  after(() => one?.close());

  for (const { protocol, family, reverse } of [
    { protocol: 'tcp', family: 4, reverse: false },
    { protocol: 'tcp', family: 6, reverse: true },
    { protocol: 'udp', family: 6, reverse: false },
  ] as const) {
    const what = `${protocol} over IPv${family}${reverse ? ', downwards' : ''}`;
    it(`iperf3, ${what}: counters are the kernel's at each poll, the rate is within 5% of iperf3's`, async (t) => {
      const localPort = 30_000 + family * 10 + (protocol === 'tcp' ? 0 : 1);
      const sampler = new Sampler(one.node.namespace.table, localPort);
      t.after(() => sampler.stop());
      let since = 0;
      const report = await runIperf(
        one.client,
        family === 4 ? SERVICE.v4 : SERVICE.v6,
        IPERF_PORT,
        { bitsPerSecond: 16e6, seconds: 5, udp: protocol === 'udp', localPort, reverse },
        () => {
          since = watch.polls.length;
        },
      );
      const seen = watch.polls.slice(since).flatMap((poll) => {
        const flow = poll.flows.find(from(localPort));
        return flow ? [{ poll, flow }] : [];
      });
      assert.ok(seen.length >= 8, `only ${seen.length} polls saw it`);

      let compared = 0;
      for (const { poll, flow } of seen) {
        const { observedAt } = poll.last;
        const { original, reply } = flow.stats;
        const ours = [original.packets, original.bytes, reply.packets, reply.bytes];
        const around = sampler.around(observedAt, observedAt + (poll.last.poll?.durationSeconds ?? 0) * 1000 + 1);
        if (around === undefined) continue;
        const [low, high] = around.map(({ counters }) => counters);
        const between = ours.every((v, i) => v !== undefined && v >= (low?.[i] ?? 0) && v <= (high?.[i] ?? 0));
        assert.ok(between, `${ours} is not between the kernel's ${low} and ${high}`);
        compared++;
      }
      assert.ok(compared >= 6, `only ${compared} polls could be compared`);

      // Those in the middle of the transfer: it starts with a burst, and the last poll may be after its end.
      const steady = seen.slice(3, -2).map(({ flow }) => flow.stats);
      const [first, last] = [steady[0], steady.at(-1)];
      const rates = steady.map((stats) => (reverse ? stats.replyRate : stats.originalRate) ?? Number.NaN);
      const packets = (stats = first) => (reverse ? stats?.reply.packets : stats?.original.packets) ?? Number.NaN;
      const bytes = (stats = first) => (reverse ? stats?.reply.bytes : stats?.original.bytes) ?? Number.NaN;
      // The virtual link carries several segments as one packet, which is counted with one header.
      const headers = ((packets(last) - packets(first)) / (bytes(last) - bytes(first))) * HEADERS[protocol][family];
      const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
      const payload = mean * (1 - headers);
      const ratio = payload / report.bytesPerSecond;
      t.diagnostic(`${(payload / 1e6).toFixed(3)} MB/s, iperf3 says ${(report.bytesPerSecond / 1e6).toFixed(3)}`);
      assert.ok(Math.abs(ratio - 1) <= 0.05, `${payload} is ${ratio} of iperf3's ${report.bytesPerSecond}; ${rates}`);
    });
  }

  it('has exactly what the kernel counted once the traffic rests', async (t) => {
    const port = 31_000;
    const connection = await one.client.peer.connect(one.server.address6, ECHO_PORT, port);
    await connection.send(1_234_567);
    const sampler = new Sampler(one.node.namespace.table, port);
    t.after(() => sampler.stop());
    // A last acknowledgement may still be on its way.
    await until('a poll and the kernel agree', 4000, async () => {
      const { flows } = await watch.next();
      const stats = flows.find(from(port))?.stats;
      assert.ok(stats);
      const { original, reply } = stats;
      const ours = [original.packets, original.bytes, reply.packets, reply.bytes];
      assert.deepEqual(ours, sampler.samples.at(-1)?.counters);
      assert.ok((original.bytes ?? 0) > 1_234_567);
      assert.deepEqual([stats.originalRate, stats.replyRate], [0, 0]);
    });
  });

  it('rates a flow that a poll is the first to see: all its bytes, since the poll before', async () => {
    const port = 31_001;
    const since = watch.polls.length;
    const connection = await one.client.peer.connect(one.server.address, ECHO_PORT, port);
    await connection.send(100_000);
    const poll = await watch.until('the flow', 3000, (poll) => (poll.added.some(from(port)) ? poll : undefined), since);
    const before = watch.polls[watch.polls.indexOf(poll) - 1];
    const flow = poll.added.find(from(port));
    assert.ok(flow && before);
    assert.equal(flow.startKnown, true);
    const seconds = (poll.last.observedAt - before.last.observedAt) / 1000;
    const { original, originalRate = Number.NaN } = flow.stats;
    assert.ok(Math.abs((originalRate * seconds) / (original.bytes ?? 0) - 1) < 0.05, `${originalRate} B/s`);
  });

  it('rates what a connection moved last before it ended', async () => {
    const port = 31_004;
    const connection = await one.client.peer.connect(one.server.address, ECHO_PORT, port);
    await connection.send(1000);
    await watch.until('the flow', 3000, (poll) => poll.flows.find(from(port)));
    const since = watch.polls.length;
    await connection.send(300_000);
    await connection.end();
    const rates: number[] = [];
    await watch.until(
      'its end',
      3000,
      (poll) => {
        const flow = poll.flows.find(from(port));
        rates.push(flow?.stats.originalRate ?? Number.NaN);
        return flow?.status.state === stateNumber('TIME_WAIT') && rates.at(-1) === 0 ? flow : undefined;
      },
      since,
    );
    const moved = rates.reduce((sum, rate) => sum + rate * (INTERVAL_MS / 1000), 0);
    assert.ok(moved > 250_000 && moved < 400_000, `${moved} bytes by ${rates}`);
  });

  it('takes a TCP connection that reuses a tuple for a new one, with a sane rate', async () => {
    const port = 31_002;
    const first = await one.client.peer.connect(one.server.address, ECHO_PORT, port);
    await first.send(5_000_000);
    const old = await watch.until('the first one', 3000, (poll) =>
      poll.flows.find((flow) => from(port)(flow) && (flow.stats.original.bytes ?? 0) > 5_000_000),
    );
    const since = watch.polls.length;
    await first.reset();
    const second = await one.client.peer.connect(one.server.address, ECHO_PORT, port);
    await second.send(1000);
    const poll = await watch.until(
      'another flow',
      3000,
      (poll) => (poll.added.some(from(port)) ? poll : undefined),
      since,
    );
    const flow = poll.added.find(from(port));
    assert.ok(flow);
    assert.deepEqual(flow.original, old.original);
    assert.deepEqual(flow.reply, old.reply);
    assert.notEqual(flow.id, old.id);
    assert.ok(watch.polls.slice(since).some(({ removed }) => removed.includes(old.id)));
    assert.equal(poll.flows.filter(from(port)).length, 1);
    await second.send(1000);
    const later = await watch.until('its rate', 3000, (poll) =>
      poll.flows.find((flow) => from(port)(flow) && flow.stats.originalRate !== undefined),
    );
    assert.equal(later.id, flow.id);
    for (const rate of [later.stats.originalRate, later.stats.replyRate])
      assert.ok(rate !== undefined && rate >= 0 && rate < 2000 / (INTERVAL_MS / 2000), `${rate} B/s`);
  });

  it('takes a UDP exchange that reuses a tuple for a new one', async () => {
    const port = 31_003;
    for (let i = 0; i < 20; i++) await one.client.peer.ask(one.server.address6, ECHO_PORT, 500, { localPort: port });
    const old = await watch.until('the first one', 3000, (poll) =>
      poll.flows.find((flow) => from(port)(flow) && flow.stats.original.packets === 20),
    );
    const since = watch.polls.length;
    await deleteEntries(one.node.namespace, '-p', 'udp', '-f', 'ipv6', '--orig-port-src', `${port}`);
    await one.client.peer.ask(one.server.address6, ECHO_PORT, 500, { localPort: port });
    const poll = await watch.until(
      'another flow',
      3000,
      (poll) => (poll.added.some(from(port)) ? poll : undefined),
      since,
    );
    const flow = poll.added.find(from(port));
    assert.ok(flow && flow.id !== old.id);
    assert.equal(flow.stats.original.packets, 1);
    const { originalRate = Number.NaN } = flow.stats;
    assert.ok(originalRate > 0 && originalRate <= 528 / (INTERVAL_MS / 2000), `${originalRate} B/s`);
    assert.ok(poll.removed.includes(old.id));
  });
});

describe('without accounting', { skip }, () => {
  it('leaves counters and rates out, until it is switched on: then new flows have them', async (t) => {
    const one = await makeOneNode({ accounting: false });
    t.after(() => one.close());
    const { agent, client, node } = one;
    const watch = agent.watch();
    const before = await client.peer.connect(one.server.address, ECHO_PORT, 32_000);
    await before.send(10_000);
    await watch.until('the flow', 3000, (poll) => poll.flows.find(from(32_000)));
    await before.send(10_000);
    await watch.next();
    const { flows } = await watch.next();
    assert.deepEqual(flows.find(from(32_000))?.stats, { original: {}, reply: {} });
    assert.equal((await agent.about()).accounting, 'off');

    await node.namespace.sysctl({ 'netfilter.nf_conntrack_acct': 1 });
    const since = await client.peer.connect(one.server.address, ECHO_PORT, 32_001);
    await since.send(10_000);
    const counted = await watch.until('counters', 3000, (poll) =>
      poll.flows.find((flow) => from(32_001)(flow) && (flow.stats.original.bytes ?? 0) > 10_000),
    );
    assert.ok(counted);
    await before.send(10_000);
    await watch.next();
    assert.deepEqual((await watch.next()).flows.find(from(32_000))?.stats, { original: {}, reply: {} });
    assert.equal((await agent.about()).accounting, 'on');
  });

  it('takes a reused tuple for a new flow where its state tells', async (t) => {
    const one = await makeOneNode({ accounting: false });
    t.after(() => one.close());
    const watch = one.agent.watch();
    await one.client.peer.ask(one.server.address, ECHO_PORT, 40, { localPort: 32_002 });
    const old = await watch.until('the first one', 3000, (poll) => poll.flows.find(from(32_002)));
    assert.equal(old.status.replied, true);
    const since = watch.polls.length;
    // The server's answers do not come back any more: the new entry is one without a reply.
    await one.server.namespace.nft('table inet mute { chain output { type filter hook output priority 0; drop; }; }');
    await deleteEntries(one.node.namespace, '-p', 'udp', '--orig-port-src', '32002');
    await one.client.peer.ask(one.server.address, ECHO_PORT, 40, { localPort: 32_002, wait: false });
    const poll = await watch.until(
      'another flow',
      3000,
      (poll) => (poll.added.some(from(32_002)) ? poll : undefined),
      since,
    );
    assert.equal(poll.added.find(from(32_002))?.status.replied, false);
    assert.ok(watch.polls.slice(since).some(({ removed }) => removed.includes(old.id)));
  });
});
