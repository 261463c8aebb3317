/**
 * Makes docs/console.svg, the README's picture: the console at one moment of the shipped recording. It is drawn as the
 * console draws it, on a screen that is nowhere; by the recording's own clock, so that the same picture comes out each time.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import blessed from 'blessed';
import { runToEnd } from '../src/client/async/chunked-work.ts';
import { ProblemMonitor } from '../src/client/problems/problem-monitor.ts';
import { Recording } from '../src/client/recording/recording.ts';
import { RateHistory } from '../src/client/traffic/rate-history.ts';
import { buildFrame, type ScreenFrame } from '../src/client/tui/build-frame.ts';
import { GraphPane } from '../src/client/tui/graph-pane/graph-pane.ts';
import { KeyReader } from '../src/client/tui/input/key-reader.ts';
import { update } from '../src/client/tui/input/update.ts';
import { render } from '../src/client/tui/render.ts';
import { initialState } from '../src/client/tui/state.ts';
import { Widgets } from '../src/client/tui/terminal/widgets.ts';
import { neededData } from '../src/client/tui/view-model/layout.ts';
import { Summaries } from '../src/client/tui/view-model/summaries.ts';
import { buildViewModel } from '../src/client/tui/view-model/view-model.ts';
import { ansiToSvg } from './ansi-to-svg.ts';

const HELP = `npm run picture               docs/console.svg, of examples/shop.kflow
npm run picture -- --check    exits 1 where it is not what would be made
npm run picture -- --text     prints the screen, with its colours
`;

const RECORDING = file('../examples/shop.kflow');
const PICTURE = file('../docs/console.svg');
const AT_MS = 80_000;
const WIDTH = 160;
const HEIGHT = 50;
/** What its operator has typed by then. */
const KEYS: readonly string[] = ['o', 'o'];

function file(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** A terminal that nobody sees. */
function nowhere(): blessed.Widgets.Screen {
  process.env.NCURSES_NO_UTF8_ACS = '1';
  const output = Object.assign(new PassThrough(), { columns: WIDTH, rows: HEIGHT, isTTY: true });
  output.resume();
  return blessed.screen({
    terminal: 'xterm-256color',
    smartCSR: true,
    warnings: false,
    forceUnicode: true,
    input: new PassThrough(),
    output,
  });
}

async function screenAt(path: string, atMs: number, keys: readonly string[]): Promise<string> {
  const recording = await Recording.open(path);
  const screen = nowhere();
  const widgets = new Widgets(screen, '256');
  const history = new RateHistory();
  const summaries = new Summaries();
  const graphPane = new GraphPane();
  const problems = new ProblemMonitor();
  const reader = new KeyReader();
  let state = initialState();
  let watched: ReadonlySet<number> = new Set();
  let toType = keys;
  let drawnSecond = Number.NaN;
  for await (const { snapshot, elapsedMs } of recording.snapshots()) {
    if (elapsedMs > atMs) break;
    runToEnd(history.record(snapshot, watched, state.workloadGrouping));
    const found = problems.of(snapshot);
    // Each second is drawn: what is on the screen is what history is kept of.
    if (Math.floor(elapsedMs / 1000) === drawnSecond) continue;
    drawnSecond = Math.floor(elapsedMs / 1000);
    for (const key of toType) {
      const read = reader.read(key);
      if (read.kind === 'action') ({ state } = update(state, read, frame()));
    }
    toType = [];
    const drawn = frame();
    ({ state } = drawn);
    watched = drawn.visible.connections;
    graphPane.recordRates(history, snapshot.at, state.grouping);
    render(drawn, widgets);
    screen.render();

    function frame(): ScreenFrame {
      const { tables, graph } = neededData(state, WIDTH, HEIGHT);
      const viewModel = runToEnd(buildViewModel(snapshot, state, found, tables));
      if (graph) runToEnd(graphPane.prepareChunked(viewModel));
      return buildFrame({
        state,
        viewModel,
        isWaiting: false,
        width: WIDTH,
        height: HEIGHT,
        now: snapshot.at,
        playback: { state: 'playing', positionMs: elapsedMs, lengthMs: recording.lengthMs, speed: 1 },
        suggestedActions: [],
        pendingKeys: '',
        history,
        summaries,
        graphPane,
        depth: '256',
      });
    }
  }
  await recording.close();
  return screen.screenshot(0, WIDTH, 0, HEIGHT);
}

const options = new Set(process.argv.slice(2));
if (options.has('--help') || options.has('-h')) {
  process.stdout.write(HELP);
  process.exit(0);
}

const screen = await screenAt(RECORDING, AT_MS, KEYS);
const picture = ansiToSvg(screen);
if (options.has('--text')) {
  process.stdout.write(screen);
  process.exit(0);
}
if (!options.has('--check')) {
  writeFileSync(PICTURE, picture);
  process.exit(0);
}

const isCurrent = readFileSync(PICTURE, 'utf8') === picture;
if (!isCurrent) process.stderr.write('docs/console.svg is stale: npm run picture\n');
process.exit(isCurrent ? 0 : 1);
