import type { ConnectionPredicate, FilterField, Side } from './field.ts';
import { FIELDS, findField } from './fields.ts';
import { freeTextPredicate } from './free-text.ts';
import { quote, type Range, type Term, tokenize } from './lexer.ts';

export type ParsedFilter =
  | { readonly ok: true; readonly match: ConnectionPredicate }
  /** `start` to `end` are the invalid characters. */
  | ({ readonly ok: false; readonly message: string } & Range);

type ParseFailure = Extract<ParsedFilter, { ok: false }>;

/**
 * Parses a filter: terms that must all match. `text` matches any shown text; `field:value` tests one field, `from.field:value` and
 * `to.field:value` one side; `a,b` matches either; `!` before a term negates it; quotes keep spaces, commas and
 * asterisks. Case never matters. An empty filter matches everything.
 */
export function parseFilter(text: string): ParsedFilter {
  const split = tokenize(text);
  if ('error' in split) return { ok: false, ...split.error };
  const tests: ConnectionPredicate[] = [];
  for (const term of split.terms) {
    const test = compileTerm(term);
    if (typeof test !== 'function') return test;
    tests.push(term.negated ? (connection, now) => !test(connection, now) : test);
  }
  const [only] = tests;
  if (only === undefined) return { ok: true, match: () => true };
  if (tests.length === 1) return { ok: true, match: only };
  return { ok: true, match: (connection, now) => tests.every((test) => test(connection, now)) };
}

function compileTerm(word: Term): ConnectionPredicate | ParseFailure {
  if (word.field === undefined) {
    const [value] = word.values;
    if (value === undefined || value.text === '') return parseFailure('a word is missing here', word);
    return freeTextPredicate(value);
  }
  const resolved = resolveField(word.field.text);
  if (typeof resolved === 'string') return parseFailure(resolved, word.field);
  const { field, side } = resolved;
  const tests: ConnectionPredicate[] = [];
  for (const value of word.values) {
    if (value.text === '')
      return parseFailure(`${word.field.text}: needs ${field.accepts}`, value.end > value.start ? value : word);
    const test = field.parse(value, side);
    if (test === undefined) return parseFailure(`"${value.text}" is not ${field.accepts}`, value);
    tests.push(test);
  }
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  return (connection, now) => tests.some((test) => test(connection, now));
}

/** The field and side of the text before a colon, or an error message. */
function resolveField(text: string): { readonly field: FilterField; readonly side: Side } | string {
  const parts = /^(?:(from|to)\.)?(.*)$/i.exec(text);
  const side = (parts?.[1]?.toLowerCase() ?? 'either') as Side;
  const field = findField(parts?.[2] ?? '');
  if (field === undefined) {
    const known = FIELDS.filter((one) => side === 'either' || one.sides.includes(side)).map((one) => one.names[0]);
    return `no field is called "${text}": ${known.join(', ')}${side === 'either' ? ', many with from. or to. before' : ''}`;
  }
  if (side === 'either' || field.sides.includes(side)) return { field, side };
  if (field.missingSideHint !== undefined) return `"${text}" does not exist: ${field.missingSideHint}`;
  const others = field.sides.map((one) => ` and ${one}.${field.names[0]}`).join('');
  return `"${text}" does not exist: ${field.names[0]}${others} ${others === '' ? 'does' : 'do'}`;
}

function parseFailure(message: string, { start, end }: Range): ParseFailure {
  return { ok: false, message, start, end };
}

/**
 * Formats a term that matches any of the values, for command-line options. Each value is
 * used literally, except for `*` and commas, which keep their meaning.
 */
export function formatTerm(field: string, values: readonly string[]): string {
  const all = values.flatMap((value) => value.split(','));
  return `${field}:${all.map((text) => quote({ text, quoted: false })).join(',')}`;
}
