/** What one key leaves behind for the next: states that a single key does not show. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SNAPSHOTS } from '../../../terminal/fixed/snapshots.ts';
import { type ConsoleHarness, openConsole } from './harness/console.ts';

const cluster = () => ({ snapshots: SNAPSHOTS.cluster() });

/** The screen once a prompt is open over it: what was asked for before is drawn by then. */
async function settled(console: ConsoleHarness): Promise<string> {
  console.press(':');
  const screen = await console.shows(/^ :█/m);
  console.press('escape');
  await console.hidden(/^ :█/m);
  // What stands above the prompt and what it offers.
  return screen.split('\n').slice(0, -3).join('\n');
}

test(', goes back where . went forth', async (t) => {
  const console = await openConsole(t, cluster());
  await console.changes('5', () => console.press('5'));
  const pictures: string[] = [];
  for (let i = 0; i < 3; i++) {
    await console.changes('.', () => console.press('.'));
    pictures.push(console.picture());
  }
  assert.equal(new Set(pictures).size, 3, 'three lines, one after the other');
  await console.changes(',', () => console.press(','));
  assert.equal(console.picture(), pictures[1]);
  await console.changes(',', () => console.press(','));
  assert.equal(console.picture(), pictures[0]);
});

test('a view key ends the zoom, what was gone into and the scrolling of details', async (t) => {
  const console = await openConsole(t, { ...cluster(), height: 20 });
  const before = await settled(console);
  await console.changes('z', () => console.press('z'));
  console.press('3', '1');
  await console.shows('─ Nodes');
  assert.equal(await settled(console), before);

  console.press('2', 'enter');
  await console.shows('▸ Connection ');
  console.press('3');
  await console.shows('▸ Workloads');
  console.press('escape');
  assert.match(await settled(console), /▸ Workloads/, 'there is nothing to go back to');

  console.press('2', 'j');
  const top = await settled(console);
  console.press('tab');
  await console.shows('▸ Connection ');
  await console.changes('G', () => console.press('G'));
  console.press('3', '2');
  await console.shows('▸ Connections');
  assert.equal(await settled(console), top);
});

test('details are at their top where Enter goes in, and for the next row', async (t) => {
  const console = await openConsole(t, { ...cluster(), height: 20 });
  console.press('3', 'enter');
  await console.shows('▸ Connections 7');
  const top = await settled(console);
  console.press('escape', 'tab');
  await console.shows('▸ Deployment ');
  await console.changes('G', () => console.press('G'));
  console.press('S-tab', 'enter');
  await console.shows('▸ Connections 7');
  assert.equal(await settled(console), top);
  await console.changes('j', () => console.press('j'));
  const second = await settled(console);
  console.press('k', 'tab');
  await console.shows('▸ Connection ');
  await console.changes('G', () => console.press('G'));
  console.press('S-tab', 'j');
  await console.shows('▸ Connections 7');
  assert.equal(await settled(console), second);
});

test('Enter begins at the first of other connections', async (t) => {
  const console = await openConsole(t, { ...cluster(), height: 12 });
  console.press('3', 'enter');
  await console.shows('▸ Connections 7');
  await settled(console);
  const first = console.picture();
  console.press('escape', '2', 'G');
  await console.changes('k', () => console.press('k'));
  console.press('3', 'enter');
  await console.shows('▸ Connections 7');
  await settled(console);
  assert.equal(console.picture(), first);
});

test('a click chooses the row under it also where the table is scrolled, and a heading twice turns the order', async (t) => {
  const console = await openConsole(t, { ...cluster(), height: 12 });
  console.press('2', 'G');
  await console.changes('k', () => console.press('k'));
  await console.changes('j', () => console.press('j'));
  const lines = console.screen().split('\n');
  const last = console.picture();
  const bottom = lines.findIndex((line) => line.startsWith('└'));
  await console.changes('a click', () => console.click(4, bottom - 3));
  await console.changes('a click', () => console.click(4, bottom - 1));
  assert.equal(console.picture(), last);

  console.press('g g');
  const heading = (lines[2] ?? '').indexOf('PROTO');
  await console.changes('a click', () => console.click(heading, 2));
  await console.shows('PROTO▲');
  await console.changes('a click', () => console.click(heading, 2));
  await console.shows('PROTO▼');
});

test('in a prompt a click does nothing, and Ctrl-C closes it', async (t) => {
  const console = await openConsole(t, cluster());
  console.press('/', 'a');
  await console.shows(/^ \/a█/m);
  console.click(3, 3);
  console.press('b');
  assert.match(await console.shows(/^ \/ab█/m), /▸ Connections/);
  console.press('C-c');
  await console.hidden(/^ \/ab/m);
  console.press(':', 's', 'C-c');
  await console.hidden(/^ :s/m);
  assert.match(await settled(console), /▸ Connections/);
});

test('what was entered before comes back with ↑ and Ctrl-P, the newest first, and goes with ↓ and Ctrl-N', async (t) => {
  const console = await openConsole(t, cluster());
  const entered = Array.from({ length: 52 }, (_, i) => `port:${i + 1}`);
  for (const text of entered) console.press('/', 'C-u', ...text, 'enter');
  await console.shows('port:52');
  console.press('/', 'C-u', ...'draft');
  await console.shows(/^ \/draft█/m);
  for (const [key, shown] of [
    ['up', 'port:52'],
    ['C-p', 'port:51'],
    ['up', 'port:50'],
    ['down', 'port:51'],
    ['C-n', 'port:52'],
    ['down', 'draft'],
    ['down', 'draft'],
  ] as const) {
    console.press(key);
    await console.shows(new RegExp(`^ /${shown}█`, 'm'));
  }
  for (let i = 0; i < 60; i++) console.press('up');
  await console.shows(/^ \/port:3█/m);
  console.press(...Array.from({ length: 10 }, () => 'backspace'), 'backspace');
  await console.hidden(/^ \//m);
});

test('the wheel moves by three rows', async (t) => {
  const console = await openConsole(t, cluster());
  await console.changes('j', () => console.press('j'));
  await console.changes('j', () => console.press('j'));
  await console.changes('j', () => console.press('j'));
  const third = console.picture();
  await console.changes('g g', () => console.press('g g'));
  const [x, y] = [
    10,
    console
      .screen()
      .split('\n')
      .findIndex((line) => line.includes('▸ Connections')) + 3,
  ];
  const wheel = (button: number) => console.send(`\x1b[<${button};${x + 1};${y + 1}M`);
  await console.changes('the wheel', () => wheel(65));
  assert.equal(console.picture(), third);
  await console.changes('the wheel', () => wheel(64));
  assert.notEqual(console.picture(), third);
});
