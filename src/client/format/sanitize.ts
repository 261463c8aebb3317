import { redactSecrets } from './secrets.ts';

declare const CLEAN: unique symbol;

/** Tests write names down themselves: test/plain-text.d.ts takes the mark away for them. */
// biome-ignore lint/suspicious/noEmptyInterface: that is where the tests add to it.
export interface CleanTextMark {}

/**
 * Text from outside that can be printed. Only decoders make it, where text enters: then the compiler finds what was not cleaned.
 * Identifiers for look-ups and for opening files stay raw texts.
 */
export type CleanText = string & (CleanTextMark extends { readonly off: true } ? unknown : { readonly [CLEAN]: true });

/** Longer than any name that Kubernetes or the DNS gives. */
const MAX_NAME_LENGTH = 256;
/** One character at the cut may be as long as this, and still be looked at whole. */
const MAX_CHARACTER_LENGTH = 64;
/** More marks than this on one letter are drawn over the lines around it. */
const MAX_MARKS = 4;

const REPLACEMENT = '\ufffd';
const SEGMENTER = new Intl.Segmenter('en');

/** Characters that look like a space, or like nothing, and are none of the categories below. */
const BLANK = '\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u2800\\u3000\\u{13441}\\u{13442}\\u{16fe4}\\u{1d159}';
/**
 * What a terminal obeys (Cc), what turns the direction of writing or cannot be seen (Cf, default ignorable, blank), what ends a
 * line (Zl, Zp), and what stands for nothing (Cs, Cn, Co).
 */
const REPLACED = new RegExp(`[\\p{C}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}${BLANK}]`, 'u');
/** Texts without any of these need no closer look. */
const SUSPECT = new RegExp(`[\\p{C}\\p{Zl}\\p{Zp}\\p{M}\\p{Default_Ignorable_Code_Point}${BLANK}]`, 'u');
/** The same for our own text: it may have lines, and blanks of every width. */
const TERMINAL_CONTROL = /[^\P{Cc}\t\n]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const MARK = /^\p{M}$/u;
const SELECTOR = /^\p{Variation_Selector}$/u;
const LETTER = /^(?!\p{Default_Ignorable_Code_Point})\p{L}$/u;
const EMOJI = /^[\p{Extended_Pictographic}\p{Emoji_Modifier}]$/u;
/** Characters of which a selector chooses the form: emoji, digits of keycaps, ideographs, and scripts that have such forms. */
const HAS_FORMS =
  /^[\p{Extended_Pictographic}\p{Emoji}\p{Sm}\p{Script=Han}\p{Script=Mongolian}\p{Script=Myanmar}\p{Script=Phags_Pa}]$/u;
/** England, Scotland, Wales: a black flag, and letters that only a flag has. */
const TAG_FLAG = /^(?:gbeng|gbsct|gbwls)$/;
const KEYCAP = '\u20e3';
const FLAG = '\u{1f3f4}';
const CANCEL_TAG = '\u{e007f}';
const FIRST_TAG = 0xe0000;

/**
 * A name from outside, as it may be shown: what cannot be shown, or looks like something else, becomes "�", one for each
 * character. Nothing is left out, so two names never come to look alike for that. What is too long to be a name is cut between
 * two characters, as people count them.
 */
export function cleanText(text: string): CleanText {
  return cleanTo(text, MAX_NAME_LENGTH);
}

/** The same, with another length at which it is cut. */
export function cleanTo(text: string, longest: number): CleanText {
  if (text.length <= longest) return cleaned(text) as CleanText;
  const start = cleaned(text.slice(0, longest + MAX_CHARACTER_LENGTH));
  let end = 0;
  for (const { index, segment } of SEGMENTER.segment(start)) {
    if (index + segment.length > longest - 1) break;
    end = index + segment.length;
  }
  return `${start.slice(0, end)}…` as CleanText;
}

/** The longest reason that a person reads. */
export const MAX_SENTENCE_LENGTH = 2048;

/** A reason or message from outside, without the credentials that kflow uses. What ends its last line does not belong to it. */
export function cleanSentence(text: string): CleanText {
  return cleanTo(redactSecrets(text).trim(), MAX_SENTENCE_LENGTH);
}

/** The longest path that Linux opens is longer; nobody reads it. */
const MAX_PATH_LENGTH = 1024;

/** A path, an argument or a variable's value, for messages: what is opened or looked up is the raw one. */
export function cleanPath(text: string): CleanText {
  return cleanTo(text, MAX_PATH_LENGTH);
}

/** Text that the source code itself has is our own; other text has to be clean. */
type Own<Value> = string extends Value ? CleanText : Value;

/** Our own words about clean text: sentence`pod ${name} was deleted`. */
export function sentence<Values extends readonly (string | number)[]>(
  strings: TemplateStringsArray,
  ...values: { [At in keyof Values]: Own<Values[At]> }
): CleanText {
  return String.raw({ raw: strings }, ...values) as CleanText;
}

/** Clean texts with our own words between them. */
export function joined(texts: readonly CleanText[], between: string): CleanText {
  return texts.join(between) as CleanText;
}

function cleaned(text: string): string {
  if (!SUSPECT.test(text)) return text;
  const characters = [...text];
  let clean = '';
  let base = '';
  let previous = '';
  let marks = 0;
  const put = (character: string) => {
    clean += character;
    previous = character;
  };
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const next = characters[at + 1] ?? '';
    if (SELECTOR.test(character)) put(previous === base && hasForms(base, next) ? character : REPLACEMENT);
    else if (MARK.test(character) && !REPLACED.test(character))
      put(base !== '' && ++marks <= MAX_MARKS ? character : REPLACEMENT);
    else if (isJoiner(character) && joins(base, previous, next)) put(character);
    else if (REPLACED.test(character)) {
      put(REPLACEMENT);
      base = REPLACEMENT;
      marks = 0;
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

/** Between two letters a joiner chooses their form; between two emoji it makes them one. */
function joins(base: string, previous: string, next: string): boolean {
  if (isJoiner(previous) || previous === REPLACEMENT) return false;
  return LETTER.test(base) ? LETTER.test(next) : EMOJI.test(base) && EMOJI.test(next);
}

/** Whether a selector after `base` changes what is seen. A digit's does only in a keycap. */
function hasForms(base: string, next: string): boolean {
  return /^[0-9#*]$/.test(base) ? next === KEYCAP : HAS_FORMS.test(base);
}

/** The rest of a flag that begins before `at`; empty: there is none. */
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
 * The last look at what goes to a terminal or to stderr: nothing but ends of lines, tabs and colours steers it. What enters is
 * cleaned there; this is for what was overlooked.
 */
export function forTerminal(text: string): string {
  if (!TERMINAL_CONTROL.test(text)) return text;
  return text
    .split(SGR)
    .map((piece, i) => (i % 2 === 1 ? piece : forClipboard(piece)))
    .join('');
}

/** The same where there are no colours. */
export function forClipboard(text: string): string {
  return TERMINAL_CONTROL.test(text) ? [...text].map(removeControls).join('') : text;
}

/** Joiners and flags of text that was cleaned stay. */
function removeControls(character: string): string {
  if (isJoiner(character) || /^[\u{e0061}-\u{e007a}\u{e007f}]$/u.test(character)) return character;
  return TERMINAL_CONTROL.test(character) ? REPLACEMENT : character;
}

/**
 * JSON on one line (or indented), that can be printed: JSON itself leaves the control characters from U+007F on as they are,
 * and those that turn the direction of writing. Who reads it gets the same texts.
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
