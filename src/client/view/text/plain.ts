import { cells, cut, isWide, mended } from './cells.ts';

/** Text from outside, made fit for the screen: see `cells`. */
export const plain = cells;

export type Align = 'left' | 'right';

/** The text in exactly `width` cells. Text that is longer loses its middle, since ports and suffixes tell names apart. */
export function fit(text: string, width: number, align: Align = 'left'): string {
  if (width <= 0) return '';
  const short = shorten(text, width);
  return align === 'left' ? short.padEnd(width) : short.padStart(width);
}

/** The same for sentences: text that is longer loses its end. */
export function fitStart(text: string, width: number): string {
  const all = cells(text);
  if (all.length <= width) return all.padEnd(width);
  return `${cut(all, width - 1).trimEnd()}…`.padEnd(width);
}

/** At most `width` cells. */
export function shorten(text: string, width: number): string {
  const all = mended(cells(text));
  if (all.length <= width) return all;
  if (width <= 1) return width === 1 ? '…' : '';
  const end = Math.floor((width - 1) * 0.45);
  const [before, after] = [cut(all, width - 1 - end), end > 0 ? mended(all.slice(-end)) : ''];
  // Half a wide character is a blank: it says nothing.
  return isWide(all) ? `${before.trimEnd()}…${after.trimStart()}` : `${before}…${after}`;
}
