import stringWidth from 'string-width';

const ASCII = /^[\x20-\x7e]*$/;
/** Letters of Latin, dashes, arrows, mathematical signs, lines and dots: each takes one cell, and none joins another. */
const NARROW = /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2190-\u22ff\u2500-\u259f\u25b8\u25cf\u2801-\u28ff]*$/;
/** Format characters without a width that do not join others. */
const FORMAT = /(?!\p{Default_Ignorable_Code_Point})\p{Cf}/gu;
/** Made when it is first needed: that takes some milliseconds. */
let segmenter: Intl.Segmenter | undefined;

/** The width of the text in terminal cells. */
export function textWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  // The library throws for such a character alone (U+0600, U+13430).
  return stringWidth(text.replace(FORMAT, ''), { countAnsiEscapeCodes: true });
}

/** Splits into user-perceived characters: a letter with its marks, an emoji with its skin tone. */
export function graphemes(text: string): string[] {
  if (ASCII.test(text)) return [...text];
  segmenter ??= new Intl.Segmenter('en');
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Cuts text of more than `width` cells in the middle, because ports and suffixes distinguish names. */
export function truncateMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width <= 1) return width === 1 ? '…' : '';
  const end = Math.floor((width - 1) * 0.45);
  const all = graphemes(text);
  const tail = take(all.toReversed(), end).reverse();
  return `${take(all, width - 1 - end).join('')}…${tail.join('')}`;
}

/** Cuts text of more than `width` cells at the end. */
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
