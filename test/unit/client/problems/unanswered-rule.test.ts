import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UDP } from '../../../../src/flow/protocol.ts';
import { formatProblems, Scene } from './scene.ts';

const SYN = 'TCP SYN unanswered at 10.244.1.3:8080';

describe('TCP SYNs unanswered', () => {
  it('are reported within three polls, by destination, with the client', () => {
    const scene = new Scene();
    scene.pass(5);
    for (const address of ['10.244.2.3', '10.244.2.4', '10.244.2.4']) scene.syn({ source: { address } });
    scene.syn({ destination: { address: '192.0.2.1' } });
    assert.deepEqual(formatProblems(scene.pass(3)), [`${SYN} × 3`, 'TCP SYN unanswered at 192.0.2.1:8080 × 1']);
    const [problem] = scene.look();
    assert.match(problem?.explanation ?? '', /^10\.244\.2\.3 and 1 more receives no reply/);
    assert.deepEqual(
      [...scene.connections.values()].map((connection) => problem?.matches?.(connection)),
      [true, true, true, false],
    );
  });

  it('name the service and its backend, or the workload', () => {
    const scene = new Scene();
    scene.syn({ service: { namespace: 'shop', name: 'web', address: '10.96.0.9', port: 80 } });
    const workload = { kind: 'Deployment', name: 'db' };
    scene.syn({ destination: { kind: 'pod', address: '10.1.1.1', namespace: 'shop', name: 'db-5d-x', workload } });
    scene.syn({ destination: { kind: 'service', address: '10.96.0.8', namespace: 'shop', name: 'gone' } });
    const problems = scene.pass(2);
    assert.deepEqual(problems.map(({ subject }) => subject).toSorted(), [
      'shop/db:8080',
      'shop/gone:8080',
      'shop/web:80',
    ]);
    assert.match(
      problems.find(({ subject }) => subject === 'shop/web:80')?.explanation ?? '',
      /behind it: 10\.244\.1\.3/,
    );
    assert.match(problems.find(({ subject }) => subject === 'shop/gone:8080')?.nextStep.text ?? '', /endpoints/);
  });

  it('are none while a handshake continues, however wrong the clock of the node is', () => {
    for (const skewMs of [0, -3_600_000, 3_600_000]) {
      const scene = new Scene();
      scene.skewMs = skewMs;
      for (let second = 0; second < 60; second++) {
        const id = scene.syn();
        assert.deepEqual(formatProblems(scene.pass(1)), []);
        scene.answer(id);
      }
    }
  });

  it('are none where an agent polls rarely and saw a handshake once', () => {
    const scene = new Scene();
    scene.pass(1);
    scene.syn();
    scene.agent('node1', { poll: undefined as never });
    // The poll is of then, the snapshots are of later.
    const frozen = scene.now;
    const found = scene.pass(8, () => {
      scene.skewMs = frozen - scene.now;
    });
    assert.deepEqual(formatProblems(found), []);
  });

  it('are over when the client gets an answer to the next that it asks', () => {
    const scene = new Scene();
    for (let i = 0; i < 2; i++) scene.syn();
    assert.deepEqual(formatProblems(scene.pass(3)), [`${SYN} × 2`]);
    scene.add();
    assert.deepEqual(formatProblems(scene.pass(1)), []);
  });

  it('are over when SYNs that were sent again are answered', () => {
    const scene = new Scene();
    const ids = Array.from({ length: 5 }, () => scene.syn());
    assert.deepEqual(formatProblems(scene.pass(3)), [`${SYN} × 5`]);
    for (const id of ids) scene.answer(id);
    assert.deepEqual(formatProblems(scene.pass(1)), []);
  });

  it('stay though others, or other backends, are answered', () => {
    const scene = new Scene();
    const service = { namespace: 'shop', name: 'web', address: '10.96.0.9', port: 80 };
    scene.syn({ service });
    scene.pass(2);
    scene.add({ source: { address: '10.244.2.99' }, service });
    scene.add({ destination: { address: '10.244.1.4' }, service });
    assert.deepEqual(formatProblems(scene.pass(20)), ['TCP SYN unanswered at shop/web:80 × 1']);
  });

  it('stay though the same client is now and then answered, as long as several are not', () => {
    const scene = new Scene();
    const found = scene.pass(30, (second) => {
      scene.syn();
      if (second % 2) scene.add();
    });
    assert.match(formatProblems(found).join(), /^TCP SYN unanswered at 10\.244\.1\.3:8080 × \d+$/);
    assert.deepEqual(formatProblems(scene.pass(12, () => scene.add())), []);
  });

  it('are over some time after nobody asks any more, though the kernel keeps them for two minutes', () => {
    const scene = new Scene();
    scene.pass(1);
    scene.syn();
    assert.deepEqual(formatProblems(scene.pass(30)), [`${SYN} × 1`]);
    assert.deepEqual(formatProblems(scene.pass(10)), []);
  });

  it('that a kernel counts each time that they are sent stay as long as they are', () => {
    const scene = new Scene();
    const id = scene.syn();
    const found = scene.pass(80, (second) => {
      if (second % 20 === 0) scene.change(id, { sentPackets: second, expiresAt: Math.floor(scene.now / 1000) + 120 });
    });
    assert.deepEqual(formatProblems(found), [`${SYN} × 1`]);
    assert.deepEqual(formatProblems(scene.pass(40)), []);
  });

  it('that were there before anybody looked count by what their timeout tells', () => {
    const scene = new Scene();
    const left = (seconds: number) => ({ expiresAt: Math.floor(scene.now / 1000) + seconds });
    scene.syn(left(118));
    scene.syn({ ...left(60), destination: { address: '10.244.1.9' } });
    assert.deepEqual(formatProblems(scene.pass(2)), [`${SYN} × 1`]);
  });

  it('of an agent that is lost are old, and none', () => {
    const scene = new Scene();
    const id = scene.syn();
    scene.pass(2);
    scene.agent('node1', { status: { kind: 'lost', reason: 'killed', retryAt: 0 } });
    scene.change(id, { stale: true });
    assert.deepEqual(formatProblems(scene.pass(1)), ['agent lost at node1 × 1']);
  });
});

