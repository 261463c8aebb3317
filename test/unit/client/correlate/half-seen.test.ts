import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Correlator, type WatchedAgent } from '../../../../src/client/correlate/correlator.ts';
import type { WatchedStatus } from '../../../../src/client/correlate/expected-observers.ts';
import { UDP } from '../../../../src/flow/protocol.ts';
import { flow, Node, namesOf, plain } from './builders.ts';

const NAMES = namesOf(
  {
    '10.244.1.3': { kind: 'pod', namespace: 'shop', name: 'web', node: 'node1' },
    '10.244.2.3': { kind: 'pod', namespace: 'shop', name: 'cart', node: 'node2' },
    '10.89.0.11': { kind: 'node', name: 'node1' },
    '10.89.0.12': { kind: 'node', name: 'node2' },
  },
  { '10.96.222.143:80': { namespace: 'shop', name: 'web' } },
);
const clientSide = () => flow('10.244.2.3:33522 > 10.96.222.143:80', '10.244.1.3:8080 > 10.89.0.12:33522');
const serverSide = () => plain('10.89.0.12:33522 > 10.244.1.3:8080');

/** Two nodes, their agents, and a clock. */
class Scene {
  readonly join = new Correlator();
  readonly client = new Node('node2');
  readonly server = new Node('node1');
  now = 0;
  status: Record<string, WatchedStatus | undefined> = { node1: 'live', node2: 'live' };
  polls: Record<string, number> = { node1: 1, node2: 1 };

  look() {
    const agents = Object.entries(this.status).flatMap(([node, status]): WatchedAgent[] =>
      status === undefined ? [] : [{ node, status, polls: this.polls[node] ?? 0 }],
    );
    const present = [this.client, this.server].filter(({ name }) => this.status[name] !== undefined);
    return this.join.update(
      present.map(({ input, name }) => ({ ...input, stale: this.status[name] !== 'live' })),
      NAMES,
      false,
      { agents, now: this.now },
    );
  }

  poll(node: string): void {
    this.polls[node] = (this.polls[node] ?? 0) + 1;
  }
}

test('a half is held back until the agent that has the other has polled twice, then it is whole', () => {
  const scene = new Scene();
  scene.server.add(serverSide());
  assert.deepEqual(scene.look(), []);
  assert.equal(scene.join.held.length, 1);
  scene.poll('node2');
  assert.deepEqual(scene.look(), []);
  scene.poll('node2');
  scene.client.add(clientSide());
  const [whole, ...others] = scene.look();
  assert.equal(others.length, 0);
  assert.equal(whole?.source.name, 'cart');
  assert.equal(whole?.incomplete, undefined);
  assert.equal(scene.join.held.length, 0);
  assert.equal(scene.join.dueAt, undefined);
});

test('after two polls without it, or soon, the half is shown as one', () => {
  for (const end of ['polls', 'time'] as const) {
    const scene = new Scene();
    scene.server.add(serverSide());
    scene.look();
    const due = scene.join.dueAt ?? 0;
    assert.ok(due <= 3000);
    if (end === 'time') scene.now = due;
    else for (let i = 0; i < 2; i++) scene.poll('node2');
    const [half] = scene.look();
    assert.deepEqual(half?.source, { address: '10.89.0.12', node: 'node2' });
    assert.equal(half?.incomplete, 'not seen on node2');
    assert.equal(scene.join.held.length, 0);
    scene.client.add(clientSide());
    const [whole] = scene.look();
    assert.equal(whole?.id, half?.id);
    assert.equal(whole?.source.name, 'cart');
  }
});

test('the client’s half is held back in the same way, and says that the other was not seen', () => {
  const scene = new Scene();
  scene.client.add(clientSide());
  assert.deepEqual(scene.look(), []);
  for (let i = 0; i < 2; i++) scene.poll('node1');
  const [half] = scene.look();
  assert.equal(half?.source.name, 'cart');
  assert.equal(half?.incomplete, 'not seen on node1');
});

