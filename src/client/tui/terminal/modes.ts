import type blessed from 'blessed';

/** Bracketed paste: pasted text is marked and not read as keys. */
const PASTE_MARKS = { on: '\x1b[?2004h', off: '\x1b[?2004l' };

interface ModalScreen {
  enter(): void;
  leave(): void;
  _listenedMouse: boolean;
  readonly program: {
    readonly isAlt: boolean;
    setMouse(modes: { vt200Mouse: boolean; sgrMouse: boolean }, enable: true): void;
    _write(text: string): void;
  };
}

/** Switches the terminal's input modes on, and off again whenever the screen is left or suspended. */
export function setModes(screen: blessed.Widgets.Screen): void {
  const own = screen as unknown as ModalScreen;
  const { program } = own;
  const enter = own.enter.bind(screen);
  const leave = own.leave.bind(screen);
  const on = () => {
    // Clicks and the wheel, not every move of the mouse.
    program.setMouse({ vt200Mouse: true, sgrMouse: true }, true);
    program._write(PASTE_MARKS.on);
  };
  own.enter = () => {
    enter();
    on();
  };
  own.leave = () => {
    if (program.isAlt) program._write(PASTE_MARKS.off);
    leave();
  };
  // So that blessed switches the mouse off when it leaves.
  own._listenedMouse = true;
  on();
}
