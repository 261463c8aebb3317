import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kflow, SIZE } from './stage.ts';
import { Tmux, type TmuxOptions, tmuxUnavailable } from './tmux.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/shop.kflow', import.meta.url));

describe('the shipped recording in the console', { skip: tmuxUnavailable() ?? false }, () => {
  const terminals: Tmux[] = [];
  afterEach(() => {
    for (const terminal of terminals.splice(0)) terminal.close();
  });

  function replay(words: readonly string[] = [], options: Partial<TmuxOptions> = {}): Tmux {
    const terminal = new Tmux({ ...SIZE, command: kflow('replay', EXAMPLE, ...words), ...options });
    terminals.push(terminal);
    return terminal;
  }

  test('it plays: the time continues, connections have names', async () => {
    const terminal = replay();
    await terminal.shows(/recording 0:0[2-9]\/2:\d\d/);
    await terminal.shows(/shop\/cart-\S+ +shop\/database-/);
  });

  test('Space pauses and continues; [ and ] seek; + and - change the speed', async () => {
    const terminal = replay(['--at', '60']);
    await terminal.shows(/recording 1:0\d\/2:\d\d/);
    terminal.keys('Space');
    const paused = await terminal.shows(/recording \S+ PAUSED/);
    const at = secondsOf(paused);
    terminal.keys(']');
    await terminal.shows((screen) => secondsOf(screen) === at + 10);
    terminal.keys('[', '[', '[');
    await terminal.shows((screen) => secondsOf(screen) === at - 20);
    terminal.keys('+', '+');
    await terminal.shows(/×4 PAUSED/);
    terminal.keys('Space');
    await terminal.shows((screen) => screen.includes('×4') && secondsOf(screen) > at - 10);
    terminal.keys('-', '-', '-');
    await terminal.shows('×0.5');
  });

  test('at the end it stays on the last picture, and says so', async () => {
    const terminal = replay(['--at', '148']);
    const screen = await terminal.shows(/recording 2:\d\d\/2:\d\d END/);
    assert.match(screen, /3\/3 agents · \d+ connections/);
    terminal.keys('Space');
    await terminal.shows(/recording 0:0\d\/2:\d\d/);
  });

  test('its fault is seen, and named', async () => {
    const terminal = replay(['--at', '80']);
    terminal.keys('6');
    await terminal.shows(/shop\/payments/);
  });

  test('a small screen has the place too', async () => {
    const terminal = replay([], { width: 40, height: 10 });
    await terminal.shows(/recording 0:0\d\/2:\d\d/);
  });

  test('ages are those of then, not of now', async () => {
    const terminal = replay(['--at', '60']);
    await terminal.shows(/\d\.\d s ago/);
  });
});

/** Where it is, by the header. */
function secondsOf(screen: string): number {
  const [, minutes, seconds] = /recording (\d+):(\d\d)\//.exec(screen) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}
