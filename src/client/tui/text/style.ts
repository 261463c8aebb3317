/** The meaning of a text; the theme decides its look. */
export type Style =
  | 'dim'
  | 'strong'
  | 'title'
  | 'focus'
  | 'heading'
  | 'sorted'
  | 'key'
  | 'good'
  | 'warn'
  | 'bad'
  /** An invalid term. */
  | 'fault'
  | 'cursor'
  | 'stale'
  | 'rule'
  | 'bar'
  | 'heat1'
  | 'heat2'
  | 'heat3'
  | 'heat4'
  | 'heat5';

export type ColorDepth = 'none' | '16' | '256';

/** Behind a whole line. */
export type Background = 'selected' | 'resting' | 'bar';

interface StyleSequences {
  /** SGR parameters; `off` resets exactly what `on` sets. */
  readonly on: string;
  readonly off: string;
}

function foreground(colour: number, bold = false): StyleSequences {
  const code = colour < 8 ? `${30 + colour}` : colour < 16 ? `${82 + colour}` : `38;5;${colour}`;
  return bold ? { on: `1;${code}`, off: '22;39' } : { on: code, off: '39' };
}

const INVERSE: StyleSequences = { on: '7', off: '27' };
const BOLD: StyleSequences = { on: '1', off: '22' };
const UNDERLINE: StyleSequences = { on: '4', off: '24' };
const NOTHING: StyleSequences = { on: '', off: '' };

const IN_256: Record<Style, StyleSequences> = {
  dim: foreground(245),
  strong: BOLD,
  title: foreground(252, true),
  focus: foreground(81, true),
  heading: foreground(110),
  sorted: foreground(153, true),
  key: foreground(81),
  good: foreground(114),
  warn: foreground(221),
  bad: foreground(203, true),
  fault: { on: '1;4;38;5;203', off: '22;24;39' },
  cursor: INVERSE,
  stale: foreground(241),
  rule: foreground(239),
  bar: foreground(252),
  heat1: foreground(67),
  heat2: foreground(74),
  heat3: foreground(79),
  heat4: foreground(185),
  heat5: foreground(215, true),
};

// Only colours that are readable on black and on white; the terminal decides its own black and white.
const IN_16: Record<Style, StyleSequences> = {
  dim: foreground(8),
  strong: BOLD,
  title: BOLD,
  focus: foreground(6, true),
  heading: foreground(6),
  sorted: foreground(6, true),
  key: foreground(6),
  good: foreground(2),
  warn: foreground(3),
  bad: foreground(1, true),
  fault: { on: '1;4;31', off: '22;24;39' },
  cursor: INVERSE,
  stale: foreground(8),
  rule: foreground(8),
  bar: NOTHING,
  heat1: foreground(4),
  heat2: foreground(6),
  heat3: foreground(2),
  heat4: foreground(3),
  heat5: foreground(3, true),
};

const IN_NONE: Record<Style, StyleSequences> = {
  dim: NOTHING,
  strong: BOLD,
  title: BOLD,
  focus: { on: '1;4', off: '22;24' },
  heading: NOTHING,
  sorted: BOLD,
  key: BOLD,
  good: NOTHING,
  warn: BOLD,
  bad: BOLD,
  fault: { on: '1;4', off: '22;24' },
  cursor: INVERSE,
  stale: NOTHING,
  rule: NOTHING,
  bar: NOTHING,
  heat1: NOTHING,
  heat2: NOTHING,
  heat3: NOTHING,
  heat4: NOTHING,
  heat5: BOLD,
};

const BACKGROUNDS: Record<ColorDepth, Record<Background, StyleSequences>> = {
  '256': {
    selected: { on: '48;5;24', off: '49' },
    resting: { on: '48;5;237', off: '49' },
    bar: { on: '48;5;236', off: '49' },
  },
  '16': { selected: INVERSE, resting: UNDERLINE, bar: INVERSE },
  none: { selected: INVERSE, resting: UNDERLINE, bar: INVERSE },
};

const STYLE_TABLES: Record<ColorDepth, Record<Style, StyleSequences>> = { '256': IN_256, '16': IN_16, none: IN_NONE };

/** The text with the style's SGR sequences around it. */
export function applyStyle(text: string, style: Style | undefined, depth: ColorDepth): string {
  if (style === undefined) return text;
  const look = STYLE_TABLES[depth][style];
  return look.on === '' ? text : `\x1b[${look.on}m${text}\x1b[${look.off}m`;
}

/** The start of a backdrop, which lasts to the end of the line. Inverse already highlights it, so it has no colours. */
export function openBackground(background: Background, depth: ColorDepth): string {
  return `\x1b[${BACKGROUNDS[depth][background].on}m`;
}

export function closeBackground(background: Background, depth: ColorDepth): string {
  return `\x1b[${BACKGROUNDS[depth][background].off}m`;
}

/** How many colours the terminal supports. Any value of `NO_COLOR` means none (no-color.org). */
export function colorDepth(env: Readonly<Record<string, string | undefined>>): ColorDepth {
  if ((env.NO_COLOR ?? '') !== '') return 'none';
  const term = env.TERM ?? '';
  if (term === 'vt100' || term === 'vt220') return 'none';
  if (/256color|kitty|alacritty|ghostty|foot|wezterm|direct/.test(term)) return '256';
  return (env.COLORTERM ?? '') === '' ? '16' : '256';
}

const STYLES: readonly Style[] = ['rule', 'heat1', 'heat2', 'heat3', 'heat4', 'heat5'];

export function heatStyle(level: number): Style {
  return STYLES[level] ?? 'rule';
}
