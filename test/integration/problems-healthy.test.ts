/** Ordinary traffic is no problem. KFLOW_HEALTHY_SECONDS=600 is what is promised; by default it is looked at for a minute. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { labUnavailable } from '../lab/requirements.ts';
import { everySo, ProblemLab } from './problem-lab.ts';

const skip = labUnavailable() ?? false;
const SECONDS = Number(process.env.KFLOW_HEALTHY_SECONDS ?? 60);
const WEB = { address: '10.96.0.10', address6: 'fd00:10:96::10', port: 80 };
const DNS = { address: '10.96.0.53', port: 53 };
const SLOW_PORT = 8082;

describe('healthy traffic', { skip }, () => {
  it(`is no problem in ${SECONDS} s`, { timeout: (SECONDS + 60) * 1000 }, async (t) => {
    const scene = await ProblemLab.create(3);
    t.after(() => scene.close());
    const { lab } = scene;
    const [web1, web2, names, log, shop, batch] = [
      await lab.node(1).addPod('web1'),
      await lab.node(2).addPod('web2'),
      await lab.node(1).addPod('names'),
      await lab.node(1).addPod('log'),
      await lab.node(2).addPod('shop'),
      await lab.node(3).addPod('batch'),
    ];
    for (const web of [web1, web2]) await web.peer.web(8080, 5000);
    await web1.peer.echo('tcp', 8081);
    await web1.peer.web(SLOW_PORT, 100);
    await names.peer.echo('udp', 53, 40);
    await lab.outside.peer.streams(443);
    // What is written there, nobody answers, and nobody refuses: a log by UDP, and statistics.
    await log.namespace.nft(
      'table inet mute { chain input { type filter hook input priority 0; udp dport { 514, 8125 } drop; }; }',
    );
    // Each first SYN is lost, and each second one, sent again a second later, comes through.
    await web1.namespace.nft(
      `table inet slow { chain input { type filter hook input priority 0;
        tcp dport ${SLOW_PORT} tcp flags syn / syn,ack numgen inc mod 2 == 0 drop; }; }`,
    );
    const backends = [web1, web2];
    await lab.serve([
      { ...WEB, protocol: 'tcp', backends: backends.map(({ address }) => ({ address, port: 8080 })) },
      {
        address: WEB.address6,
        port: WEB.port,
        protocol: 'tcp',
        backends: backends.map(({ address6 }) => ({ address: address6, port: 8080 })),
      },
      { ...DNS, protocol: 'udp', backends: [{ address: names.address, port: 53 }] },
    ]);
    await batch.peer.stream(lab.outside.address, 443, { up: 200_000, down: 50_000 });
    const longLived = await shop.peer.connect(web1.address, 8081);
    const stops = [
      everySo(20, () => shop.peer.fetch(WEB.address, WEB.port, 200)),
      everySo(70, () => batch.peer.fetch(WEB.address6, WEB.port, 200)),
      everySo(30, () => shop.peer.ask(DNS.address, DNS.port, 40)),
      everySo(50, () => batch.peer.ask(DNS.address, DNS.port, 40)),
      everySo(100, () => shop.peer.ask(log.address, 514, 200, { wait: false, localPort: 5140 })),
      everySo(200, () => batch.peer.ask(log.address, 8125, 60, { wait: false })),
      everySo(1000, () => longLived.send(1000)),
      // Nobody listens there: refused at once.
      everySo(1000, () => shop.peer.connect(web2.address, 9999)),
      everySo(1000, async () => (await shop.peer.connect(web1.address, 8081)).reset()),
      everySo(3000, () => batch.peer.fetch(web1.address, SLOW_PORT, 10)),
    ];
    try {
      await setTimeout(SECONDS * 1000);
      const table = scene.snapshot?.connections ?? [];
      assert.ok(table.length > 500, `${table.length} connections: too little traffic to tell`);
      assert.deepEqual(
        // Before there is traffic, the tables are empty, and that is reported.
        [...scene.ever.values()]
          .filter(({ title }) => title !== 'no connections tracked')
          .map((one) => [one.title, one.subject, one.count, one.explanation]),
        [],
      );
    } finally {
      for (const stop of stops) stop();
    }
  });
});
