import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentState } from '../../../../src/client/model/agent.ts';
import { type Connection, type Hop, isUnanswered } from '../../../../src/client/model/connection.ts';
import type { Snapshot } from '../../../../src/client/model/snapshot.ts';
import { withUnanswered } from '../../../../src/client/problems/unanswered-rule.ts';
import { TCP, UDP } from '../../../../src/flow/protocol.ts';
import { stateNumber } from '../../../../src/flow/state.ts';
import { formatProblems, hop, Scene } from './scene.ts';

const AT = 1_700_000_000_000;
const SECOND = 1000;
const SYN_SENT = stateNumber('SYN_SENT') ?? 0;

type Timed = Connection & { readonly startedAt?: number };

let lastId = 0;

function syn(over: Partial<Timed> = {}): Timed {
  return {
    id: ++lastId,
    family: 4,
    protocol: TCP,
    source: { address: '10.0.0.1' },
    destination: { address: '10.0.0.2' },
    destinationPort: 80,
    state: SYN_SENT,
    replied: false,
    offloaded: false,
    mark: 0,
    zone: 0,
    firstSeenAt: AT,
    hops: [hop('node1', SYN_SENT)],
    stale: false,
    ...over,
  };
}

function leftOf(seconds: number): { readonly expiresAt: number } {
  return { expiresAt: AT / SECOND + seconds };
}

/** By how much each agent's clock is ahead. */
function snapshot(
  connections: readonly Connection[],
  clocks: Readonly<Record<string, number>> = { node1: 0 },
): Snapshot {
  const agents = Object.entries(clocks).map(([key, aheadMs]): AgentState => {
    const poll = { entries: 1, unparsedLines: 0, durationSeconds: 0, intervalSeconds: 1, skipped: false };
    return { key, node: key, status: { kind: 'live' }, flows: 1, poll: { ...poll, observedAt: AT + aheadMs } };
  });
  return { at: AT, origin: 'a test', agents, connections, notices: [] };
}

function count(connections: readonly Connection[], clocks?: Readonly<Record<string, number>>): number {
  return withUnanswered(snapshot(connections, clocks)).connections.filter(isUnanswered).length;
}

test('a single snapshot tells: by when the connection began, and else by its timeout', () => {
  const cases: readonly (readonly [Partial<Timed>, boolean])[] = [
    // A handshake in the middle.
    [{ firstSeenAt: AT - 1000, ...leftOf(119) }, false],
    [{ firstSeenAt: AT - 2000, ...leftOf(118) }, true],
    [{ firstSeenAt: AT - 40_000, ...leftOf(80) }, false],
    // Sent again, by a kernel that counts that.
    [{ firstSeenAt: AT - 80_000, ...leftOf(119) }, true],
    // It was there when the agent first looked.
    [leftOf(119), false],
    [leftOf(117), true],
    [leftOf(60), false],
    [{}, false],
    // Other timeouts than by default, where the begin is known.
    [{ startedAt: AT - 1000, ...leftOf(59) }, false],
    [{ startedAt: AT - 5000, ...leftOf(55) }, true],
    [{ startedAt: AT - 5000, ...leftOf(295) }, true],
    [{ startedAt: AT - 40_000, ...leftOf(20) }, false],
    // Anyone who saw it is away.
    [{ firstSeenAt: AT - 5000, hops: [hop('node9', SYN_SENT)] }, false],
    [{ firstSeenAt: AT - 5000, stale: true }, false],
  ];
  for (const [over, expected] of cases) assert.equal(count([syn(over)]), expected ? 1 : 0, JSON.stringify(over));
});

test('what needs a reply: SYNs, DNS queries, pings; no other datagram', () => {
  const long = { firstSeenAt: AT - 5000 };
  const plain: readonly Hop[] = [hop('node1', 0)];
  const udp = (port: number) => syn({ ...long, protocol: UDP, state: 0, hops: plain, destinationPort: port });
  const icmp = (protocol: number, type: number) =>
    syn({ ...long, protocol, state: 0, hops: plain, icmp: { type, code: 0, id: 1 } });
  assert.equal(count([syn(long)]), 1);
  assert.equal(count([udp(53)]), 1);
  assert.equal(count([icmp(1, 8), icmp(58, 128)]), 2);
  assert.equal(count([udp(8125), udp(514), udp(4789), icmp(1, 13), icmp(58, 133)]), 0);
});

test('a handshake that two nodes see is none, however far their clocks are apart', () => {
  const hops = [hop('node1', SYN_SENT), hop('node2', SYN_SENT)];
  for (const aheadMs of [-3_600_000, 3_600_000]) {
    const clocks = { node1: 0, node2: aheadMs };
    const slowest = AT + Math.min(0, aheadMs);
    assert.equal(count([syn({ hops, firstSeenAt: slowest - 1000, ...leftOf(119) })], clocks), 0);
    assert.equal(count([syn({ hops, firstSeenAt: slowest - 3000, ...leftOf(117) })], clocks), 1);
  }
});

test('over for who gets replies to what it asked later, though the kernel keeps the dead requests', () => {
  const dead = [syn({ firstSeenAt: AT - 20_000 }), syn({ firstSeenAt: AT - 20_000 })];
  const live = syn({ replied: true, state: stateNumber('ESTABLISHED') ?? 0, firstSeenAt: AT - 5000 });
  assert.equal(count(dead), 2);
  assert.equal(count([...dead, live]), 0);
  assert.equal(count([...dead, { ...live, source: { address: '10.0.0.9' } }]), 2);
});

test('the same objects come out as long as the same go in, and the mark goes when it is over', () => {
  const [one, other] = [syn({ firstSeenAt: AT - 5000 }), syn({ replied: true, destination: { address: '10.0.0.3' } })];
  const connections = [one, other];
  const first = withUnanswered(snapshot(connections));
  const second = withUnanswered({ ...snapshot(connections), at: AT + 1 });
  assert.equal(second.connections, first.connections);
  assert.equal(first.connections[1], other);
  assert.deepEqual(first.connections[0], { ...one, unanswered: true });
  assert.equal(withUnanswered(first), first);
  // Marked before, and looked at when everybody has given up.
  const later = withUnanswered(snapshot(first.connections, { node1: 60_000 }));
  assert.equal(later.connections[0], one);
  assert.equal(withUnanswered(snapshot([other])).connections[0], other);
});

test('pings without a reply are a note, and no alarm', () => {
  const scene = new Scene();
  scene.add({ protocol: 1, icmp: { type: 8, code: 0, id: 3 }, replied: false, expiresAt: AT / SECOND + 30 }, '');
  const found = scene.pass(3);
  assert.deepEqual(formatProblems(found), ['ping unanswered at 10.244.1.3:8080 × 1']);
  assert.deepEqual(
    found.map(({ severity }) => severity),
    [1],
  );
});