test('where the other half cannot be seen, it is shown at once, and says why', () => {
  for (const [status, reason] of [
    [undefined, 'no agent on node2'],
    ['lost', 'agent on node2 lost'],
    ['stale', 'agent on node2 stale'],
  ] as const) {
    const scene = new Scene();
    scene.status.node2 = status;
    scene.server.add(serverSide());
    const [half] = scene.look();
    assert.equal(half?.incomplete, reason);
    assert.equal(half?.source.kind, undefined);
    scene.status.node2 = 'live';
    assert.equal(scene.look()[0]?.incomplete, 'not seen on node2', 'what has been shown stays');
  }
});

test('a node that talks to pods of its own, and what comes from outside, is not held back', () => {
  const scene = new Scene();
  scene.server.add(plain('10.89.0.11:40000 > 10.244.1.3:8080'), plain('203.0.113.9:40000 > 10.244.1.3:8080'));
  const seen = scene.look();
  assert.deepEqual(seen.map(({ source, incomplete }) => [source.kind, incomplete]).sort(), [
    [undefined, undefined],
    ['node', undefined],
  ]);
});

test('a node that itself talks to another’s pod is named once its agent has seen that', () => {
  const scene = new Scene();
  scene.server.add(serverSide());
  scene.look();
  scene.client.add(serverSide());
  const [one] = scene.look();
  assert.equal(one?.source.kind, 'node');
  assert.equal(one?.incomplete, undefined);
});

test('when the kernel forgets one half of a known connection, its client and service stay', () => {
  const scene = new Scene();
  const udp = { protocol: UDP };
  const gone = flow('10.244.2.3:9 > 10.96.222.143:80', '10.244.1.3:53 > 10.89.0.12:9', udp);
  scene.client.add(gone);
  scene.server.add(plain('10.89.0.12:9 > 10.244.1.3:53', udp));
  const [whole] = scene.look();
  scene.client.remove(gone);
  const [left] = scene.look();
  assert.deepEqual(
    [left?.id, left?.source, left?.service, left?.snat, left?.incomplete],
    [whole?.id, whole?.source, whole?.service, whole?.snat, undefined],
  );
  // So it is when an agent goes, too.
  scene.status.node2 = undefined;
  assert.equal(scene.look()[0]?.source.name, 'cart');
});

test('another client behind the same masquerade is another connection', () => {
  const scene = new Scene();
  const before = clientSide();
  scene.client.add(before);
  scene.server.add(serverSide());
  const [old] = scene.look();
  scene.client.remove(before);
  scene.look();
  scene.client.add(flow('10.244.2.4:33522 > 10.96.222.143:80', '10.244.1.3:8080 > 10.89.0.12:33522'));
  const [young] = scene.look();
  assert.equal(young?.source.address, '10.244.2.4');
  assert.notEqual(young?.id, old?.id);
  assert.equal(scene.join.pastHops.length, 0);
});

test('however the halves come, and whenever agents poll, no node is ever shown as the client, and nothing is lost', () => {
  const step = fc.constantFrom('client', 'server', 'poll node1', 'poll node2', 'wait', 'lose', 'return', 'forget');
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const scene = new Scene();
      const halves = { client: clientSide(), server: serverSide() };
      const there = new Set<string>();
      for (const one of steps) {
        if (one === 'client' || one === 'server') {
          if (there.has(one)) scene[one].remove(halves[one]);
          else scene[one].add(halves[one]);
          if (!there.delete(one)) there.add(one);
        } else if (one === 'poll node1' || one === 'poll node2') scene.poll(one.slice(5));
        else if (one === 'wait') scene.now += 1000;
        else if (one === 'lose') scene.status.node2 = 'lost';
        else if (one === 'return') scene.status.node2 = 'live';
        else scene.status.node2 = undefined;
        const shown = scene.look();
        assert.ok(shown.every(({ source }) => source.kind !== 'node'));
        const isClientThere = there.has('client') && scene.status.node2 !== undefined;
        const isAny = there.has('server') || isClientThere;
        assert.equal(shown.length + scene.join.held.length, isAny ? 1 : 0);
      }
      scene.now += 3000;
      scene.look();
      assert.equal(scene.join.held.length, 0);
    }),
    { numRuns: 500 },
  );
});
