/** What one view, one drill-down or one console leaves behind for the next: nothing. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { concat, NEVER, of } from 'rxjs';
import { runConsole } from '../../../../src/client/tui/console.ts';
import { AT, SNAPSHOTS } from '../../../terminal/fixed/snapshots.ts';
import { type ConsoleHarness, openConsole } from './harness/console.ts';
import { Emulator } from './harness/emulator.ts';

const cluster = (height: number) => ({ snapshots: SNAPSHOTS.cluster(), height });

/** The pane whose title has these words, to the bottom of its frame. */
function paneOf(console: ConsoleHarness, title: string): string[] {
  const lines = console.lines();
  const from = lines.findIndex((line) => line.includes(title));
  assert.ok(from >= 0, console.screen());
  const to = lines.findIndex((line, index) => index > from && /^└/.test(line));
  return lines.slice(from + 1, to);
}

test('details are at their top after a view key, also where they are of the same connection', async (t) => {
  const console = await openConsole(t, cluster(24));
  await console.changes('2', () => console.press('2'));
  await console.shows('▸ Connections');
  const top = paneOf(console, '─ Connection ');
  await console.changes('tab', () => console.press('tab'));
  await console.shows('▸ Connection ');
  await console.changes('G', () => console.press('G'));
  assert.notDeepEqual(paneOf(console, '▸ Connection '), top);
  for (const [key, sign] of [
    ['1', '─ Nodes'],
    ['2', '▸ Connections'],
  ] as const) {
    await console.changes(key, () => console.press(key));
    await console.shows(sign);
  }
  assert.deepEqual(paneOf(console, '─ Connection '), top);
});

test('a view key, with details scrolled, shows the same as without', async (t) => {
  const [scrolled, plain] = [await openConsole(t, cluster(24)), await openConsole(t, cluster(24))];
  for (const console of [scrolled, plain]) {
    await console.changes('2', () => console.press('2'));
    await console.shows('▸ Connections');
  }
  await scrolled.changes('tab', () => scrolled.press('tab'));
  await scrolled.shows('▸ Connection ');
  await scrolled.changes('G', () => scrolled.press('G'));
  await scrolled.changes('S-tab', () => scrolled.press('S-tab'));
  await scrolled.shows('▸ Connections');
  for (const console of [scrolled, plain]) {
    await console.changes('1', () => console.press('1'));
    await console.shows('─ Nodes');
  }
  await scrolled.shows((screen) => screen === plain.screen());
});

test('Enter shows the connections of a row from the first, wherever the table was scrolled to', async (t) => {
  const console = await openConsole(t, cluster(16));
  const fresh = await openConsole(t, cluster(16));
  await console.changes('2', () => console.press('2'));
  await console.changes('G', () => console.press('G'));
  for (const one of [console, fresh]) {
    await one.changes('3', () => one.press('3'));
    await one.shows('▸ Workloads');
    await one.changes('enter', () => one.press('enter'));
    await one.shows('▸ Connections 7');
  }
  await console.shows((screen) => screen === fresh.screen());
});

test('a console that has ended listens to its signal no more', async () => {
  const abort = new AbortController();
  const terminal = new Emulator(120, 40);
  const before = getEventListeners(abort.signal, 'abort').length;
  const ended = runConsole({
    snapshots$: concat(of(SNAPSHOTS.cluster()), NEVER),
    signal: abort.signal,
    env: { TERM: 'xterm-256color' },
    terminal,
    now: () => AT,
    heartbeat: false,
  });
  await terminal.drawn(AbortSignal.timeout(5_000));
  assert.ok(getEventListeners(abort.signal, 'abort').length > before);
  terminal.input.write('q');
  assert.equal(await ended, 0);
  assert.equal(getEventListeners(abort.signal, 'abort').length, before);
  terminal.close();
});

test('w shows the table from its first column again', async (t) => {
  const console = await openConsole(t, { snapshots: SNAPSHOTS.cluster(), width: 80 });
  await console.changes('2', () => console.press('2'));
  await console.changes('w', () => console.press('w'));
  await console.changes('}', () => console.press('}'));
  assert.doesNotMatch(console.screen(), /SOURCE +DESTINATION/);
  await console.changes('w', () => console.press('w'));
  await console.shows(/SOURCE +DESTINATION/);
  await console.changes('w', () => console.press('w'));
  await console.shows(/SOURCE +DESTINATION/);
});
