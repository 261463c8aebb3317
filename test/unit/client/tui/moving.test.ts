import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SNAPSHOTS } from '../../../terminal/fixed/snapshots.ts';
import { connection, snapshot } from './fixtures.ts';
import { type ConsoleHarness, openConsole } from './harness/console.ts';

const many = snapshot(
  Array.from({ length: 300 }, (_, i) =>
    connection({ source: { address: `10.0.${i >> 8}.${i & 255}` }, sentRate: 1000 - i }),
  ),
);

/** The line of the table that the selection is on, counted from its first row. */
async function selects(console: ConsoleHarness, source: string): Promise<void> {
  await console.shows(() => {
    const y = console.lines().findIndex((line) => line.startsWith(`│${source}:`) || line.startsWith(`│${source} `));
    return y >= 0 && console.lookAt(1, y).bg === 24;
  });
}

test(':120 goes to row 120, :+20 and :-20 move, :$ is the last; beyond the ends are the ends', async (t) => {
  const console = await openConsole(t, { snapshots: many, height: 30 });
  const run = (command: string) => console.press('2', ':', ...command, 'enter');
  run('120');
  await selects(console, '10.0.0.119');
  run('+20');
  await selects(console, '10.0.0.139');
  run('-20');
  await selects(console, '10.0.0.119');
  run('$');
  await selects(console, '10.0.1.43');
  run('0');
  await selects(console, '10.0.0.0');
  run('99999999999999999999');
  await selects(console, '10.0.1.43');
  run('-99999');
  await selects(console, '10.0.0.0');
});

test('gg and G go to the ends, Ctrl-f and Ctrl-b by pages', async (t) => {
  const console = await openConsole(t, { snapshots: many, height: 30 });
  console.press('2', 'G');
  await selects(console, '10.0.1.43');
  console.press('g g');
  await selects(console, '10.0.0.0');
});

test('details scroll by lines, pages and to their ends, not beyond, and begin again with the next row', async (t) => {
  const console = await openConsole(t, { snapshots: SNAPSHOTS.cluster(), width: 44, height: 22 });
  console.press('2', 'enter');
  await console.shows(/▸ Connection .*more below/);
  await console.shows('│path');
  const top = console.screen();
  for (const [there, back] of [
    ['pagedown', 'pageup'],
    ['C-f', 'C-b'],
    ['C-d', 'C-u'],
    ['j', 'k'],
    ['G', 'g g'],
  ] as const) {
    console.press(there);
    await console.hidden('│path');
    console.press(back);
    await console.shows(() => console.screen() === top);
  }
  console.press(':', '+', '2', '0', 'enter');
  await console.hidden('more below');
  console.press(':', '-', '2', '0', 'enter');
  await console.shows(() => console.screen() === top);
  console.press(':', '3', 'enter');
  await console.hidden('│path');
  console.press('g g', 'G', 'pagedown', 'pagedown');
  await console.hidden('more below');
  const bottom = console.screen();
  console.press('k');
  await console.shows('1 more below');
  console.press('j');
  await console.shows(() => console.screen() === bottom);
  console.press('escape', 'j');
  await console.shows('│path');
});

test('details of another pane begin again', async (t) => {
  const console = await openConsole(t, { snapshots: SNAPSHOTS.cluster(), width: 60, height: 32 });
  console.press('tab', 'G');
  await console.shows(/▸ Connection (?!.*more below)/);
  console.press('tab');
  await console.shows('▸ Nodes');
  await console.shows(/┌─ Node node1 .*\n│traffic /);
});

test('. and , act where a graph is shown, and elsewhere say where they do', async (t) => {
  const console = await openConsole(t, { snapshots: SNAPSHOTS.cluster() });
  console.press('.');
  await console.shows('▸ Graph');
  console.press('2', ',');
  await console.shows(/^ \. and , follow the lines of the graph/m);
  await console.shows('▸ Connections');
  console.press('1', 'z', '.');
  await console.shows(/^ \. and , follow the lines of the graph/m);
  console.press('z');
  await console.shows('─ Nodes');
  console.resize(60, 30);
  await console.hidden('─ Graph');
  console.press('.');
  await console.shows(/^ \. and , follow the lines of the graph/m);
});

test('nothing is sorted that is not shown', async (t) => {
  const console = await openConsole(t, { snapshots: SNAPSHOTS.cluster() });
  console.press('5', 'r');
  await console.shows('there is no table here to sort');
  console.press('2');
  await console.shows('by rate ▼');
});

test('h goes to the pane on the left; with none there it is the help', async (t) => {
  const console = await openConsole(t, { snapshots: SNAPSHOTS.cluster() });
  await console.changes('tab', () => console.press('tab'));
  await console.changes('tab', () => console.press('tab'));
  await console.shows('▸ Nodes');
  await console.changes('l', () => console.press('l'));
  await console.shows('▸ Graph');
  // In the graph it goes from box to box first.
  for (let steps = 0; !console.screen().includes('▸ Nodes'); steps++) {
    assert.ok(steps < 6 && !console.screen().includes('▸ Help'), console.screen());
    await console.changes('h', () => console.press('h'));
  }
  await console.changes('h', () => console.press('h'));
  await console.shows('▸ Help');
});
