import type { CommandIo } from './io.ts';

/** Words on stderr; on a terminal with a line of progress below them, that the next one replaces. */
export function words(stderr: NodeJS.WriteStream): Pick<CommandIo, 'err' | 'progress'> {
  if (!stderr.isTTY || process.env.TERM === 'dumb') return { err: (text) => void stderr.write(text) };
  let shown = '';
  const clear = () => (shown === '' ? '' : '\r\x1b[K');
  return {
    err(text) {
      stderr.write(clear() + text + shown);
    },
    progress(line) {
      const before = clear();
      shown = [...line].slice(0, Math.max(0, stderr.columns - 1)).join('');
      stderr.write(before + shown);
    },
  };
}
