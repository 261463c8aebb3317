import { graphemes, textWidth } from './width.ts';

/**
 * Cell text: each UTF-16 unit is one cell of the screen. blessed and the layout code count units, and need not
 * know about wide characters, marks and emoji: such a character is a code of the private use area, followed by a filler for
 * each further cell. Output to the terminal turns the codes back into characters.
 */
const FIRST_CODE = 0xe000;
const LAST_CODE = 0xf8fe;
const FILLER = '\uf8ff';

// Characters of one unit and one cell: most texts have no others and need no closer check.
export const SIMPLE =
  /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u22ff\u2500-\u25fc\u25ca-\u25d7\u2713\u2717\u2800-\u28ff\ufffd]*$/;
const HAS_CODES = /[\ue000-\uf8ff]/;
const CODES = /[\ue000-\uf8ff]/g;

/**
 * Characters that control a terminal, change the writing direction, or are unassigned. Joiners and the tags of flags are part of the
 * character before them: the decoder of the text decides where they are allowed (format/sanitize.ts).
 */
const UNPRINTABLE = /(?!\u200c|\u200d|[\u{e0061}-\u{e007f}])[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/gu;
/** A letter with more marks than this would cover the lines around it. */
const MAX_MARKS = 4;
const MARKS = new RegExp(`^(.\\p{M}{${MAX_MARKS}})\\p{M}+$`, 'su');

interface Glyph {
  readonly text: string;
  readonly width: number;
}

const GLYPHS: Glyph[] = [];
const CODE_OF = new Map<string, string>();

/**
 * Converts text from outside for the screen: without control sequences and changes of the writing direction. A control
 * character becomes its picture (␛), other unprintable characters become �. Cell text stays unchanged.
 */
export function cells(text: string): string {
  if (SIMPLE.test(text)) return text;
  const all = graphemes(text.replace(UNPRINTABLE, visibleForm)).map(cellsOf).join('');
  // A private character from outside could be the code of a wide one, so it is replaced.
  return HAS_CODES.test(text) ? repairCells(all, '\ufffd') : all;
}

function visibleForm(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '␡' : '\ufffd';
}

function cellsOf(grapheme: string): string {
  if (SIMPLE.test(grapheme)) return grapheme;
  // Marks after a code are dropped.
  const [first = ''] = grapheme;
  if (HAS_CODES.test(first)) return first === FILLER || glyphOf(first) !== undefined ? first : '\ufffd';
  const marked = MARKS.exec(grapheme);
  if (marked !== null) return `${cellsOf(marked[1] ?? '')}\ufffd`;
  const width = textWidth(grapheme);
  if (width === 0) return '\ufffd';
  if (width === 1 && grapheme.length === 1) return grapheme;
  return codeOf(grapheme, width) + FILLER.repeat(width - 1);
}

function codeOf(text: string, width: number): string {
  const known = CODE_OF.get(text);
  if (known !== undefined) return known;
  // More different characters than codes: no real screen has that many.
  if (FIRST_CODE + GLYPHS.length > LAST_CODE) return '\ufffd';
  const code = String.fromCharCode(FIRST_CODE + GLYPHS.length);
  GLYPHS.push({ text, width });
  CODE_OF.set(text, code);
  return code;
}

function glyphOf(code: string): Glyph | undefined {
  return GLYPHS[code.charCodeAt(0) - FIRST_CODE];
}

/** Whether the text has a character of more than one unit. */
export function isWide(cellText: string): boolean {
  return HAS_CODES.test(cellText);
}

/** Replaces characters that were partly cut off or overwritten by blanks; the number of cells stays the same. */
export function repairCells(text: string, blank = ' '): string {
  if (!HAS_CODES.test(text)) return text;
  let whole = '';
  for (let at = 0; at < text.length; ) {
    const unit = text.charAt(at);
    const width = HAS_CODES.test(unit) ? (glyphOf(unit)?.width ?? 1) : 1;
    const piece = text.slice(at, at + width);
    const isWhole = piece.length === width && [...piece.slice(1)].every((one) => one === FILLER);
    if (unit === FILLER || !isWhole) {
      whole += blank;
      at++;
    } else {
      whole += piece;
      at += width;
    }
  }
  return whole;
}

/** The first `width` cells. */
export function cutCells(text: string, width: number): string {
  return text.length <= width ? text : repairCells(text.slice(0, Math.max(0, width)));
}

/** The original text, for the clipboard and files. */
export function textOf(cellText: string): string {
  return cellText.replace(CODES, (code) => (code === FILLER ? '' : (glyphOf(code)?.text ?? '\ufffd')));
}

/**
 * The output for the terminal. Terminals disagree about the width of characters, above all of new emoji: so after each of them the
 * cursor is set to the cell after its start, and each filler moves it by one more cell.
 */
export function toTerminal(output: string): string {
  if (!HAS_CODES.test(output)) return output;
  const drawn = output.replace(CODES, (code) => {
    const glyph = code === FILLER ? undefined : glyphOf(code);
    if (glyph === undefined) return '\x1b[C';
    return `\x1b7${' '.repeat(glyph.width)}\x1b8${glyph.text}\x1b8\x1b[C`;
  });
  // Restoring the cursor also restores the style that was saved with it.
  return `${drawn}\x1b[m`;
}

/** Converts text from outside for the screen: see `cells`. */
export const toCells = cells;

export type Align = 'left' | 'right';

/** The text in exactly `width` cells. Longer text is cut in the middle, because ports and suffixes distinguish names. */
export function pad(text: string, width: number, align: Align = 'left'): string {
  if (width <= 0) return '';
  const short = truncateCells(text, width);
  return align === 'left' ? short.padEnd(width) : short.padStart(width);
}

/** The same for sentences: longer text is cut at the end. */
export function padStart(text: string, width: number): string {
  const all = cells(text);
  if (all.length <= width) return all.padEnd(width);
  return `${cutCells(all, width - 1).trimEnd()}…`.padEnd(width);
}

/** At most `width` cells. */
export function truncateCells(text: string, width: number): string {
  const all = repairCells(cells(text));
  if (all.length <= width) return all;
  if (width <= 1) return width === 1 ? '…' : '';
  const end = Math.floor((width - 1) * 0.45);
  const [before, after] = [cutCells(all, width - 1 - end), end > 0 ? repairCells(all.slice(-end)) : ''];
  // Half of a wide character becomes a blank.
  return isWide(all) ? `${before.trimEnd()}…${after.trimStart()}` : `${before}…${after}`;
}
