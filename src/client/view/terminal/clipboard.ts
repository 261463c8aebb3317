import type blessed from 'blessed';
import { forClipboard } from '../../format/sanitize.ts';

/** OSC 52: the terminal puts the text into the clipboard, over ssh too, if it allows that. It does not answer. */
export function copyToClipboard(screen: blessed.Widgets.Screen, text: string): void {
  const { program } = screen as unknown as { program: { output: NodeJS.WritableStream } };
  program.output.write(`\x1b]52;c;${Buffer.from(forClipboard(text)).toString('base64')}\x07`);
}
