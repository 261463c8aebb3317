import { redactSecrets } from './secrets.ts';

declare const CLEAN: unique symbol;

/** Tests use plain strings as names: test/plain-text.d.ts removes the mark for them. */
// biome-ignore lint/suspicious/noEmptyInterface: that is where the tests add to it.
export interface CleanTextMark {}

/**
 * Printable text from outside. Only decoders create it, so the compiler finds text that was not sanitized.
 * Identifiers for look-ups and for opening files stay raw strings.
 */
export type CleanText = string & (CleanTextMark extends { readonly off: true } ? unknown : { readonly [CLEAN]: true });

/** Longer than any name in Kubernetes or the DNS. */
const MAX_NAME_LENGTH = 256;
/** A character at the cut that is not longer than this is still checked as a whole. */
const MAX_CHARACTER_LENGTH = 64;
/** A letter with more marks than this would cover the lines around it. */
const MAX_MARKS = 4;

const REPLACEMENT = '\ufffd';
/** Made when it is first needed: that takes some milliseconds. */
let segmenter: Intl.Segmenter | undefined;

/** Characters that look blank and are not in the categories below. */
const BLANK = '\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u2800\\u3000\\u{13441}\\u{13442}\\u{16fe4}\\u{1d159}';
/**
 * Terminal control (Cc), invisible characters and changes of the writing direction (Cf, default ignorable, blank), ends of a
 * line (Zl, Zp), and characters without a meaning (Cs, Cn, Co).
 */
const REPLACED = new RegExp(`[\\p{C}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}${BLANK}]`, 'u');
/** Most texts. The larger patterns take a while to make when they are first used. */
const PLAIN = /^[\x20-\x7e]*$/;
/** Texts without any of these need no further check. */
const SUSPECT = new RegExp(`[\\p{C}\\p{Zl}\\p{Zp}\\p{M}\\p{Default_Ignorable_Code_Point}${BLANK}]`, 'u');
/** The same for our own text, which may have several lines and any blanks. */
const TERMINAL_CONTROL = /[^\P{Cc}\t\n]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const MARK = /^\p{M}$/u;
const SELECTOR = /^\p{Variation_Selector}$/u;
const LETTER = /^(?!\p{Default_Ignorable_Code_Point})\p{L}$/u;
const EMOJI = /^[\p{Extended_Pictographic}\p{Emoji_Modifier}]$/u;
/** Characters with forms that a variation selector chooses: emoji, digits of keycaps, ideographs, and some scripts. */
const HAS_FORMS =
  /^[\p{Extended_Pictographic}\p{Emoji}\p{Sm}\p{Script=Han}\p{Script=Mongolian}\p{Script=Myanmar}\p{Script=Phags_Pa}]$/u;
/** England, Scotland, Wales: a black flag followed by tag letters. */
const TAG_FLAG = /^(?:gbeng|gbsct|gbwls)$/;
const KEYCAP = '\u20e3';
const FLAG = '\u{1f3f4}';
const CANCEL_TAG = '\u{e007f}';
const FIRST_TAG = 0xe0000;

/**
 * Sanitizes a name from outside: each unprintable or misleading character becomes "�".
 * Nothing is removed, so two names do not become equal by removal. Text that is too long for a name is cut between
 * two graphemes.
 */
export function cleanText(text: string): CleanText {
  return cleanTo(text, MAX_NAME_LENGTH);
}

/** The same with another maximum length. */
export function cleanTo(text: string, longest: number): CleanText {
  if (text.length <= longest) return cleaned(text) as CleanText;
  const start = cleaned(text.slice(0, longest + MAX_CHARACTER_LENGTH));
  let end = 0;
  segmenter ??= new Intl.Segmenter('en');
  for (const { index, segment } of segmenter.segment(start)) {
    if (index + segment.length > longest - 1) break;
    end = index + segment.length;
  }
  return `${start.slice(0, end)}…` as CleanText;
}

/** Longer reasons are not useful to a reader. */
export const MAX_SENTENCE_LENGTH = 2048;

/** A reason or message from outside, without the credentials that kflow uses. What ends its last line does not belong to it. */
export function cleanSentence(text: string): CleanText {
  return cleanTo(redactSecrets(text).trim(), MAX_SENTENCE_LENGTH);
}

/** Linux allows longer paths, but they are not readable in a message. */
const MAX_PATH_LENGTH = 1024;

