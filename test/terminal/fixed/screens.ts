import { fixedConsole } from './terminal.ts';

export const SIZES = [
  [80, 24],
  [160, 50],
] as const;

/** The keys of the views, and what tells on the screen that it is there. */
const VIEWS = {
  overview: ['1', /▸ Connections/],
  connections: ['2', /▸ Connections/],
  workloads: ['3', /▸ Workloads/],
  services: ['4', /▸ Services and ports/],
  graph: ['5', /▸ Graph/],
  problems: ['6', /▸ Problems/],
  agents: ['7', /▸ Agents/],
  help: ['?', /▸ Help/],
} as const satisfies Record<string, readonly [string, RegExp]>;

export interface NamedScreen {
  /** Of its file: "agents-80x24.txt". */
  readonly file: string;
  readonly text: string;
}

/** Every view over the fixed cluster at one size, as a terminal shows it. */
export async function screens(width: number, height: number): Promise<NamedScreen[]> {
  const terminal = fixedConsole('cluster', { width, height });
  try {
    await terminal.shows(/2\/3 agents/);
    const found: NamedScreen[] = [];
    let before = '';
    for (const [view, [key, sign]] of Object.entries(VIEWS)) {
      terminal.keys(key);
      // Views 1 and 2 look alike at their top where there is little room: no other view comes in between.
      await terminal.shows(
        (screen) => sign.test(screen) && !/ … ─| {2}\d$/m.test(screen) && (screen !== before || view === 'connections'),
      );
      const text = await settled(() => terminal.screen());
      found.push({ file: `${view}-${width}x${height}.txt`, text });
      before = text;
    }
    return found;
  } finally {
    terminal.close();
  }
}

/** The screen, once it stays as it is. */
async function settled(look: () => string): Promise<string> {
  for (let before = look(), same = 0; ; ) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    const now = look();
    same = now === before ? same + 1 : 0;
    before = now;
    if (same === 4) return now;
  }
}
