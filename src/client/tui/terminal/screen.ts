import { PassThrough } from 'node:stream';
import blessed from 'blessed';
import { toTerminal } from '../../format/cells.ts';
import { forClipboard } from '../../format/sanitize.ts';
import type { InputStream } from './input.ts';
import { setModes } from './modes.ts';

/** What blessed listens to in the process. It ends the process by itself, with 0, and before what is to be said is said. */
const TAKEN = ['uncaughtException', 'SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

export interface TerminalStreams {
  readonly input: InputStream;
  readonly output: NodeJS.WritableStream & { readonly columns: number; readonly rows: number };
}

/** The whole terminal as one screen. How the process ends stays with `main`; if it just exits, the terminal is restored. */
export function openScreen(streams?: TerminalStreams): blessed.Widgets.Screen {
  // Borders come out as letters otherwise; and a terminal is driven as what all of today's are.
  process.env.NCURSES_NO_UTF8_ACS = '1';
  const before = TAKEN.map((event) => process.rawListeners(event));
  const screen = blessed.screen({
    terminal: 'xterm-256color',
    smartCSR: true,
    title: 'kflow',
    warnings: false,
    forceUnicode: true,
    // Keys and the mouse are read past it: it takes a sequence that comes in two for keys, and loses keys beside a click.
    input: new PassThrough(),
    ...(streams && { output: streams.output }),
  } as object);
  const { program } = screen as unknown as { program: { _write(text: string): unknown } };
  const write = program._write.bind(program);
  program._write = (text) => write(toTerminal(text));
  for (const [i, event] of TAKEN.entries())
    for (const listener of process.rawListeners(event))
      if (!before[i]?.includes(listener)) process.removeListener(event, listener as () => void);
  setModes(screen);
  return screen;
}

/** Restores the terminal, as far as it is still there and still ours. */
export function closeScreen(screen: blessed.Widgets.Screen): void {
  try {
    screen.destroy();
  } catch {
    // The screen was left first; then the terminal's settings are another's to set (EIO).
  }
}

/** OSC 52: the terminal puts the text into the clipboard, over ssh too, if it allows that. It does not answer. */
export function copyToClipboard(screen: blessed.Widgets.Screen, text: string): void {
  const { program } = screen as unknown as { program: { output: NodeJS.WritableStream } };
  program.output.write(`\x1b]52;c;${Buffer.from(forClipboard(text)).toString('base64')}\x07`);
}
