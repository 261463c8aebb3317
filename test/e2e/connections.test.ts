import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '../lab/until.ts';
import { installAgents, noAgents } from './agents.ts';
import { type FlowRow, flowRows } from './cli.ts';
import { Playground } from './playground.ts';
import { Scene, sightOf } from './scene.ts';

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

  it('shows each once, with both ends, what NAT did, and the nodes in order', async () => {
    await until('all connections', 40_000, async () => {
      const rows = await flowRows(['-n', playground.namespace]);
      for (const { name, sourcePort, expected } of scene.cases) {
        const ours = rows.filter(
          ({ source }) => source.port === sourcePort && source.address === expected.source.address,
        );
        assert.equal(ours.length, 1, `${name}: ${ours.length} rows: ${JSON.stringify(ours)}`);
        assert.deepEqual(sightOf(ours[0] as FlowRow), expected, name);
      }
    });
  });
});
