import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ConsoleStatus } from '../../src/client/tui/console-status.ts';
import { until } from '../lab/until.ts';
import { kflow, SIZE } from './stage.ts';
import { DEADLINE_MS, Tmux, tmuxUnavailable } from './tmux.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/shop.kflow', import.meta.url));
/** The bound is a second. The rest is for machines that do something else meanwhile. */
const BOUND_MS = 1000;
const SLACK_MS = 750;
/** As fast as a keyboard repeats. */
const REPEAT_MS = 40;

interface Watched {
  readonly terminal: Tmux;
  /** The lines that the console has written so far. */
  lines(): ConsoleStatus[];
  /** Waits for so many more. */
  more(count: number): Promise<ConsoleStatus[]>;
  readonly file: string;
}

function replay(t: TestContext, ...words: string[]): Watched {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-fresh-'));
  const file = join(folder, 'status');
  const terminal = new Tmux({ ...SIZE, command: kflow('replay', EXAMPLE, '--debug-status', file, ...words) });
  t.after(() => {
    terminal.close();
    rmSync(folder, { recursive: true });
  });
  const lines = () =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as ConsoleStatus)
      : [];
  return {
    terminal,
    lines,
    file,
    async more(count) {
      const before = lines().length;
      return until(`${count} more lines of status`, DEADLINE_MS, () => {
        const reported = lines().slice(before);
        assert.ok(reported.length >= count);
        return reported;
      });
    },
  };
}

/** Does it over and over, until the console has reported so many seconds. */
async function during(watched: Watched, seconds: number, act: (turn: number) => void): Promise<ConsoleStatus[]> {
  const before = watched.lines().length;
  for (let turn = 0; watched.lines().length < before + seconds; turn++) {
    assert.ok(turn * REPEAT_MS < DEADLINE_MS, 'the console tells its status');
    act(turn);
    await setTimeout(REPEAT_MS);
  }
  return watched.lines().slice(before);
}

function isFresh(lines: readonly ConsoleStatus[]): void {
  for (const line of lines) {
    const { shownAgeMs = Number.POSITIVE_INFINITY, snapshotAgeMs = 0, maxBehindMs } = line;
    assert.ok(shownAgeMs - snapshotAgeMs <= BOUND_MS + SLACK_MS, JSON.stringify(line));
    assert.ok(maxBehindMs <= BOUND_MS + SLACK_MS, JSON.stringify(line));
  }
}

describe('what the screen shows is fresh', { skip: tmuxUnavailable() ?? false }, () => {
  test('j is held for seconds, and released', async (t) => {
    const watched = replay(t, '--at', '10');
    await watched.more(1);
    isFresh(await during(watched, 8, () => watched.terminal.keys('j')));
    isFresh(await watched.more(2));
    assert.equal(statSync(watched.file).mode & 0o777, 0o600);
  });

  test('the window is resized all the time, a filter is typed all the time', async (t) => {
    const watched = replay(t, '--at', '10');
    await watched.more(1);
    isFresh(await during(watched, 3, (turn) => watched.terminal.resize(SIZE.width - (turn % 2) * 20, SIZE.height)));
    watched.terminal.keys('/');
    isFresh(await during(watched, 3, (turn) => watched.terminal.keys(turn % 4 === 3 ? 'C-u' : 's')));
  });

  test('at every speed the data are at most a second older than the clock', async (t) => {
    for (const [speed, at] of [
      ['8', '1m50s'],
      ['64', '0'],
    ] as const) {
      const watched = replay(t, '--speed', speed, '--at', at);
      // The rest of it takes five seconds at ×8, and two at ×64.
      await watched.terminal.shows('END', 40_000);
      const playing = [...watched.lines(), ...(await watched.more(1))].filter(({ state }) => state === 'playing');
      // Seconds of the recording between two of its snapshots are few milliseconds then.
      for (const line of playing)
        if (line.shownAgeMs !== undefined) assert.ok(line.shownAgeMs <= BOUND_MS + SLACK_MS, JSON.stringify(line));
      watched.terminal.close();
    }
  });

  test('a problem is reported while it is wound past at ×64', async (t) => {
    const { terminal } = replay(t, '--speed', '64', '--at', '20');
    terminal.keys('6');
    await terminal.shows(/TCP SYN unanswered +shop\/payments/);
  });

  test('paused after a seek, all that was before is known: the SYNs that wait, and their charts', async (t) => {
    const { terminal } = replay(t, '--at', '1m20s');
    await terminal.shows(/recording 1:2\d/);
    terminal.keys('Space', '6');
    const there = await terminal.shows(/TCP SYN unanswered +shop\/payments/);
    assert.match(there, /PAUSED/);
    terminal.keys('[', '[', '[', '[', '[');
    await terminal.shows((screen) => /recording 0:3\d/.test(screen) && !screen.includes('TCP SYN'));
    terminal.keys(']', ']', ']', ']', ']');
    await terminal.shows((screen) => /recording 1:2\d/.test(screen) && screen.includes('TCP SYN unanswered'));
    terminal.keys('1');
    await terminal.shows(/rate +[▁▂▃▄▅▆▇█ ]+ 1m\d\ds/);
  });

  test('a file that cannot be written is reported before the screen is taken', async (t) => {
    const terminal = new Tmux(SIZE);
    t.after(() => terminal.close());
    await terminal.shows('ready$');
    terminal.type(kflow('replay', EXAMPLE, '--debug-status', '/dev/null/status').join(' '));
    terminal.keys('Enter');
    await terminal.shows('/dev/null/status: not a directory');
    assert.equal(terminal.ask('#{alternate_on}'), '0');
  });
});
