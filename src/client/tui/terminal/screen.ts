import { PassThrough } from 'node:stream';
import blessed from 'blessed';
import { toTerminal } from '../../format/cells.ts';
import { forClipboard } from '../../format/sanitize.ts';
import type { InputStream } from './input.ts';
import { setModes } from './modes.ts';

/** Events for which blessed ends the process itself, with status 0 and before messages are printed. */
const TAKEN = ['uncaughtException', 'SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

export interface TerminalStreams {
  readonly input: InputStream;
  readonly output: NodeJS.WritableStream & { readonly columns: number; readonly rows: number };
}

/** The whole terminal as one screen. `main` decides how the process ends; at exit the terminal is restored. */
export function openScreen(streams?: TerminalStreams): blessed.Widgets.Screen {
  // Without these settings borders become letters. All current terminals are compatible with xterm.
  process.env.NCURSES_NO_UTF8_ACS = '1';
  const before = TAKEN.map((event) => process.rawListeners(event));
  const screen = blessed.screen({
    terminal: 'xterm-256color',
    smartCSR: true,
    title: 'kflow',
    warnings: false,
    forceUnicode: true,
    // blessed does not read input: it reads a split sequence as keys, and loses keys next to a click.
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

/** Restores the terminal if it still exists and belongs to this process group. */
export function closeScreen(screen: blessed.Widgets.Screen): void {
  try {
    screen.destroy();
  } catch {
    // The terminal may belong to another process group already (EIO).
  }
}

/** OSC 52: the terminal puts the text into the clipboard, also over ssh, if it allows that. It sends no reply. */
export function copyToClipboard(screen: blessed.Widgets.Screen, text: string): void {
  const { program } = screen as unknown as { program: { output: NodeJS.WritableStream } };
  program.output.write(`\x1b]52;c;${Buffer.from(forClipboard(text)).toString('base64')}\x07`);
}
