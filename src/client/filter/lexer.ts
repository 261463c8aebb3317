import { parseCidr } from '../../flow/address.ts';
import type { FilterValue } from './field.ts';

/** A range in the filter's text: from the character `start` up to, but not including, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Term extends Range {
  readonly negated: boolean;
  /** The text before the colon: "from.port". Absent: free text. */
  readonly field?: Range & { readonly text: string };
  /** Any of these may match. Free text has one. */
  readonly values: readonly (Range & FilterValue)[];
}

export interface TermError extends Range {
  readonly message: string;
}

/** The text before a colon, but not a part of an address: "10.0.0.1:80" does not match, and "dead:beef::1" is checked as an address. */
const FIELD = /^[a-z][a-z.]*:/i;

/** Splits a filter into terms with `!`, `field:`, quotes and commas. It does not check whether fields and values are valid. */
export function tokenize(text: string): { readonly terms: readonly Term[] } | { readonly error: TermError } {
  const terms: Term[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isSpace(text, at)) at++;
    if (at >= text.length) return { terms };
    const start = at;
    const negated = text[at] === '!';
    if (negated) at++;
    const rest = text.slice(at);
    const isAddress = parseCidr(/^\S*/.exec(rest)?.[0] ?? '') !== undefined;
    const name = isAddress ? undefined : FIELD.exec(rest)?.[0];
    const field = name === undefined ? undefined : { text: name.slice(0, -1), start: at, end: at + name.length - 1 };
    if (name !== undefined) at += name.length;
    const values: (Range & FilterValue)[] = [];
    for (;;) {
      const value = readValue(text, at, field !== undefined);
      if ('message' in value) return { error: value };
      values.push(value);
      at = value.end;
      if (field === undefined || text[at] !== ',') break;
      at++;
    }
    terms.push({ start, end: at, negated, values, ...(field === undefined ? {} : { field }) });
  }
}

/** Reads up to a space, or up to a comma in a list; quotes protect both. */
function readValue(text: string, start: number, list: boolean): (Range & FilterValue) | TermError {
  let at = start;
  let value = '';
  let quoted = false;
  while (at < text.length && !isSpace(text, at) && !(list && text[at] === ',')) {
    if (text[at] !== '"') {
      value += text[at];
      at++;
      continue;
    }
    const close = closingQuote(text, at);
    if (close < 0) return { message: 'this quote is not closed', start: at, end: text.length };
    quoted = true;
    value += text.slice(at + 1, close).replace(/\\(["\\])/g, '$1');
    at = close + 1;
  }
  return { text: value, quoted, start, end: at };
}

function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return -1;
}

function isSpace(text: string, at: number): boolean {
  return text[at] === ' ' || text[at] === '\t';
}

/** The text that {@link tokenize} reads as this value: quoted if necessary. */
export function quote(value: FilterValue): string {
  const plain = !value.quoted && value.text !== '' && !/[\s",\\!]/.test(value.text);
  return plain ? value.text : `"${value.text.replace(/["\\]/g, '\\$&')}"`;
}
