/** States of the console that are compared cell by cell: characters, colours, what is selected and what has the focus. */
import { SNAPSHOTS } from '../../../../terminal/fixed/snapshots.ts';
import { ConsoleHarness, type HarnessOptions } from './console.ts';
import type { Look } from './emulator.ts';
import { StillRecording } from './recording.ts';

interface State {
  readonly width: number;
  readonly height: number;
  /** Each is drawn before the next: keys by their names. */
  readonly keys: readonly string[];
  /** What tells that the last of them is drawn. */
  readonly sign: RegExp;
  readonly given?: Partial<HarnessOptions>;
}

const cluster = (keys: readonly string[], sign: RegExp, width = 120, height = 40): State => ({
  width,
  height,
  keys,
  sign,
});

export const STATES: Readonly<Record<string, State>> = {
  overview: cluster([], /▸ Connections/),
  'overview-first-table': cluster(['tab', 'tab', 'j'], /▸ Nodes/),
  connections: cluster(['2'], /▸ Connections 1/),
  'connections-third-row': cluster(['2', 'j', 'j'], /▸ Connections 1/),
  'connections-details': cluster(['2', 'j', 'tab'], /▸ Connection /),
  workloads: cluster(['3'], /▸ Workloads/),
  services: cluster(['4'], /▸ Services/),
  graph: cluster(['5', 'j'], /▸ Graph/),
  problems: cluster(['6'], /▸ Problems/),
  agents: cluster(['7'], /▸ Agents/),
  help: cluster(['?'], /▸ Help/),
  zoom: cluster(['z'], /▸ Connections/),
  'drill-down': cluster(['3', 'enter'], /▸ Connections \d+ /),
  'drill-down-of-a-problem': cluster(['6', 'enter'], /▸ Connections \d+ /),
  filter: cluster(['2', '/', 'c', 'a', 'r', 't'], /^ \/cart█/m),
  'filter-with-an-error': cluster(['2', '/', 'p', 'o', 'r', 't', ':', 'x'], /^ \/port:x█/m),
  'command-with-completions': cluster([':', 's', 'o', 'tab'], /^ :sort/m),
  frozen: cluster(['space'], /FROZEN/),
  'unanswered-by-total': cluster(['2', 'f', '>'], /unanswered/),
  replay: { ...cluster(['2'], /▸ Connections 1/), given: { options: { playback: new StillRecording() } } },
  wide: cluster(['2', 'w'], /▸ Connections 1/, 200, 50),
  'wide-graph': cluster(['5'], /▸ Graph/, 200, 50),
  narrow: cluster(['2'], /▸ Connections/, 60, 20),
  'narrow-overview': cluster([], /▸ Connections/, 60, 20),
  smallest: cluster([], /▸ Connections/, 40, 10),
  'no-agents': { ...cluster([], /./), given: { snapshots: SNAPSHOTS.noAgents() } },
  'wide-names': { ...cluster(['2'], /▸ Connections/), given: { snapshots: SNAPSHOTS.wideNames() } },
};

/** What is not worked out yet is drawn as "…", and headings count nothing. */
const PENDING = /connecting …|… ─/;

/** The screen of a state, as text, and below it how its cells look where they do not look plain. */
export async function styledScreen(name: string): Promise<string> {
  const state = STATES[name];
  if (state === undefined) throw new Error(`there is no state ${name}`);
  const { width, height, keys, sign, given } = state;
  const harness = new ConsoleHarness({ snapshots: SNAPSHOTS.cluster(), width, height, ...given });
  try {
    await harness.shows((screen) => screen.trim() !== '' && !PENDING.test(screen));
    for (const key of keys) {
      await harness.changes(key, () => harness.press(key));
      await settled(harness);
    }
    await harness.shows((screen) => sign.test(screen) && !PENDING.test(screen));
    await settled(harness);
    return [...harness.lines(), ...looks(harness, width, height), ''].join('\n');
  } finally {
    await harness.stop();
  }
}

/** Until it stays as it is: what a key asks for may be drawn in steps. */
async function settled(harness: ConsoleHarness): Promise<void> {
  for (let before = '', same = 0; same < 3; ) {
    await new Promise((resolve) => setTimeout(resolve, 15));
    const now = harness.picture();
    same = now === before ? same + 1 : 0;
    before = now;
  }
}

/** "3: 0-15 bold fg 14, 20 inverse" for a row, "4-9: …" for some that look alike. */
function looks(harness: ConsoleHarness, width: number, height: number): string[] {
  const rows: { from: number; to: number; runs: string }[] = [];
  for (let y = 0; y < height; y++) {
    const runs: string[] = [];
    for (let x = 0; x < width; ) {
      const start = x;
      const look = words(harness.lookAt(x, y));
      for (x++; x < width && words(harness.lookAt(x, y)) === look; x++);
      if (look !== '') runs.push(`${start}${x - 1 > start ? `-${x - 1}` : ''} ${look}`);
    }
    const last = rows.at(-1);
    if (last?.runs === runs.join(', ')) last.to = y;
    else rows.push({ from: y, to: y, runs: runs.join(', ') });
  }
  const styled = rows.filter(({ runs }) => runs !== '');
  return ['─'.repeat(20), ...styled.map(({ from, to, runs }) => `${from}${to > from ? `-${to}` : ''}: ${runs}`)];
}

function words({ fg, bg, bold, dim, underline, inverse }: Look): string {
  return [
    bold && 'bold',
    dim && 'dim',
    underline && 'underline',
    inverse && 'inverse',
    fg === undefined ? undefined : `fg ${fg}`,
    bg === undefined ? undefined : `bg ${bg}`,
  ]
    .filter((word) => typeof word === 'string')
    .join(' ');
}
