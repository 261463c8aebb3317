/** One connection that two nodes see, through a service and a masquerade: what `kflow flows` makes of it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LabAgent } from '../lab/agent.ts';
import { makeFolder } from '../lab/folder.ts';
import { type Host, Lab } from '../lab/lab.ts';
import { labUnavailable } from '../lab/requirements.ts';
import { until } from '../lab/until.ts';
import { ECHO_PORT, SERVICE } from './one-node.ts';

const skip = labUnavailable() ?? false;
const KFLOW = fileURLToPath(new URL('../../src/client/main.ts', import.meta.url));

/** Of `kflow flows -o json`, what is looked at here. */
interface Row {
  readonly protocol: string;
  readonly family: number;
  readonly state?: string;
  readonly source: { readonly address: string; readonly port: number };
  readonly destination: { readonly address: string; readonly port: number };
  readonly via?: {
    readonly service?: { readonly address: string; readonly port: number };
    readonly snat?: { readonly address: string; readonly port: number };
  };
  readonly bytes?: { readonly sent: number; readonly received: number };
  readonly bytesPerSecond?: { readonly sent: number; readonly received: number };
  readonly observedBy: readonly string[];
}

describe('one connection on two nodes', { skip }, () => {
  let lab: Lab;
  let client: Host;
  let server: Host;
  const agents: LabAgent[] = [];
  before(async () => {
    lab = await Lab.create({ nodes: 2 });
    server = await lab.node(1).addPod('server');
    client = await lab.node(2).addPod('client');
    await server.peer.echo('tcp', ECHO_PORT);
    await server.peer.echo('udp', ECHO_PORT);
    await lab.serve(
      (['tcp', 'udp'] as const).flatMap((protocol) => [
        { address: SERVICE.v4, protocol, port: 80, backends: [{ address: server.address, port: ECHO_PORT }] },
        { address: SERVICE.v6, protocol, port: 80, backends: [{ address: server.address6, port: ECHO_PORT }] },
      ]),
    );
    const folder = makeFolder();
    for (const { namespace } of lab.nodes) agents.push(await LabAgent.start(namespace, { folder, interval: '500ms' }));
  });
  after(async () => {
    await Promise.all(agents.map((agent) => agent.stop()));
    await lab?.close();
  });

  let port = 33_000;
  for (const family of [4, 6] as const)
    for (const protocol of ['tcp', 'udp'] as const)
      it(`${protocol} over IPv${family}: is one row, with its service, masquerade and backend`, async () => {
        const localPort = port++;
        const to = family === 4 ? SERVICE.v4 : SERVICE.v6;
        if (protocol === 'tcp') await (await client.peer.connect(to, 80, localPort)).send(50_000);
        else await client.peer.ask(to, 80, 1000, { localPort });
        const row = await until('one row that both nodes saw', 8000, async () => {
          const rows = (await flows()).filter(({ source }) => source.port === localPort);
          assert.equal(rows.length, 1, JSON.stringify(rows));
          assert.deepEqual(rows[0]?.observedBy.toSorted(), ['node1', 'node2']);
          return rows[0];
        });
        assert.ok(row);
        const [from, backend, node] =
          family === 4
            ? [client.address, server.address, lab.node(2).address]
            : [client.address6, server.address6, lab.node(2).address6];
        assert.equal(row.protocol, protocol);
        assert.equal(row.family, family);
        assert.equal(row.source.address, from);
        assert.deepEqual([row.destination.address, row.destination.port], [backend, ECHO_PORT]);
        assert.deepEqual([row.via?.service?.address, row.via?.service?.port], [to, 80]);
        assert.equal(row.via?.snat?.address, node);
        // The masquerade's port, as the other node's kernel has it.
        const text = await lab.node(1).namespace.run('cat', ['/proc/net/nf_conntrack']);
        assert.match(text, new RegExp(` sport=${row.via?.snat?.port} dport=${ECHO_PORT} `));
        // Counted once, not twice: what both nodes counted is the same traffic.
        const [least, most] = protocol === 'tcp' ? [50_000, 60_000] : [1000, 1100];
        for (const bytes of [row.bytes?.sent, row.bytes?.received])
          assert.ok(bytes !== undefined && bytes > least && bytes < most, `${bytes} bytes`);
      });

  async function flows(): Promise<Row[]> {
    const endpoints = agents.map(({ address }) => address).join(',');
    const child = spawn(process.execPath, [KFLOW, 'flows', '--endpoints', endpoints, '-o', 'json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (piece) => {
      text += piece;
    });
    const [status] = await once(child, 'close');
    assert.equal(status, 0);
    return JSON.parse(text) as Row[];
  }
});