describe('DNS queries unanswered', () => {
  it('are reported by name server, and are over when it answers', () => {
    const scene = new Scene();
    scene.pass(1);
    scene.query();
    assert.deepEqual(formatProblems(scene.pass(3)), ['DNS unanswered at 10.244.1.3:53 × 1']);
    scene.answer(scene.query());
    assert.deepEqual(formatProblems(scene.pass(1)), []);
  });

  it('are known by the service’s port where the pod’s is another', () => {
    const scene = new Scene();
    scene.query({
      destinationPort: 1053,
      service: { namespace: 'kube-system', name: 'kube-dns', address: '10.96.0.10', port: 53 },
    });
    assert.deepEqual(formatProblems(scene.pass(2)), ['DNS unanswered at kube-system/kube-dns:53 × 1']);
  });

  it('are over when nobody asks any more, and continue while somebody does from the same port', () => {
    const scene = new Scene();
    scene.pass(1);
    const id = scene.query();
    const asked = scene.pass(40, (second) => {
      if (second % 5 === 0) scene.change(id, { expiresAt: Math.floor(scene.now / 1000) + 30 });
    });
    assert.deepEqual(formatProblems(asked), ['DNS unanswered at 10.244.1.3:53 × 1']);
    assert.deepEqual(formatProblems(scene.pass(13)), []);
  });

  it('are not other one-way datagrams', () => {
    const scene = new Scene();
    for (const destinationPort of [514, 8125, 4789, 5353]) scene.query({ destinationPort });
    scene.add({ protocol: UDP, sourcePort: 53, replied: false }, '');
    assert.deepEqual(formatProblems(scene.pass(20)), []);
  });

  it('are none when answers come in time', () => {
    const scene = new Scene();
    const found = scene.pass(60, () => scene.query({ replied: true }));
    assert.deepEqual(formatProblems(found), []);
  });

  it('that are lost one by one among answers are none', () => {
    const scene = new Scene();
    for (let second = 0; second < 60; second++) {
      if (second % 20 === 0) scene.query();
      scene.query({ replied: true });
      assert.deepEqual(formatProblems(scene.pass(1)), []);
    }
  });
});

describe('a service without endpoints', () => {
  it('is reported when it stays so, with what is left of its connections', () => {
    const scene = new Scene();
    scene.add({ service: { namespace: 'shop', name: 'web', address: '10.96.0.9', port: 80 } });
    scene.pass(2);
    scene.idleServices = ['shop/api'];
    scene.pass(1);
    scene.idleServices = ['shop/web'];
    assert.deepEqual(formatProblems(scene.pass(1)), []);
    assert.deepEqual(formatProblems(scene.pass(2)), ['service has no endpoints at shop/web × 1']);
    scene.idleServices = [];
    assert.deepEqual(formatProblems(scene.pass(1)), []);
  });
});
