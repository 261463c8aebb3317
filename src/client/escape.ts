/** Longer than any name that Kubernetes or the DNS gives. */
const LONGEST = 256;

/**
 * What must not come from outside to a screen, a log or a table: control characters (a terminal obeys them), format
 * characters (they turn the direction of writing, or hide), line and paragraph separators, halves of surrogate pairs,
 * characters that stand for nothing. What joins two emoji to one (U+200D) may stay.
 */
const UNPRINTABLE =
  /(?!(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)\u200d(?=\p{Extended_Pictographic}))[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Co}\p{Zl}\p{Zp}]/u;
const ALL_UNPRINTABLE = new RegExp(UNPRINTABLE, 'gu');

/** Text from outside, safe to print: each such character becomes "�", and what is too long to be a name is cut off. */
export function cleanText(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
  return UNPRINTABLE.test(short) ? short.replace(ALL_UNPRINTABLE, '\ufffd') : short;
}

/**
 * JSON on one line (or indented), that can be printed: JSON itself leaves the control characters from U+007F on as they are,
 * and those that turn the direction of writing. Who reads it gets the same texts.
 */
export function printableJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent);
  return NOT_IN_JSON.test(text) ? text.replace(ALL_NOT_IN_JSON, escaped) : text;
}

const NOT_IN_JSON = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/u;
const ALL_NOT_IN_JSON = new RegExp(NOT_IN_JSON, 'gu');

function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
