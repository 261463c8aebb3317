import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { each } from '../../../each.ts';
import { formatProblems, Scene } from './scene.ts';

describe('CLOSE_WAIT', () => {
  const server = {
    kind: 'pod',
    address: '10.244.1.3',
    namespace: 'shop',
    name: 'web-1',
    workload: { kind: 'Deployment', name: 'web' },
  } as const;

  it('piles up at the workload that has the most', () => {
    const scene = new Scene();
    scene.pass(1);
    for (let i = 0; i < 12; i++)
      scene.add(
        { source: { address: `10.244.2.${i}` }, destination: { ...server, address: `10.244.1.${i % 3}` } },
        'CLOSE_WAIT',
      );
    for (let i = 0; i < 10; i++)
      scene.add({ source: { address: '10.244.9.9' }, destination: { address: `192.0.2.${i}` } }, 'CLOSE_WAIT');
    assert.deepEqual(formatProblems(scene.pass(3)), [
      'connections stuck in CLOSE_WAIT at shop/web × 12',
      'connections stuck in CLOSE_WAIT at 10.244.9.9 × 10',
    ]);
    scene.connections.clear();
    assert.deepEqual(formatProblems(scene.pass(1)), []);
  });

  it('for a moment, or for a few, is ordinary', () => {
    const scene = new Scene();
    for (let i = 0; i < 9; i++) scene.add({ destination: { address: '192.0.2.1' } }, 'CLOSE_WAIT');
    for (let second = 0; second < 30; second++) {
      const ids = Array.from({ length: 40 }, () => scene.add({}, 'CLOSE_WAIT'));
      assert.deepEqual(formatProblems(scene.pass(1)), []);
      for (const id of ids) scene.connections.delete(id);
    }
  });
});

describe('ports', () => {
  const even = (count: number, from: number) => Array.from({ length: count }, (_, i) => from + 2 * i);

  it('that Linux gives one after the other are no problem, however many', () => {
    const scene = new Scene();
    for (const sourcePort of even(5000, 40_000)) scene.add({ sourcePort });
    for (let i = 0; i < 90; i++) scene.add({ source: { address: '10.244.2.9' }, sourcePort: 50_000 + i });
    assert.deepEqual(formatProblems(scene.pass(1)), []);
  });

  it('of a small range that are all in use are', () => {
    const scene = new Scene();
    for (let i = 0; i < 400; i++) scene.add({ sourcePort: 40_000 + i }, i % 2 ? 'TIME_WAIT' : 'ESTABLISHED');
    const [problem] = scene.pass(1);
    assert.equal(problem?.title, 'source port exhaustion');
    assert.equal(problem.subject, '10.244.2.3 → 10.244.1.3:8080');
    assert.deepEqual([problem.count, problem.severity], [400, 3]);
    assert.equal(
      each([...scene.connections.values()], (one) => problem.matches?.(one)),
      true,
    );
  });

  it('of the usual range are, once half of them are in use', () => {
    const scene = new Scene();
    for (const sourcePort of even(14_000, 32_768)) scene.add({ sourcePort });
    assert.deepEqual(formatProblems(scene.pass(1)), []);
    for (const sourcePort of even(1000, 32_769)) scene.add({ sourcePort });
    const [problem] = scene.pass(3);
    assert.deepEqual([problem?.count, problem?.severity], [15_000, 2]);
  });

  it('of source NAT are those of its address, anyone who is behind it', () => {
    const scene = new Scene();
    const masquerade = (port: number) => ({ snat: { address: '10.89.0.12', port } });
    for (let i = 0; i < 300; i++) scene.add({ source: { address: `10.244.2.${i % 50}` }, ...masquerade(1024 + i) });
    assert.deepEqual(formatProblems(scene.pass(1)), ['SNAT port exhaustion at 10.89.0.12 → 10.244.1.3:8080 × 300']);
  });

  it('towards a service are counted over all its backends', () => {
    const scene = new Scene();
    const service = { namespace: 'shop', name: 'web', address: '10.96.0.9', port: 80 };
    for (let i = 0; i < 200; i++)
      scene.add({ sourcePort: 40_000 + i, service, destination: { address: `10.244.1.${i % 50}` } });
    assert.deepEqual(formatProblems(scene.pass(1)), ['source port exhaustion at 10.244.2.3 → shop/web:80 × 200']);
  });

  it('of connections that nobody sees any more are not in use', () => {
    const scene = new Scene();
    for (let i = 0; i < 400; i++) scene.add({ sourcePort: 40_000 + i, stale: true });
    assert.deepEqual(formatProblems(scene.pass(1)), []);
  });
});
