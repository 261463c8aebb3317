import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SNAPSHOTS } from '../../../terminal/fixed/snapshots.ts';
import { type ConsoleHarness, openConsole } from './harness/console.ts';

/** Every row of the table at the right edge of the screen ends in its border. */
function assertBorders(terminal: ConsoleHarness, width: number, height: number): void {
  for (let y = 2; y < height - 1; y++)
    assert.match(terminal.characterAt(width - 1, y), /^[│┐┘┤]$/, `row ${y}:\n${terminal.screen()}`);
}

for (const [width, height] of [
  [160, 50],
  [80, 24],
  [41, 12],
] as const)
  test(`CJK and emoji in names are shown as they are, and shift nothing, at ${width}×${height}`, async (t) => {
    const terminal = await openConsole(t, { snapshots: SNAPSHOTS.wideNames(), width, height });
    await terminal.shows('生産環境');
    for (const [key, name] of [
      ['2', /メール|例え|…/],
      ['3', 'équipe'],
      ['4', 'Services'],
      ['5', 'Graph'],
      ['7', '東京-1'],
      ['2', /メール|例え|…/],
      ['1', 'Connections'],
    ] as const) {
      terminal.press(key);
      await terminal.shows(name);
      assertBorders(terminal, width, height);
    }
    if (width < 160) return;
    assert.match(terminal.screen(), /メール🙂 ?\.例え\.テスト/);
    assert.match(terminal.screen(), /équipe-👩‍💻-서울/);
    // A row that is no longer the selected one leaves nothing behind.
    terminal.press('2');
    await terminal.hidden('─ Nodes');
    const before = terminal.picture();
    await terminal.changes('the move', () => terminal.press('j'));
    await terminal.changes('the move back', () => terminal.press('k'));
    assert.equal(terminal.picture(), before);
    assertBorders(terminal, width, height);
  });

test('a wide name is typed, edited and copied', async (t) => {
  const terminal = await openConsole(t, { snapshots: SNAPSHOTS.wideNames() });
  await terminal.shows('生産環境');
  terminal.press('2', '/');
  await terminal.shows(/^ \/█/m);
  terminal.send('例え🙂👩‍💻');
  await terminal.shows(/^ \/例え🙂 ?👩‍💻 ?█/m);
  terminal.press('backspace', 'backspace');
  await terminal.shows(/^ \/例え█/m);
  await terminal.shows('Connections 2');
  terminal.press('enter', 'y');
  await terminal.shows('copied');
  assert.match(terminal.clipboard, /メール🙂 ?\.例え\.テスト/);
});
