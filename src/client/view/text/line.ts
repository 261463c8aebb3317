import type { Style } from './style.ts';

/** A piece of a line in one style. */
export interface Span {
  readonly text: string;
  readonly style?: Style;
}

export type Line = readonly Span[];

export function span(text: string, style?: Style): Span {
  return style === undefined ? { text } : { text, style };
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + text.length, 0);
}

/** For tests, and for what is not a terminal. */
export function lineText(line: Line): string {
  return line.map(({ text }) => text).join('');
}

/** Cuts a line after `width` cells. */
export function clip(line: Line, width: number): Line {
  const clipped: Span[] = [];
  let left = width;
  for (const part of line) {
    if (left <= 0) break;
    clipped.push(part.text.length <= left ? part : { ...part, text: part.text.slice(0, left) });
    left -= part.text.length;
  }
  return clipped;
}

/** Breaks words into lines of at most `width` cells; a word that is longer is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current);
      current = '';
    }
    current = current === '' ? word : `${current} ${word}`;
    while (current.length > width && width > 0) {
      lines.push(current.slice(0, width));
      current = current.slice(width);
    }
  }
  if (current !== '' || lines.length === 0) lines.push(current);
  return lines;
}
