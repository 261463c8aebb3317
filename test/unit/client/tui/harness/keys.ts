const NAMED: Readonly<Record<string, string>> = {
  up: '\x1b[A',
  down: '\x1b[B',
  right: '\x1b[C',
  left: '\x1b[D',
  'S-right': '\x1b[1;2C',
  'S-left': '\x1b[1;2D',
  home: '\x1b[H',
  end: '\x1b[F',
  insert: '\x1b[2~',
  delete: '\x1b[3~',
  pageup: '\x1b[5~',
  pagedown: '\x1b[6~',
  f1: '\x1bOP',
  f5: '\x1b[15~',
  tab: '\t',
  'S-tab': '\x1b[Z',
  enter: '\r',
  return: '\r',
  escape: '\x1b',
  backspace: '\x7f',
  space: ' ',
};

/** What a terminal sends for a key, or for keys one after another ("g g"), by their names in the keymap. */
export function bytesOf(name: string): string {
  const [first = '', ...rest] = name.split(' ');
  const bytes = first === '' ? name : one(first);
  return bytes + rest.map(one).join('');
}

function one(name: string): string {
  const control = /^C-([a-z])$/.exec(name)?.[1];
  if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) - 96);
  const named = NAMED[name];
  if (named !== undefined) return named;
  if ([...name].length === 1) return name;
  throw new Error(`no bytes for the key ${name}`);
}
