import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SNAPSHOTS } from '../../../terminal/fixed/snapshots.ts';
import { type ConsoleHarness, openConsole } from './harness/console.ts';

async function filtered(console: ConsoleHarness, view: '6' | '7', filter: string): Promise<void> {
  console.press(view, '/', 'C-u');
  console.send(filter);
  await console.shows(`/${filter}█`);
}

test('/ filters agents: by what is shown of them, by node, by what they saw', async (t) => {
  const console = await openConsole(t, { snapshots: SNAPSHOTS.cluster() });
  for (const [filter, count, shown] of [
    ['lost', 1, 'node3'],
    ['!lost', 2, 'node1'],
    ['node:node2', 1, 'node2'],
    ['refused', 1, 'node3'],
    ['to.ns:kube-system', 3, 'node1'],
    ['to.port:9000', 1, 'node3'],
  ] as const) {
    await filtered(console, '7', filter);
    await console.shows(`▸ Agents ${count} `);
    await console.shows(`│${shown}`);
    await console.shows(new RegExp(`^ ${count} match`, 'm'));
    console.press('escape');
    await console.shows('▸ Agents 3 ');
  }
  await filtered(console, '7', 'nobody');
  await console.shows('Nothing matches the filter');
});

test('/ filters problems, and Enter goes to all connections of the one that is left', async (t) => {
  const console = await openConsole(t, { snapshots: SNAPSHOTS.cluster() });
  console.press('6');
  const all = Number(/▸ Problems (\d+)/.exec(await console.shows(/▸ Problems \d/))?.[1]);
  assert(all > 1);
  await filtered(console, '6', 'nearly full');
  await console.shows('▸ Problems 1 ');
  console.press('escape');
  await console.shows(`▸ Problems ${all} `);
  await filtered(console, '6', 'node:node3');
  // The agent that is lost, and the name server that runs there.
  await console.shows('▸ Problems 2 ');
  await filtered(console, '6', 'zzz');
  await console.shows('Nothing matches the filter');
  console.press('escape');
  await filtered(console, '6', 'agent');
  await console.shows('▸ Problems 1 ');
  console.press('enter', 'enter');
  await console.shows('▸ Connections');
  console.press('escape');
  await console.shows('▸ Problems 1 ');
  await console.shows('/agent (');
});