/** Sanitizes a path, an argument or a variable's value for messages; the raw value is used to open files and for look-ups. */
export function cleanPath(text: string): CleanText {
  return cleanTo(text, MAX_PATH_LENGTH);
}

/** String literals are our own text; other text must be `CleanText`. */
type Own<Value> = string extends Value ? CleanText : Value;

/** Our own sentence with clean text in it: sentence`pod ${name} was deleted`. */
export function sentence<Values extends readonly (string | number)[]>(
  strings: TemplateStringsArray,
  ...values: { [At in keyof Values]: Own<Values[At]> }
): CleanText {
  return String.raw({ raw: strings }, ...values) as CleanText;
}

/** Joins clean texts with our own separator. */
export function joined(texts: readonly CleanText[], between: string): CleanText {
  return texts.join(between) as CleanText;
}

function cleaned(text: string): string {
  if (PLAIN.test(text) || !SUSPECT.test(text)) return text;
  const characters = [...text];
  let clean = '';
  let base = '';
  let previous = '';
  let marks = 0;
  const put = (character: string) => {
    clean += character;
    previous = character;
  };
  // What follows belongs to the replacement, as it does when the result is cleaned again.
  const replace = () => {
    put(REPLACEMENT);
    base = REPLACEMENT;
    marks = 0;
  };
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const next = characters[at + 1] ?? '';
    if (SELECTOR.test(character) && previous === base && hasForms(base, next)) put(character);
    else if (SELECTOR.test(character)) replace();
    else if (MARK.test(character) && !REPLACED.test(character))
      put(base !== '' && ++marks <= MAX_MARKS ? character : REPLACEMENT);
    else if (isJoiner(character) && joins(base, previous, next)) put(character);
    else if (REPLACED.test(character)) {
      replace();
    } else {
      const flag = character === FLAG ? flagAt(characters, at + 1) : [];
      put(character);
      base = character === ' ' ? '' : character;
      marks = 0;
      for (const tag of flag) put(tag);
      at += flag.length;
    }
  }
  return clean;
}

function isJoiner(character: string): boolean {
  return character === '\u200c' || character === '\u200d';
}

/** A joiner between two letters chooses their form; between two emoji it combines them. */
function joins(base: string, previous: string, next: string): boolean {
  if (isJoiner(previous) || previous === REPLACEMENT) return false;
  return LETTER.test(base) ? LETTER.test(next) : EMOJI.test(base) && EMOJI.test(next);
}

/** Whether a variation selector after `base` changes its look. After a digit it does so only in a keycap. */
function hasForms(base: string, next: string): boolean {
  return /^[0-9#*]$/.test(base) ? next === KEYCAP : HAS_FORMS.test(base);
}

/** The rest of a flag that starts before `at`; empty: there is none. */
function flagAt(characters: readonly string[], at: number): readonly string[] {
  const tags = characters.slice(at, at + 6);
  const letters = tags
    .slice(0, 5)
    .map((tag) => String.fromCharCode(Math.max(0, (tag.codePointAt(0) ?? 0) - FIRST_TAG)));
  return tags[5] === CANCEL_TAG && TAG_FLAG.test(letters.join('')) ? tags : [];
}

const ESC = '\x1b';
const SGR = new RegExp(`(${ESC}\\[[0-9;]*m)`);

/**
 * The last check of output to a terminal or to stderr: it keeps only line ends, tabs and colours of the control characters. Decoders
 * sanitize their input already; this is the second line of defence.
 */
export function forTerminal(text: string): string {
  if (!TERMINAL_CONTROL.test(text)) return text;
  return text
    .split(SGR)
    .map((piece, i) => (i % 2 === 1 ? piece : forClipboard(piece)))
    .join('');
}

/** The same without colours. */
export function forClipboard(text: string): string {
  return TERMINAL_CONTROL.test(text) ? [...text].map(removeControls).join('') : text;
}

/** Keeps joiners and flags of clean text. */
function removeControls(character: string): string {
  if (isJoiner(character) || /^[\u{e0061}-\u{e007a}\u{e007f}]$/u.test(character)) return character;
  return TERMINAL_CONTROL.test(character) ? REPLACEMENT : character;
}

/**
 * Printable JSON on one line (or indented): JSON.stringify does not escape control characters from U+007F on,
 * and changes of the writing direction. A parser gets the same strings.
 */
export function stringifyPrintable(value: unknown, indent?: number): string {
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
