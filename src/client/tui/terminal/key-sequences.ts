import type { InputEvent } from './input-events.ts';

/** By the letter that ends CSI or SS3. */
const LETTERS: Readonly<Record<string, string>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  E: 'clear',
  F: 'end',
  H: 'home',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
};

/** By the number before "~". */
const NUMBERS: Readonly<Record<string, string>> = {
  ...{ 1: 'home', 2: 'insert', 3: 'delete', 4: 'end', 5: 'pageup', 6: 'pagedown', 7: 'home', 8: 'end' },
  ...{ 11: 'f1', 12: 'f2', 13: 'f3', 14: 'f4', 15: 'f5', 17: 'f6', 18: 'f7', 19: 'f8', 20: 'f9', 21: 'f10' },
  ...{ 23: 'f11', 24: 'f12' },
};

/** Keypad keys in application mode, by the letter after SS3. */
const KEYPAD: Readonly<Record<string, string>> = {
  ...{ ' ': ' ', X: '=', j: '*', k: '+', l: ',', m: '-', n: '.', o: '/' },
  ...{ p: '0', q: '1', r: '2', s: '3', t: '4', u: '5', v: '6', w: '7', x: '8', y: '9' },
};

/** Keys that have a code of their own in CSI … u. */
const CODES: Readonly<Record<number, string>> = {
  8: 'backspace',
  9: 'tab',
  13: 'enter',
  27: 'escape',
  127: 'backspace',
};

const [SHIFT, ALT, CTRL, SUPER] = [1, 2, 4, 8];
/** In the third parameter of CSI … u. */
const KEY_RELEASED = '3';

/** A control character: Enter, Tab, Backspace or a letter with Ctrl. */
export function controlKey(byte: number): string {
  switch (byte) {
    case 0x00:
      return 'C-space';
    case 0x08:
    case 0x7f:
      return 'backspace';
    case 0x09:
      return 'tab';
    case 0x0a:
    case 0x0d:
      return 'enter';
  }
  return `C-${String.fromCharCode(byte + 64).toLowerCase()}`;
}

/** ESC [ [ and a letter: what the console of Linux sends. */
export function linuxKey(letter: string): InputEvent | undefined {
  const number = 'ABCDE'.indexOf(letter) + 1;
  return number === 0 ? undefined : { kind: 'key', name: `f${number}` };
}

export function ss3Key(parameters: string, letter: string): InputEvent | undefined {
  const text = KEYPAD[letter];
  if (text !== undefined) return { kind: 'text', text };
  if (letter === 'M') return { kind: 'key', name: 'enter' };
  if (letter === 'I') return { kind: 'key', name: 'tab' };
  // rxvt, with Ctrl.
  if (/^[a-e]$/.test(letter)) return key(LETTERS[letter.toUpperCase()], CTRL);
  return key(LETTERS[letter], modifiersOf(parameters.split(';').at(-1)));
}

export function csiKey(parameters: string, final: string): InputEvent | undefined {
  const [first = '', second, third] = parameters.split(';');
  if (!/^[\d:]*$/.test(first)) return undefined;
  switch (final) {
    case '~':
      if (first === '27' && third !== undefined) return coded(Number(third), modifiersOf(second));
      return key(NUMBERS[first], modifiersOf(second));
    // rxvt: with Ctrl, Shift, and both.
    case '^':
      return key(NUMBERS[first], CTRL);
    case '$':
      return key(NUMBERS[first], SHIFT);
    case '@':
      return key(NUMBERS[first], CTRL | SHIFT);
    case 'u':
      return second?.split(':')[1] === KEY_RELEASED
        ? undefined
        : coded(Number.parseInt(first, 10), modifiersOf(second));
    case 'Z':
      return key('tab', SHIFT);
    case 'R':
      // With a row and a column it is a cursor position report.
      if (first !== '' && first !== '1') return undefined;
      break;
    case 'a':
    case 'b':
    case 'c':
    case 'd':
      return first === '' ? key(LETTERS[final.toUpperCase()], SHIFT) : undefined;
  }
  if (first !== '' && first !== '1' && second !== undefined) return undefined;
  return key(LETTERS[final], modifiersOf(second ?? (first === '1' ? undefined : first)));
}

function modifiersOf(parameter: string | undefined): number {
  const number = Number.parseInt(parameter ?? '', 10);
  return Number.isNaN(number) || number < 1 ? 0 : number - 1;
}

function key(name: string | undefined, modifiers: number): InputEvent | undefined {
  return name === undefined ? undefined : { kind: 'key', name: `${prefix(modifiers)}${name}` };
}

function prefix(modifiers: number): string {
  return `${modifiers & CTRL ? 'C-' : ''}${modifiers & (ALT | SUPER) ? 'M-' : ''}${modifiers & SHIFT ? 'S-' : ''}`;
}

/** A key by its code point, from terminals that report all modifiers. */
function coded(code: number, modifiers: number): InputEvent | undefined {
  const name = CODES[code];
  if (name !== undefined) return key(name, modifiers);
  if (!(code >= 0x20 && code < 0xd800) && !(code > 0xdfff && code <= 0x10ffff)) return undefined;
  const character = String.fromCodePoint(code);
  if ((modifiers & (CTRL | ALT | SUPER)) !== 0)
    return key(character === ' ' ? 'space' : character.toLowerCase(), modifiers & ~SHIFT);
  return { kind: 'text', text: modifiers & SHIFT ? character.toUpperCase() : character };
}
