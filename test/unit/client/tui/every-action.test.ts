import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BehaviorSubject, Subject } from 'rxjs';
import type { Snapshot } from '../../../../src/client/model/snapshot.ts';
import { type ActionName, KEYMAP } from '../../../../src/client/tui/input/keymap.ts';
import { SNAPSHOTS } from '../../../terminal/fixed/snapshots.ts';
import { openConsole } from './harness/console.ts';
import { bytesOf } from './harness/keys.ts';
import { StillRecording } from './harness/recording.ts';

/** The keys before the one that is tried, so that it has something to do; and what is then to be seen. */
interface Recipe {
  readonly given?: readonly string[];
  readonly shows?: string | RegExp;
}

const RECIPES: Partial<Record<ActionName, Recipe>> = {
  down: { given: ['2'] },
  up: { given: ['2', 'j'] },
  first: { given: ['2', 'j'] },
  last: { given: ['2'] },
  'half-down': { given: ['2'] },
  'half-up': { given: ['2', 'j'] },
  'page-down': { given: ['2'] },
  'page-up': { given: ['2', 'j'] },
  'pane-left': { shows: '▸ Help' },
  'pane-right': { given: ['tab', 'tab'], shows: '▸ Graph' },
  'pane-next': { shows: '▸ Connection ' },
  'pane-previous': { shows: '▸ Graph' },
  'edge-next': { given: ['5'], shows: ' ↔ ' },
  'edge-previous': { given: ['5'], shows: ' ↔ ' },
  'columns-left': { given: ['2', 'w', '}'], shows: 'DESTINATION' },
  'columns-right': { given: ['2', 'w'] },
  'sort-left': { given: ['2'], shows: 'by state' },
  'sort-right': { given: ['2'], shows: 'by total' },
  'sort-reverse': { given: ['2'], shows: 'by rate ▲' },
  'sort-state': { given: ['2'], shows: 'by state' },
  filter: { shows: /^ \/█/m },
  'cycle-state': { shows: ' unanswered' },
  'cycle-family': { shows: ' IPv4' },
  'cycle-names': { shows: ' addresses' },
  enter: { given: ['2'], shows: '▸ Connection ' },
  back: { given: ['z'], shows: '─ Nodes' },
  'clear-drill-down': { given: ['tab', 'tab', 'enter'] },
  freeze: { shows: 'FROZEN' },
  'cycle-group': { shows: 'Graph by namespace' },
  'toggle-wide': { given: ['7'], shows: 'TIMES' },
  zoom: {},
  copy: { shows: 'copied' },
  export: { shows: /^ :export kflow-connections-[-\dTZ]+\.csv█/m },
  command: { shows: /^ :█/m },
  help: { shows: '▸ Help' },
  'replay-example': {},
  'start-tracking': {},
  'start-demo': {},
  'view-next': { shows: '▸ Connections' },
  'view-previous': { shows: '▸ Agents' },
  'view-1': { given: ['2'], shows: '─ Nodes' },
  'view-2': {},
  'view-3': { shows: '▸ Workloads' },
  'view-4': { shows: '▸ Services' },
  'view-5': { shows: '▸ Graph' },
  'view-6': { shows: '▸ Problems' },
  'view-7': { shows: '▸ Agents' },
};

/** What ends or stops the console, and what only a recording knows, is tried below. */
const ELSEWHERE: readonly ActionName[] = [
  'quit',
  'interrupt',
  'suspend',
  'seek-back',
  'seek-forward',
  'slower',
  'faster',
];

for (const { action, keys } of KEYMAP.filter((one) => !ELSEWHERE.includes(one.action)))
  for (const key of keys)
    test(`${key} (${action}) is drawn before any heartbeat`, async (t) => {
      const { given = [], shows } = RECIPES[action] ?? assert.fail(`no recipe for ${action}`);
      const console = await openConsole(t, { snapshots: SNAPSHOTS.cluster() });
      for (const before of given) await console.changes(before, () => console.press(before));
      await console.changes(key, () => console.press(key));
      if (shows !== undefined) await console.shows(shows);
    });

for (const [key, shows] of [
  ['space', /recording 1:00\/2:00$/m],
  ['[', 'recording 0:50/2:00'],
  [']', 'recording 1:10/2:00'],
  ['+', '×2'],
  ['=', '×2'],
  ['-', '×0.5'],
] as const)
  test(`${key} is drawn while a recording is paused`, async (t) => {
    const console = await openConsole(t, {
      snapshots: SNAPSHOTS.cluster(),
      options: { playback: new StillRecording() },
    });
    await console.shows('PAUSED');
    console.press(key);
    await console.shows(shows);
  });

for (const [keys, status] of [
  [['q'], 0],
  [[':', 'q', 'enter'], 0],
  [['C-c'], 130],
] as const)
  test(`${keys.join(' ')} leaves with ${status}, and the terminal is as it was`, async (t) => {
    const console = await openConsole(t, { snapshots: SNAPSHOTS.cluster() });
    assert.equal(console.modes.alternate, true);
    assert.equal(console.modes.raw, true);
    console.press(...keys);
    assert.equal(await console.ended, status);
    await console.shows(() => !console.modes.alternate);
    assert.deepEqual(console.modes, { paste: false, mouse: 'none', alternate: false, raw: false });
  });

test('Ctrl-Z gives the terminal back, and what comes after is drawn whole', async (t) => {
  const console = await openConsole(t, { snapshots: SNAPSHOTS.cluster() });
  const before = console.picture();
  console.press('C-z');
  await console.shows((screen) => !/kflow · /.test(screen));
  assert.equal(console.stops, 1);
  assert.equal(console.modes.mouse, 'none');
  await console.shows(/kflow · /);
  await console.shows(() => console.picture() === before);
  assert.equal(console.modes.alternate, true);
  assert.notEqual(console.modes.mouse, 'none');
});

test('a resize is drawn, down to what is too small and back', async (t) => {
  const console = await openConsole(t, { snapshots: SNAPSHOTS.cluster() });
  console.resize(30, 8);
  await console.shows(/kflow needs 40×10/);
  console.resize(100, 30);
  await console.shows('▸ Connections');
});

test('a snapshot is drawn when it comes, though the last one came just before', async (t) => {
  const snapshots = new BehaviorSubject<Snapshot>(SNAPSHOTS.healthy());
  const console = await openConsole(t, { snapshots });
  await console.shows('3/3 agents');
  snapshots.next(SNAPSHOTS.cluster());
  await console.shows('2/3 agents');
});

test('before the first snapshot the console says that it connects', async (t) => {
  const snapshots = new Subject<Snapshot>();
  const console = await openConsole(t, { snapshots });
  await console.shows('connecting …');
});

test('the names of keys are bytes that a terminal sends', () => {
  assert.equal(bytesOf('g g'), 'gg');
  assert.equal(bytesOf('C-d'), '\x04');
});
