import type blessed from 'blessed';
import type { KeyPress } from '../state/prompt.ts';

export function listenKeys(screen: blessed.Widgets.Screen, pressed: (key: KeyPress) => void): void {
  screen.on('keypress', (character: string | undefined, { full, ctrl }: { full: string; ctrl?: boolean }) => {
    // Enter comes twice: as "return" and as "enter".
    if (full === 'return') return;
    const isText = !ctrl && character !== undefined && character >= ' ' && character !== '\x7f';
    pressed({ name: full, text: isText ? character : '' });
  });
}
