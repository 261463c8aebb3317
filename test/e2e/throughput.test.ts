import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '../lab/until.ts';
import { installAgents, noAgents } from './agents.ts';
import { flowRows } from './cli.ts';
import { Playground, TOOLS_IMAGE } from './playground.ts';
import { service, workload } from './scene.ts';

const SECONDS = 60_000;
const BITS = '80M';
const PORT = 5201;
/** How many of iperf3's reports, one a second, make its rate. */
const REPORTS = 5;

/**
 * Debian's iperf3 3.12 now and then stalls right at its start: it is started again until bytes move. Its reports are the
 * pod's log.
 */
const CLIENT = `while true; do
  iperf3 -c $SERVER -p ${PORT} -b ${BITS} -t 600 -i 1 -f K --forceflush > /tmp/report & client=$!
  sleep 4
  if grep -q ' sec .*[1-9][0-9.]* MBytes' /tmp/report; then tail -n 100 -f /tmp/report & wait $client; fi
  kill -9 $client
done`;

describe('iperf3 across nodes through a service', { skip: noAgents, timeout: 180_000 }, () => {
  let playground: Playground;
  let nodes: readonly { readonly name: string }[];
  before(async () => {
    playground = new Playground();
    await playground.open();
    nodes = await playground.nodes();
    const [a, b] = nodes;
    const tools = { image: TOOLS_IMAGE };
    await playground.create(
      workload('iperf-server', b?.name ?? '', { ...tools, command: ['/bin/iperf3', '-s', '-p', `${PORT}`] }),
      service('iperf', 'iperf-server', { port: PORT }),
    );
    const { core, namespace } = playground;
    const { spec } = await core.readNamespacedService({ name: 'iperf', namespace });
    const env = [{ name: 'SERVER', value: spec?.clusterIP }];
    const command = ['/bin/busybox', 'sh', '-c', CLIENT];
    await Promise.all([
      installAgents(playground),
      playground.create(workload('iperf-client', a?.name ?? '', { ...tools, command, env })),
    ]);
  });
  after(() => playground?.close());

  it("is one connection, by name, at iperf3's own rate", async () => {
    await until('a rate like that of iperf3', SECONDS, async () => {
      const rows = await flowRows(['--agent-namespace', playground.namespace, '--service', 'iperf']);
      const carrying = rows.filter(({ bytesPerSecond }) => (bytesPerSecond?.sent ?? 0) > 100_000);
      assert.equal(carrying.length, 1, JSON.stringify(rows));
      const [row] = carrying;
      assert.deepEqual(
        [row?.source.workload?.name, row?.destination.workload?.name, row?.via?.service?.name, row?.observedBy],
        ['iperf-client', 'iperf-server', 'iperf', nodes.slice(0, 2).map(({ name }) => name)],
      );
      const rate = row?.bytesPerSecond?.sent ?? 0;
      const reported = await iperfRate();
      assert.ok(Math.abs(rate / reported - 1) <= 0.1, `${rate} B/s, iperf3 says ${reported} B/s`);
    });
  });

  /** Bytes per second, as its last reports have it. */
  async function iperfRate(): Promise<number> {
    const { core, namespace } = playground;
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'app=iperf-client' });
    const name = items[0]?.metadata?.name ?? '';
    const log = await core.readNamespacedPodLog({ name, namespace, tailLines: REPORTS });
    const rates = [...log.matchAll(/([\d.]+) KBytes\/sec/g)].map(([, rate]) => Number(rate) * 1024);
    assert.equal(rates.length, REPORTS, log);
    return rates.reduce((sum, rate) => sum + rate) / rates.length;
  }
});
