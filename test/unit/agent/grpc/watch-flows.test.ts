/** WatchFlows as a client sees it: what each field of a request does. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ServiceError, status } from '@grpc/grpc-js';
import type { Flow } from '../../../../src/flow/flow.ts';
import type { WatchFlowsRequest } from '../../../../src/wire/gen/kflow/v1/WatchFlowsRequest.ts';
import { until } from '../../../lab/until.ts';
import { FileAgent, lineOf } from '../file-agent.ts';

const SOON = 5_000;
const ports = (flows: readonly Flow[]) =>
  flows.map((flow) => flow.original.sourcePort).toSorted((a = 0, b = 0) => a - b);
const TABLE = [
  { port: 1, bytes: 1000, state: 'SYN_SENT' },
  { port: 2, bytes: 1000 },
  { port: 3, bytes: 1000, source: '10.9.0.1' },
];

describe('WatchFlows', () => {
  it('sends a heartbeat for each quiet poll, and numbers its messages without gaps', async (t) => {
    const agent = await FileAgent.start(
      t,
      TABLE.map((row) => ({ ...row, offloaded: true })),
    );
    const watch = agent.watch();
    const first = await watch.next();
    assert.equal(first.snapshot, true);
    assert.deepEqual(ports(first.flows), [1, 2, 3]);
    // The second has the rates, which are now known.
    await watch.next();
    for (let i = 0; i < 5; i++) {
      const { snapshot, added, updated, removed, last } = await watch.next();
      assert.deepEqual([snapshot, added, updated, removed], [false, [], [], []]);
      assert.equal(last.poll?.entries, 3);
    }
    assert.equal(watch.messages, watch.polls.length, 'one message a poll');
    watch.close();
  });

  it('ends with OK after a snapshot, if that is all that was asked for', async (t) => {
    const agent = await FileAgent.start(t, TABLE);
    const watch = agent.watch({ snapshotOnly: true });
    assert.equal((await watch.ended()).message, 'the stream ended');
    assert.deepEqual(ports(watch.flows), [1, 2, 3]);
    assert.equal(watch.polls.length, 1);
  });

  const filters: [string, WatchFlowsRequest['filter'], number[]][] = [
    ['a protocol', { protocols: ['tcp'] }, [1, 2, 3]],
    ['a number', { protocols: ['udp', '6'] }, [1, 2, 3]],
    ['another protocol', { protocols: ['udp', 'unknown'] }, []],
    ['a port of either tuple', { ports: [2, 3] }, [2, 3]],
    ['a block', { cidrs: ['10.9.0.0/16', '2001:db8::/32'] }, [3]],
    ['an address', { cidrs: ['10.0.0.1'] }, [1, 2]],
    ['a block with host bits', { cidrs: ['10.9.255.255/8'] }, [1, 2, 3]],
    ['a state', { states: [2] }, [1]],
    ['no state', { states: [0] }, []],
    ['all fields at once', { ports: [443], cidrs: ['10.0.0.1'], states: [4] }, [2]],
  ];
  for (const [what, filter, wanted] of filters)
    it(`filters by ${what}`, async (t) => {
      const agent = await FileAgent.start(t, TABLE);
      assert.deepEqual(ports((await agent.watch({ filter: filter ?? null, snapshotOnly: true }).next()).flows), wanted);
    });

  it('a flow that begins to pass is added, one that ceases to is removed', async (t) => {
    const agent = await FileAgent.start(t, TABLE);
    const watch = agent.watch({ filter: { states: [2] } });
    const [known] = (await watch.next()).flows;
    assert.equal(known?.original.sourcePort, 1);
    agent.write(TABLE.map((row) => ({ ...row, state: row.port === 2 ? 'SYN_SENT' : 'ESTABLISHED' })));
    const poll = await watch.until('both', SOON, (poll) => (poll.removed.length > 0 ? poll : undefined));
    assert.deepEqual(poll.removed, [known?.id]);
    assert.deepEqual(ports(poll.added), [2]);
    watch.close();
  });

  it('a rate is a reason to come and go', async (t) => {
    const agent = await FileAgent.start(t, TABLE);
    const watch = agent.watch({ filter: { minBytesPerSecond: 1 } });
    assert.deepEqual((await watch.next()).flows, [], 'no rate is known yet');
    agent.write(TABLE.map((row) => ({ ...row, bytes: row.port === 2 ? 90_000 : 1000 })));
    await watch.until('it moves bytes', SOON, (poll) => (ports(poll.flows).join() === '2' ? true : undefined));
    await watch.until('it rests', SOON, (poll) => (poll.removed.length === 1 && poll.flows.length === 0) || undefined);
    watch.close();
  });

  it('max_flows: the heaviest, and what the others come to', async (t) => {
    const agent = await FileAgent.start(t, TABLE);
    const only = await agent.watch({ maxFlows: 1, snapshotOnly: true }).next();
    assert.equal(only.flows.length, 1);
    assert.equal(only.last.others?.flows, 2);
    assert.ok((only.last.others?.bytesPerSecond ?? 0) === 0);
    const all = agent.watch();
    const watch = agent.watch({ maxFlows: 1 });
    await all.until('rates', SOON, (poll) => poll.flows.every(({ stats }) => stats.originalRate === 0) || undefined);
    agent.write(TABLE.map((row) => ({ ...row, bytes: 1000 + row.port * 1000 })));
    const heavy = await watch.until('the heaviest', SOON, (poll) =>
      ports(poll.flows)[0] === 3 && (poll.flows[0]?.stats.originalRate ?? 0) > 0 ? poll : undefined,
    );
    assert.equal(heavy.last.others?.flows, 2);
    const [flow] = heavy.flows;
    const { originalRate = 0, replyRate = 0 } = flow?.stats ?? {};
    // 3000 bytes each way, beside 1000 and 2000.
    assert.ok(Math.abs((heavy.last.others?.bytesPerSecond ?? 0) / (originalRate + replyRate) - 1) < 0.01);
    agent.write([]);
    const none = await watch.until('an empty table', SOON, (poll) => (poll.flows.length === 0 ? poll : undefined));
    assert.deepEqual(none.last.others, { flows: 0, bytesPerSecond: 0 });
    all.close();
    watch.close();
  });

  it('min_interval_ms: at most one difference in that time, which has all changes', async (t) => {
    const agent = await FileAgent.start(t, TABLE);
    const watch = agent.watch({ minIntervalMs: 300 });
    const { receivedAt } = await watch.next();
    agent.write([...TABLE, { port: 4 }]);
    const polls = agent.polls;
    await until('several polls', SOON, () => assert.ok(agent.polls > polls + 1));
    agent.write([...TABLE, { port: 4 }, { port: 5 }]);
    const second = await watch.next();
    assert.ok(second.receivedAt - receivedAt > 250, `${second.receivedAt - receivedAt} ms`);
    assert.deepEqual(ports((await watch.next()).flows), [1, 2, 3, 4, 5]);
    watch.close();
  });

  const bad: [WatchFlowsRequest['filter'], RegExp][] = [
    [{ protocols: ['tcp', 'qtp'] }, /^filter\.protocols: "qtp" is /],
    [{ protocols: ['256'] }, /^filter\.protocols: "256" is /],
    [{ ports: [443, 0] }, /^filter\.ports: 0 is /],
    [{ ports: [65536] }, /^filter\.ports: 65536 is /],
    [{ cidrs: ['10.0.0.0/33'] }, /^filter\.cidrs: "10\.0\.0\.0\/33" is /],
    [{ cidrs: ['::/129'] }, /^filter\.cidrs: "::\/129" is /],
    [{ cidrs: ['fe80::1%eth0'] }, /^filter\.cidrs: "fe80::1%eth0" is /],
    [{ cidrs: ['a\u001b[31mb'] }, /^filter\.cidrs: "a\\u001b\[31mb" is /],
    [{ cidrs: ['a\u009b2J\u202eb'] }, /^filter\.cidrs: "a\ufffd2J\ufffdb" is /],
    [{ cidrs: ['x'.repeat(9999)] }, /^filter\.cidrs: "x{60}…" is /],
    [{ cidrs: Array.from({ length: 257 }, () => '10.0.0.1') }, /^filter\.cidrs: 257 blocks are more than 256/],
    [{ states: [99 as 1] }, /^filter\.states: 99 is /],
    [{ states: [-1 as 1] }, /^filter\.states: -1 is /],
    [{ minBytesPerSecond: -1 }, /^filter\.min_bytes_per_second: -1 is /],
    [{ minBytesPerSecond: Number.NaN }, /^filter\.min_bytes_per_second: NaN is /],
    [{ minBytesPerSecond: Number.POSITIVE_INFINITY }, /^filter\.min_bytes_per_second: Infinity is /],
  ];
  it('a bad request is INVALID_ARGUMENT, and names the field and the value', async (t) => {
    const agent = await FileAgent.start(t, TABLE);
    for (const [filter, reason] of bad) {
      const error = (await agent.watch({ filter: filter ?? null }).ended()) as ServiceError;
      assert.equal(error.code, status.INVALID_ARGUMENT);
      assert.match(error.details, reason);
    }
    assert.equal(agent.polls, 0, 'and costs no poll');
  });

  it('garbage is counted and left out, and a flow that is printed twice is one', async (t) => {
    const text = [
      ...Array.from({ length: 10_000 }, (_, i) => `garbage ${i}\n`),
      lineOf({ port: 1 }),
      `${'x'.repeat(1_000_000)}\n`,
      'ipv4 2 tcp\0 6\n',
      lineOf({ port: 1 }),
      lineOf({ port: 2 }),
      lineOf({ port: 3 }).slice(0, 120),
    ];
    const agent = await FileAgent.start(t, text.join(''));
    const watch = agent.watch();
    const poll = await watch.next();
    assert.deepEqual(ports(poll.flows), [1, 2]);
    assert.equal(poll.last.poll?.unparsedLines, 10_003);
    watch.close();
  });
});
