import { cells, cutCells } from '../../format/cells.ts';
import type { Style } from './style.ts';

/** A piece of a line in one style. Each UTF-16 code unit is one terminal cell (see format/cells.ts). */
export interface Span {
  readonly text: string;
  readonly style?: Style;
}

export type Line = readonly Span[];

export function span(text: string, style?: Style): Span {
  const shown = cells(text);
  return style === undefined ? { text: shown } : { text: shown, style };
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + text.length, 0);
}

/** For tests, and for output without styles. */
export function lineText(line: Line): string {
  return line.map(({ text }) => text).join('');
}

/** The minimum width for two columns. */
const MIN_TWO_COLUMN_WIDTH = 120;
const GUTTER = 3;

/** Puts unbreakable pieces into as few lines as possible, with `between` between the pieces of a line. */
export function joinWrapped(pieces: readonly Line[], between: Line, width: number): Line[] {
  const lines: Line[] = [];
  for (const piece of pieces) {
    const last = lines.at(-1);
    const longer = last === undefined ? undefined : [...last, ...between, ...piece];
    if (longer !== undefined && lineWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(piece);
  }
  return lines;
}

/** Puts lines side by side if they fit, else below each other. Each side gets its width. */
export function besideColumns(
  left: (width: number) => readonly Line[],
  right: (width: number) => readonly Line[],
  width: number,
): readonly Line[] {
  if (width < MIN_TWO_COLUMN_WIDTH) return [...left(width), ...right(width)];
  const half = Math.floor((width - GUTTER) / 2);
  const [here, there] = [left(half), right(width - half - GUTTER)];
  return Array.from({ length: Math.max(here.length, there.length) }, (_, row) => {
    const [one, other] = [clip(here[row] ?? [], half), there[row]];
    return other === undefined ? one : [...one, span(' '.repeat(half - lineWidth(one) + GUTTER)), ...other];
  });
}

/** Cuts a line after `width` cells. */
export function clip(line: Line, width: number): Line {
  const clipped: Span[] = [];
  let left = width;
  for (const part of line) {
    if (left <= 0) break;
    clipped.push(part.text.length <= left ? part : { ...part, text: cutCells(part.text, left) });
    left -= part.text.length;
  }
  return clipped;
}

/** Wraps a line between words; all lines but the first start with `indent` blanks. */
export function wrapLine(line: Line, width: number, indent: number): readonly Line[] {
  if (lineWidth(line) <= width || width <= indent) return [line];
  const lines: Span[][] = [[]];
  let room = width;
  for (const { text, style } of line)
    for (const word of text.split(/(?<= )(?=\S)/)) {
      const length = word.trimEnd().length;
      if (length > room && room < width - (lines.length > 1 ? indent : 0)) {
        lines.push([span(' '.repeat(indent))]);
        room = width - indent;
      }
      lines.at(-1)?.push(span(word, style));
      room -= word.length;
    }
  return lines.map((one) => clip(one, width));
}

/** Wraps words into lines of at most `width` cells; a longer word is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of cells(text).split(' ')) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current);
      current = '';
    }
    current = current === '' ? word : `${current} ${word}`;
    while (current.length > width && width > 0) {
      lines.push(cutCells(current, width));
      current = current.slice(width);
    }
  }
  if (current !== '' || lines.length === 0) lines.push(current);
  return lines;
}
