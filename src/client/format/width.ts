import stringWidth from 'string-width';

const ASCII = /^[\x20-\x7e]*$/;
/** Takes no cell, but is not one that joins others. */
const FORMAT = /(?!\p{Default_Ignorable_Code_Point})\p{Cf}/gu;
const SEGMENTER = new Intl.Segmenter('en');

/** How many cells of a terminal the text takes. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  // Alone, such a character (U+0600, U+13430) makes the library throw.
  return stringWidth(text.replace(FORMAT, ''), { countAnsiEscapeCodes: true });
}

/** What people see as one character each: a letter with its marks, an emoji with its skin tone. */
export function graphemes(text: string): string[] {
  return ASCII.test(text) ? [...text] : Array.from(SEGMENTER.segment(text), ({ segment }) => segment);
}

/** Text that takes more than `width` cells loses its middle, since ports and suffixes tell names apart. */
export function truncateMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width <= 1) return width === 1 ? '…' : '';
  const end = Math.floor((width - 1) * 0.45);
  const all = graphemes(text);
  const tail = take(all.toReversed(), end).reverse();
  return `${take(all, width - 1 - end).join('')}…${tail.join('')}`;
}

/** Text that takes more than `width` cells loses its end. */
export function truncateEnd(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  return width <= 0
    ? ''
    : `${take(graphemes(text), width - 1)
        .join('')
        .trimEnd()}…`;
}

/** As many from the start as fit. */
function take(all: readonly string[], width: number): string[] {
  let used = 0;
  const end = all.findIndex((one) => {
    used += textWidth(one);
    return used > width;
  });
  return all.slice(0, end < 0 ? all.length : end);
}
