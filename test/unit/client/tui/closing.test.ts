import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SNAPSHOTS } from '../../../terminal/fixed/snapshots.ts';
import { type ConsoleHarness, openConsole } from './harness/console.ts';

const snapshots = SNAPSHOTS.cluster();

/** The last line of the screen. */
function footer(console: ConsoleHarness): string {
  return console.lines().at(-1) ?? '';
}

async function footerShows(console: ConsoleHarness, what: RegExp): Promise<void> {
  await console.shows(() => what.test(footer(console)));
}

test('Esc closes one thing at a time, the newest first, and the footer says which', async (t) => {
  const console = await openConsole(t, { snapshots, width: 200 });
  console.press('tab', 'tab', 'j', 'enter');
  await footerShows(console, /only node2 \(c: all\).*Esc back to nodes/);
  console.press('/', ...'cart', 'enter');
  await footerShows(console, /\/cart \(Esc clears\)/);
  console.press('f', 'f');
  await footerShows(console, /\/cart · established.*Esc clears state/);
  console.press('v');
  await footerShows(console, /IPv4.*Esc clears IP version/);
  console.press('z');
  await footerShows(console, /Esc ends zoom/);
  console.press('?');
  await footerShows(console, /q Esc \? close/);
  console.press('escape');
  await console.hidden('▸ Help');
  await footerShows(console, /Esc ends zoom/);
  console.press('escape');
  await console.shows('─ Nodes');
  await footerShows(console, /Esc clears IP version/);
  console.press('escape');
  await footerShows(console, /established.*Esc clears state/);
  console.press('escape');
  await footerShows(console, /only node2 \(c: all\) · \/cart \(Esc clears\)/);
  console.press('escape');
  await footerShows(console, /only node2 .*Esc back to nodes/);
  console.press('escape');
  await console.shows('▸ Nodes');
  assert.doesNotMatch(footer(console), /Esc|only/);
});

test('a drill-down that came after a filter is left before it', async (t) => {
  const console = await openConsole(t, { snapshots, width: 200 });
  console.press('/', ...'cart', 'enter', '3', 'enter');
  await footerShows(console, /Esc back to workloads/);
  console.press('escape');
  await console.shows('▸ Workloads');
  await footerShows(console, /\/cart \(Esc clears\)/);
});

test('c clears drill-down, filter, state and family at once', async (t) => {
  const console = await openConsole(t, { snapshots, width: 200 });
  console.press('tab', 'tab', 'enter', '/', ...'cart', 'enter', 'f', 'v');
  await footerShows(console, /only .*\/cart.*unanswered.*IPv4/);
  console.press('c');
  await footerShows(console, /^ by rate/);
  await console.shows('Connections 12');
});

for (const [view, pane, details, table] of [
  ['3', 'Workloads', /┌─ StatefulSet /, 'workloads'],
  ['4', 'Services', /┌─ Service /, 'services'],
  ['6', 'Problems', /┌─ Problem /, 'problems'],
  ['7', 'Agents', /┌─ Agent on /, 'agents'],
] as const)
  test(`after Enter and Esc in view ${view} its selection and its details are there again`, async (t) => {
    const console = await openConsole(t, { snapshots });
    console.press(view, 'j');
    await console.shows(`▸ ${pane}`);
    await console.shows(details);
    const { y } = console.find(`▸ ${pane}`);
    await console.shows(() => console.lookAt(3, y + 3).bg === 24);
    const before = console.picture();
    console.press('enter');
    await footerShows(console, new RegExp(`Esc back to ${table}`));
    await console.shows(/┌─ Connection /);
    console.press('escape');
    await console.shows(() => console.picture() === before);
  });

test('after Enter and Esc in the graph the box is selected as before', async (t) => {
  const console = await openConsole(t, { snapshots });
  console.press('5', 'j');
  await footerShows(console, /Esc deselects/);
  console.press('.');
  await footerShows(console, /Esc back to box/);
  const before = console.picture();
  console.press('enter');
  await footerShows(console, /only .* ↔ .*Esc back to graph/);
  console.press('escape');
  await console.shows(() => console.picture() === before);
});

