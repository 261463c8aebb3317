// Every character of the screen is one cell wide: what is wider, or has no width, would shift whatever follows it.
const NOT_ONE_CELL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u1100-\u115f\u2028\u2029\u231a\u231b\u23e9-\u23f3\u2e80-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\p{M}\p{Cf}\p{Cs}\p{Co}\p{Cn}]|[\u{10000}-\u{10ffff}]/gu;

/**
 * Text from outside, made fit for the screen: no control sequence, no change of the writing direction, one cell a
 * character. A control character becomes its picture (␛), others that do not fit become �.
 */
export function plain(text: string): string {
  return text.replace(NOT_ONE_CELL, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    return code === 0x7f ? '␡' : '\ufffd';
  });
}

export type Align = 'left' | 'right';

/** The text in exactly `width` cells. Text that is longer loses its middle, since ports and suffixes tell names apart. */
export function fit(text: string, width: number, align: Align = 'left'): string {
  if (width <= 0) return '';
  if (text.length > width) return shorten(text, width);
  return align === 'left' ? text.padEnd(width) : text.padStart(width);
}

/** The same for sentences: text that is longer loses its end. */
export function fitStart(text: string, width: number): string {
  return text.length <= width
    ? text.padEnd(width)
    : `${text.slice(0, Math.max(0, width - 1)).trimEnd()}…`.padEnd(width);
}

/** At most `width` cells. */
export function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  if (width <= 1) return width === 1 ? '…' : '';
  const end = Math.floor((width - 1) * 0.45);
  return `${text.slice(0, width - 1 - end)}…${end > 0 ? text.slice(-end) : ''}`;
}
