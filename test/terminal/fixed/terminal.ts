import { fileURLToPath } from 'node:url';
import { Tmux, type TmuxOptions } from '../tmux.ts';
import type { SnapshotName } from './snapshots.ts';

const CONSOLE = fileURLToPath(new URL('./console.ts', import.meta.url));

/** A terminal with the console over a fixed snapshot in it. */
export function fixedConsole(name: SnapshotName, options: Partial<TmuxOptions> = {}): Tmux {
  return new Tmux({ width: 160, height: 50, command: [process.execPath, CONSOLE, name], ...options });
}
