import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Player } from '../../src/client/recording/player.ts';
import { Recording } from '../../src/client/recording/recording.ts';
import { type ConsoleOptions, runConsole } from '../../src/client/tui/console.ts';
import type { ConsoleStatus } from '../../src/client/tui/console-status.ts';
import { liveSnapshots, Screen } from './console.ts';
import { pairedNodes } from './join.ts';
import { verdict } from './verdict.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/shop.kflow', import.meta.url));
const SECONDS = Number(process.env.KFLOW_BENCH_SECONDS ?? 8);
const REPEAT_MS = 40;
const MOST_BEHIND_MS = 1000;

/** What somebody does while data comes, over and over. */
const DOINGS: Readonly<Record<string, (input: PassThrough, screen: Screen, turn: number) => void>> = {
  'nobody touches it': () => undefined,
  'j is held': (input) => input.write('j'),
  'the window is resized': (_, screen, turn) => {
    screen.columns = 120 + (turn % 2) * 40;
    screen.emit('resize');
  },
  'a filter is typed': (input, _, turn) =>
    input.write(turn % 12 === 0 ? '/' : turn % 12 === 11 ? '\r' : ('a\x7fe'[turn % 3] ?? '')),
  'the wheel is turned': (input) => input.write('\x1b[<65;10;30M'),
};

/** How far what is on the screen is behind the newest snapshot, whatever the user does and however fast a recording is played. */
export async function run(): Promise<void> {
  for (const [doing, act] of Object.entries(DOINGS)) await replay(`replay ×1, ${doing}`, 1, act);
  for (const speed of [8, 64]) await replay(`replay ×${speed}, j is held`, speed, DOINGS['j is held']);
  const tables = pairedNodes(100);
  for (const doing of ['j is held', 'a filter is typed'])
    await measure(`100 agents × 2,500 flows, ${doing}`, { snapshots$: liveSnapshots(tables) }, DOINGS[doing]);
}

async function replay(what: string, speed: number, act: Doing | undefined): Promise<void> {
  const recording = await Recording.open(EXAMPLE);
  const playback = new Player(recording, { fromMs: 5000, speed });
  // From END on there is nothing newer.
  const seconds = Math.min(SECONDS, (recording.lengthMs - 5000) / 1000 / speed);
  await measure(what, { snapshots$: playback.snapshots$, playback }, act, seconds);
  await recording.close();
}

type Doing = (typeof DOINGS)[string];

async function measure(
  what: string,
  options: Pick<ConsoleOptions, 'snapshots$' | 'playback'>,
  act: Doing = () => undefined,
  seconds = SECONDS,
): Promise<void> {
  const [input, screen, stop] = [new PassThrough(), new Screen(), new AbortController()];
  const lines: ConsoleStatus[] = [];
  const done = runConsole({
    ...options,
    signal: stop.signal,
    env: { TERM: 'xterm-256color' },
    terminal: { input, output: screen },
    status: (line) => lines.push(line),
  });
  while (!screen.text.includes('connections')) await setTimeout(20);
  if (options.playback === undefined) await setTimeout(3000);
  lines.length = 0;
  const end = performance.now() + seconds * 1000;
  for (let turn = 0; performance.now() < end; turn++) {
    act(input, screen, turn);
    await setTimeout(REPEAT_MS);
  }
  // The last second is reported after it.
  const reported = lines.length;
  while (lines.length === reported) await setTimeout(20);
  stop.abort();
  await done;
  const most = (of: (line: ConsoleStatus) => number) => Math.max(0, ...lines.map(of));
  const age = most(({ shownAgeMs = 0, snapshotAgeMs = 0 }) => shownAgeMs - snapshotAgeMs);
  process.stdout.write(
    `freshness: ${what}: frames of at most ${most(({ lastFrameMs = 0 }) => lastFrameMs).toFixed(1)} ms\n`,
  );
  verdict(
    'the screen is behind the newest snapshot',
    Math.max(
      age,
      most(({ maxBehindMs }) => maxBehindMs),
    ),
    MOST_BEHIND_MS,
    ' ms',
    0,
  );
}

if (import.meta.main) await run();
