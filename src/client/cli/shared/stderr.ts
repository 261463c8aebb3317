import { cleanTo, forTerminal } from '../../format/sanitize.ts';
import type { CommandIo } from './command-io.ts';

/** Writes sanitized text to stderr; on a terminal with a progress line below it, which the next one replaces. */
export function stderrWriter(stderr: NodeJS.WriteStream): Pick<CommandIo, 'stderr' | 'progress'> {
  if (!stderr.isTTY || process.env.TERM === 'dumb') return { stderr: (text) => void stderr.write(forTerminal(text)) };
  let shown = '';
  const clear = () => (shown === '' ? '' : '\r\x1b[K');
  return {
    stderr(text) {
      stderr.write(clear() + forTerminal(text) + shown);
    },
    progress(line) {
      const before = clear();
      shown = line === '' ? '' : cleanTo(line, Math.max(1, stderr.columns - 1));
      stderr.write(before + shown);
    },
  };
}
