import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '../lab/until.ts';
import { Tmux } from '../terminal/tmux.ts';
import { installAgents, noAgents } from './agents.ts';
import { type FlowRow, flowRows, KFLOW } from './cli.ts';
import { Playground } from './playground.ts';
import { Scene } from './scene.ts';
import { asListed, sightOf } from './sight.ts';

const SECONDS = 40_000;

describe('connections of known workloads', { skip: noAgents, timeout: 180_000 }, () => {
  let playground: Playground;
  let scene: Scene;
  before(async () => {
    playground = new Playground();
    await playground.open();
    scene = new Scene(playground);
    await Promise.all([installAgents(playground), scene.open()]);
  });
  after(() => playground?.close());

  const caseOf = (name: string) => {
    const found = scene.cases.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no case ${name}`);
    return found.expected;
  };

  it('shows each once, with both ends, what NAT did, and the nodes', async () => {
    await until('all connections', SECONDS, async () => {
      const rows = await flowRows(['--agent-namespace', playground.namespace]);
      for (const { name, sourcePort, expected } of scene.cases) {
        const { address } = expected.source;
        const ours = rows.filter(({ source }) => source.port === sourcePort && source.address === address);
        assert.equal(ours.length, 1, `${name}: ${ours.length} rows: ${JSON.stringify(ours)}`);
        assert.deepEqual(sightOf(ours[0] as FlowRow), asListed(expected), name);
      }
    });
  });

  it('shows short connections that come and go, each once', async () => {
    const expected = caseOf('cluster-ip');
    const held = new Set(scene.cases.map(({ sourcePort }) => sourcePort));
    await until('ten of them', SECONDS, async () => {
      const rows = await flowRows([
        '--agent-namespace',
        playground.namespace,
        '--from-pod',
        expected.source.name ?? '',
      ]);
      const short = rows.filter(({ source, via }) => !held.has(source.port ?? 0) && via?.service?.name === 'web');
      assert.ok(short.length >= 10, `${short.length} rows`);
      assert.equal(new Set(short.map(({ source }) => source.port)).size, short.length);
      for (const row of short) assert.deepEqual(sightOf(row), { ...asListed(expected), replied: row.replied });
    });
  });

  it('shows them in the console', async (t) => {
    const command = [process.execPath, KFLOW, '--agent-namespace', playground.namespace];
    const tmux = new Tmux({
      width: 200,
      height: 60,
      command,
      environment: { KUBECONFIG: process.env.KUBECONFIG ?? '' },
    });
    t.after(() => tmux.close());
    await tmux.shows(/ (\d+)\/\1 agents/, SECONDS);
    tmux.type('2');
    const look = async (filter: string, row: RegExp) => {
      tmux.type('/');
      tmux.type(filter);
      tmux.keys('Enter');
      const screen = await tmux.shows(row);
      assert.equal(screen.split('\n').filter((line) => row.test(line)).length, 1, screen);
      tmux.keys('Escape');
    };
    const { source, service, destination } = caseOf('unreplied-syn');
    const ends = `${source.name}.*${destination.name}.*${service?.name}`;
    await look('state:syn_sent', new RegExp(`${ends}.*SYN_SENT.*node1.*node2`));
    await look('protocol:udp from.pod:cart', /cart.*web.*dns.*udp.*node1.*node2/);
    tmux.type('q');
  });
});