test('Enter on a connection goes to its details and back, by Enter, Esc and z, also where there is no room for both', async (t) => {
  for (const height of [50, 14])
    for (const key of ['enter', 'escape', ...(height === 14 ? ['z'] : [])]) {
      const console = await openConsole(t, { snapshots, height });
      console.press('2', 'j', 'j');
      await console.hidden('─ Nodes');
      const { y } = console.find('▸ Connections');
      await console.shows(() => console.lookAt(3, y + 4).bg === 24);
      const before = console.picture();
      console.press('enter');
      await console.shows('▸ Connection ');
      console.press(key);
      await console.shows(() => console.picture() === before);
    }
});

test('Enter in the details of another view goes to its table', async (t) => {
  const console = await openConsole(t, { snapshots });
  console.press('6', 'tab');
  await console.shows('▸ Problem ');
  console.press('enter');
  await console.shows('▸ Problems');
});

test('the help scrolls with the keys that move, and nothing else runs in it', async (t) => {
  const console = await openConsole(t, { snapshots, height: 20 });
  console.press('?');
  await console.shows(/│kflow: keys/);
  const top = console.screen();
  for (const [there, back] of [
    ['j', 'k'],
    ['C-d', 'C-u'],
    ['pagedown', 'pageup'],
    ['G', 'g g'],
    ['end', 'home'],
  ] as const) {
    console.press(there);
    await console.hidden('│kflow: keys');
    console.press(back);
    await console.shows(() => console.screen() === top);
  }
  console.send('\x1b[<65;5;5M');
  await console.hidden('│kflow: keys');
  console.send('\x1b[<64;5;5M');
  await console.shows(() => console.screen() === top);
  console.press('G', 'G', 'C-f');
  await console.hidden('more below');
  const bottom = console.screen();
  console.press('k');
  await console.shows('more below');
  console.press('j');
  await console.shows(() => console.screen() === bottom);
  console.press('6', 'e', '/', ':', 'z', 'space', 'f', 'enter', '0', 'c', 'g g');
  await console.shows(() => console.screen() === top);
  console.press('q');
  await console.shows('▸ Connections');
  assert.doesNotMatch(console.screen(), /FROZEN|unanswered|not bound/);
});

test('Ctrl-C leaves in the help too', async (t) => {
  const console = await openConsole(t, { snapshots });
  console.press('?', 'C-c');
  assert.equal(await console.ended, 130);
});

test('the help of a recording does not steer it', async (t) => {
  const steered: string[] = [];
  const playback = {
    keep: () => {},
    status: () => ({ state: 'paused' as const, positionMs: 0, lengthMs: 0, speed: 1 }),
    now: () => snapshots.at,
    togglePause: () => steered.push('toggle'),
    seek: () => steered.push('seek'),
    changeSpeed: () => steered.push('accelerate'),
  };
  const console = await openConsole(t, { snapshots, options: { playback } });
  console.press('?', 'space', ']', '+', 'q', '3');
  await console.shows('▸ Workloads');
  assert.deepEqual(steered, []);
});

test('what a click selects in the graph is what Esc closes first', async (t) => {
  const console = await openConsole(t, { snapshots });
  console.press('f');
  await footerShows(console, /unanswered.*Esc clears state/);
  console.press('f', 'f', 'f', 'f', '5', '/', ...'cart', 'enter');
  await footerShows(console, /\/cart \(Esc clears\)/);
  await console.shows('▸ Graph');
  const { x, y } = await console.shows('─ node2 ─').then(() => console.find('─ node2 ─'));
  console.click(x, y + 1);
  await footerShows(console, /\/cart .*Esc deselects/);
  console.press('escape');
  await footerShows(console, /\/cart \(Esc clears\)/);
});
