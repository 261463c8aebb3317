import type blessed from 'blessed';
import type { Input } from './input.ts';

/** The process is stopped within this time; without a shell that watches it, it continues then. */
const STOPPED_MS = 100;

interface SuspendScreen {
  leave(): void;
  enter(): void;
  realloc(): void;
}

/**
 * Gives the terminal back to the shell and stops the whole process group, as the terminal's own Ctrl-Z would: npm, which
 * may have started us, too. `resumed` is called when the shell continues us (`fg`): a timer needs no signal handler.
 */
export function suspendScreen(
  screen: blessed.Widgets.Screen,
  input: Input,
  resumed: () => void,
  stop: () => void = stopGroup,
): NodeJS.Timeout {
  const own = screen as unknown as SuspendScreen;
  own.leave();
  input.close();
  stop();
  return setTimeout(() => {
    input.open();
    own.enter();
    // The screen has other content now: draw all of it.
    own.realloc();
    resumed();
  }, STOPPED_MS);
}

function stopGroup(): void {
  process.kill(0, 'SIGTSTP');
}
