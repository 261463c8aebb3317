import type blessed from 'blessed';

/** A process that may be stopped is stopped within this time; one that may not (no shell watches it) goes on then. */
const STOPPED_MS = 100;

interface SuspendScreen {
  leave(): void;
  enter(): void;
  realloc(): void;
  readonly program: SuspendProgram;
}

interface SuspendProgram {
  readonly input: NodeJS.ReadStream;
  setMouse(modes: { vt200Mouse: boolean; sgrMouse: boolean }, enable: true): void;
}

/**
 * Gives the terminal back to the shell and stops the whole process group, as the terminal's own Ctrl-Z would: npm, which
 * may have started us, too. `resumed` is called when the shell lets us go on (`fg`): a timer needs no signal handler.
 */
export function suspend(screen: blessed.Widgets.Screen, resumed: () => void, stop = stopGroup): void {
  const own = screen as unknown as SuspendScreen;
  const { program } = own;
  const { input } = program;
  own.leave();
  if (input.isTTY) input.setRawMode(false);
  stop();
  setTimeout(() => {
    if (input.isTTY) input.setRawMode(true);
    own.enter();
    program.setMouse({ vt200Mouse: true, sgrMouse: true }, true);
    // The screen holds something else now: all of it is to be drawn.
    own.realloc();
    resumed();
  }, STOPPED_MS);
}

function stopGroup(): void {
  process.kill(0, 'SIGTSTP');
}
