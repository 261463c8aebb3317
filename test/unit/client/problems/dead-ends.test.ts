import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../../../../src/client/model/connection.ts';
import { UDP } from '../../../../src/flow/protocol.ts';
import { formatProblems, Scene } from './scene.ts';

const GONE = {
  address: '10.244.1.3',
  kind: 'pod',
  namespace: 'shop',
  name: 'dns-1',
  node: 'node1',
  ended: true,
} as const;
const { ended: _, ...THERE } = GONE;
const SERVICE = { address: '10.96.0.10', port: 5353, namespace: 'shop', name: 'dns' };
const CLIENT = { address: '10.244.2.3', kind: 'pod', namespace: 'shop', name: 'cart', node: 'node2' } as const;

/** An answered UDP connection through a service. */
function udp(scene: Scene, over: Partial<Connection> = {}): number {
  const counters = { sentPackets: 5, receivedPackets: 5, expiresAt: Math.floor(scene.now / 1000) + 120 };
  const more = { protocol: UDP, source: CLIENT, destination: GONE, service: SERVICE, ...counters, ...over };
  return scene.add(more, '');
}

/** A packet in each second. */
function sends(scene: Scene, id: number, over: (second: number) => Partial<Connection> = () => ({})) {
  return (second: number) =>
    scene.change(id, { sentPackets: 5 + second, expiresAt: Math.floor(scene.now / 1000) + 120, ...over(second) });
}

test('UDP that was answered and continues to a pod that is gone is reported, until nothing is sent', () => {
  const scene = new Scene();
  const id = udp(scene);
  assert.deepEqual(formatProblems(scene.pass(5, sends(scene, id))), ['UDP to a pod that is gone at shop/dns:5353 × 1']);
  const [problem] = scene.look();
  assert.match(
    problem?.explanation ?? '',
    /^shop\/cart sends to shop\/dns-1 \(10\.244\.1\.3\), which is not there any more/,
  );
  assert.equal(problem?.nextStep.command?.text, 'sudo conntrack -D -p udp --reply-src 10.244.1.3');
  assert.match(problem?.nextStep.text ?? '', /on node node1, delete/);
  assert.deepEqual(formatProblems(scene.pass(11)), []);
});

test('the same without counters, by the timeout that starts again', () => {
  const scene = new Scene();
  const { sentPackets: _sent, receivedPackets: _received, ...bare } = scene.connections.get(udp(scene)) as Connection;
  scene.connections.set(bare.id, bare);
  const renew = () => scene.change(bare.id, { expiresAt: Math.floor(scene.now / 1000) + 120 });
  assert.deepEqual(formatProblems(scene.pass(5, renew)), ['UDP to a pod that is gone at shop/dns:5353 × 1']);
});

test('the same where the pod went before kflow came: nobody has the address to which the service led', () => {
  const scene = new Scene();
  const id = udp(scene, { destination: { address: '10.244.1.3' } });
  assert.deepEqual(formatProblems(scene.pass(5, sends(scene, id))), ['UDP to a pod that is gone at shop/dns:5353 × 1']);
  scene.missingNames = ['no names for pods'];
  assert.ok(
    !formatProblems(scene.look()).some((text) => text.startsWith('UDP')),
    'it may be one that may not be listed',
  );
});

test('healthy UDP is silent', () => {
  const healthy: [string, Partial<Connection>, (second: number) => Partial<Connection>][] = [
    ['the pod is there', { destination: THERE }, () => ({})],
    ['it still answers while it ends', {}, (second) => ({ receivedPackets: 5 + second })],
    ['only an entry is left', {}, () => ({ sentPackets: 5, expiresAt: 0 })],
    ['the last packet was on its way', {}, () => ({ sentPackets: 6 })],
    ['one-way, never answered', { replied: false }, () => ({})],
    ['outside the cluster', { destination: { address: '192.0.2.1', kind: 'external' } }, () => ({})],
    [
      'an address that has had several owners',
      { destination: { address: '10.244.1.3', candidates: [GONE, CLIENT] } },
      () => ({}),
    ],
    [
      'an address without a service',
      { destination: { address: '10.244.1.3' }, service: { address: '10.9.9.9' } },
      () => ({}),
    ],
  ];
  for (const [what, over, each] of healthy) {
    const scene = new Scene();
    const id = udp(scene, over);
    const found = scene.pass(6, sends(scene, id, each));
    assert.deepEqual(formatProblems(found), [], what);
  }
});

test('a node without a local endpoint is reported, more loudly where there are clients', () => {
  const scene = new Scene('node1', 'node2');
  scene.localGaps = [{ service: 'shop/near', nodes: ['node2'] }];
  assert.deepEqual(formatProblems(scene.look()), [], 'one may just be replaced');
  const severity = () => scene.pass(2).map(({ title, subject, severity }) => `${title} at ${subject}: ${severity}`);
  assert.deepEqual(severity(), ['service has no local endpoint at shop/near: 1']);
  assert.match(scene.look()[0]?.explanation ?? '', /no ready pods on node2/);
  const near = { address: '10.96.0.7', port: 80, namespace: 'shop', name: 'near' };
  scene.add({ source: CLIENT, service: near });
  assert.deepEqual(severity(), ['service has no local endpoint at shop/near: 2']);
  const asked = { address: near.address, kind: 'service', namespace: 'shop', name: 'near' } as const;
  for (const protocol of [6, UDP]) {
    const id = scene.add({ source: CLIENT, destination: asked, protocol, destinationPort: 80, replied: false }, '');
    assert.ok(severity().includes('service has no local endpoint at shop/near: 3'));
    const problem = scene.look().find(({ subject }) => subject === 'shop/near');
    assert.ok(problem?.matches?.(scene.connections.get(id) as Connection));
    scene.connections.delete(id);
  }
  scene.localGaps = [];
  assert.deepEqual(severity(), []);
});

test('clients on nodes with an endpoint, and of other services, are none of it', () => {
  const scene = new Scene('node1', 'node2');
  scene.localGaps = [{ service: 'shop/near', nodes: ['node3'] }];
  scene.add({ source: CLIENT, service: { address: '10.96.0.7', port: 80, namespace: 'shop', name: 'near' } });
  scene.add({
    source: { ...CLIENT, node: 'node3' },
    service: { address: '10.96.0.8', namespace: 'shop', name: 'far' },
  });
  const [problem] = scene.pass(2);
  assert.deepEqual([problem?.severity, problem?.matches], [1, undefined]);
});
