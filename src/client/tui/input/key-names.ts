const NAMES: Readonly<Record<string, string>> = {
  pageup: 'PgUp',
  pagedown: 'PgDn',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
};

/** Keys in the help: "C-x" is "Ctrl-x", "g x" is "gx". */
export function formatKeys(keys: string): string {
  return keys.split(' ').map(formatKey).join('');
}

function formatKey(key: string): string {
  if (/^[CMS]-./.test(key)) {
    const modifier = { C: 'Ctrl', M: 'Alt', S: 'Shift' }[key.charAt(0)];
    return `${modifier}-${formatKey(key.slice(2))}`;
  }
  if ([...key].length === 1) return key;
  return NAMES[key] ?? key.charAt(0).toUpperCase() + key.slice(1);
}
