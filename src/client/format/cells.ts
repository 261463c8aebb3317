import { graphemes, textWidth } from './width.ts';

/**
 * The screen's own text: each UTF-16 unit is one cell. blessed and all that lays lines out count units, and neither need
 * know of wide characters, marks and emoji: such a character is a code of the private use area, followed by a filler for
 * each further cell. On the way to the terminal the codes become characters again.
 */
const FIRST_CODE = 0xe000;
const LAST_CODE = 0xf8fe;
const FILLER = '\uf8ff';

// What is one unit and one cell, so that most texts need no look at each of their characters.
export const SIMPLE =
  /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u22ff\u2500-\u25fc\u25ca-\u25d7\u2713\u2717\u2800-\u28ff\ufffd]*$/;
const HAS_CODES = /[\ue000-\uf8ff]/;
const CODES = /[\ue000-\uf8ff]/g;

/**
 * A terminal obeys them, they turn the direction of writing, or they stand for nothing. Joiners and the tags of flags are part of the
 * character before them: where they may stand is decided where text enters (format/sanitize.ts).
 */
const UNPRINTABLE = /(?!\u200c|\u200d|[\u{e0061}-\u{e007f}])[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/gu;
/** More marks than this on one letter are drawn over the lines around it. */
const MAX_MARKS = 4;
const MARKS = new RegExp(`^(.\\p{M}{${MAX_MARKS}})\\p{M}+$`, 'su');

interface Glyph {
  readonly text: string;
  readonly width: number;
}

const GLYPHS: Glyph[] = [];
const CODE_OF = new Map<string, string>();

/**
 * Text from outside, made fit for the screen: no control sequence, no change of the writing direction. A control
 * character becomes its picture (␛), others that cannot be shown become �. What is so already stays as it is.
 */
export function cells(text: string): string {
  if (SIMPLE.test(text)) return text;
  const all = graphemes(text.replace(UNPRINTABLE, visibleForm)).map(cellsOf).join('');
  // A private character from outside may be the code of a wide one: alone, it is not that one.
  return HAS_CODES.test(text) ? repairCells(all, '\ufffd') : all;
}

function visibleForm(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '␡' : '\ufffd';
}

function cellsOf(grapheme: string): string {
  if (SIMPLE.test(grapheme)) return grapheme;
  // With marks after a code, it is no more than the code.
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
  // More different characters than codes: nobody reads that many scripts at once.
  if (FIRST_CODE + GLYPHS.length > LAST_CODE) return '\ufffd';
  const code = String.fromCharCode(FIRST_CODE + GLYPHS.length);
  GLYPHS.push({ text, width });
  CODE_OF.set(text, code);
  return code;
}

function glyphOf(code: string): Glyph | undefined {
  return GLYPHS[code.charCodeAt(0) - FIRST_CODE];
}

/** Whether a character of it is more than a unit. */
export function isWide(cellText: string): boolean {
  return HAS_CODES.test(cellText);
}

/** The same number of cells, with blanks in the place of characters of which a part was cut away, or written over. */
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

/** At most `width` cells of it. */
export function cutCells(text: string, width: number): string {
  return text.length <= width ? text : repairCells(text.slice(0, Math.max(0, width)));
}

/** The text itself: for the clipboard and files. */
export function textOf(cellText: string): string {
  return cellText.replace(CODES, (code) => (code === FILLER ? '' : (glyphOf(code)?.text ?? '\ufffd')));
}

/**
 * What the terminal is sent. Terminals disagree about how wide a character is, above all about new emoji: after each the
 * cursor is put where it belongs, a cell further than it was, and each filler moves it by another.
 */
export function toTerminal(output: string): string {
  if (!HAS_CODES.test(output)) return output;
  const drawn = output.replace(CODES, (code) => {
    const glyph = code === FILLER ? undefined : glyphOf(code);
    if (glyph === undefined) return '\x1b[C';
    return `\x1b7${' '.repeat(glyph.width)}\x1b8${glyph.text}\x1b8\x1b[C`;
  });
  // Code that restores a cursor saved earlier gets the style of the last of these with it.
  return `${drawn}\x1b[m`;
}

/** Text from outside, made fit for the screen: see `cells`. */
export const toCells = cells;

export type Align = 'left' | 'right';

/** The text in exactly `width` cells. Text that is longer loses its middle, since ports and suffixes tell names apart. */
export function pad(text: string, width: number, align: Align = 'left'): string {
  if (width <= 0) return '';
  const short = truncateCells(text, width);
  return align === 'left' ? short.padEnd(width) : short.padStart(width);
}

/** The same for sentences: text that is longer loses its end. */
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
  // Half a wide character is a blank: it says nothing.
  return isWide(all) ? `${before.trimEnd()}…${after.trimStart()}` : `${before}…${after}`;
}
