const NAMES: Readonly<Record<string, string>> = {
  pageup: 'PgUp',
  pagedown: 'PgDn',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
};

/** Keys as people read them: "C-x" is "Ctrl-x", "g x" is "gx". */
export function shownKeys(keys: string): string {
  return keys.split(' ').map(shownKey).join('');
}

function shownKey(key: string): string {
  if (/^[CMS]-./.test(key)) {
    const modifier = { C: 'Ctrl', M: 'Alt', S: 'Shift' }[key.charAt(0)];
    return `${modifier}-${shownKey(key.slice(2))}`;
  }
  if ([...key].length === 1) return key;
  return NAMES[key] ?? key.charAt(0).toUpperCase() + key.slice(1);
}
