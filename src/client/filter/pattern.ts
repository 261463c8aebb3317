import type { Endpoint } from '../model/connection.ts';
import type { ConnectionPredicate, FilterValue, Side } from './field.ts';

export type TextPredicate = (text: string | undefined) => boolean;

/**
 * A case-insensitive test of texts. `*` stands for any text; a pattern with `*` must match the whole text. Otherwise `loose` says what
 * matches: the same text, one that begins with it, or one that contains it. Unknown never matches.
 */
export function compilePattern({ text, quoted }: FilterValue, loose: 'same' | 'begins' | 'contains'): TextPredicate {
  const wanted = text.toLowerCase();
  if (!quoted && wanted.includes('*')) {
    const pieces = wanted.split('*');
    return (one) => one !== undefined && fits(one.toLowerCase(), pieces);
  }
  if (loose === 'same') return (one) => one?.toLowerCase() === wanted;
  if (loose === 'begins') return (one) => one?.toLowerCase().startsWith(wanted) ?? false;
  return (one) => one?.toLowerCase().includes(wanted) ?? false;
}

/** Whether the text consists of the pieces in order, with any text between them. Takes linear time. */
function fits(text: string, pieces: readonly string[]): boolean {
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const piece of pieces.slice(1, -1)) {
    const at = text.indexOf(piece, from);
    if (at < 0 || at + piece.length > end) return false;
    from = at + piece.length;
  }
  return from <= end;
}

/** The same test, run once for each endpoint: there are few endpoints and many connections. */
export function memoizeByEndpoint(test: (endpoint: Endpoint) => boolean): (endpoint: Endpoint) => boolean {
  const known = new WeakMap<Endpoint, boolean>();
  return (endpoint) => {
    let answer = known.get(endpoint);
    if (answer === undefined) {
      answer = test(endpoint);
      known.set(endpoint, answer);
    }
    return answer;
  };
}

/** A test of objects with a namespace and a name, for "name" or "namespace/name". */
export function namespacedNamePattern(
  value: FilterValue,
  loose: 'same' | 'begins',
): (namespace: string | undefined, name: string | undefined) => boolean {
  const slash = value.text.indexOf('/');
  const fits = compilePattern({ ...value, text: value.text.slice(slash + 1) }, loose);
  if (slash < 0) return (_, name) => fits(name);
  const fitsNamespace = compilePattern({ ...value, text: value.text.slice(0, slash) }, 'same');
  return (namespace, name) => fitsNamespace(namespace) && fits(name);
}

/** A test of the source, the destination, or either. */
export function endpointPredicate(test: (endpoint: Endpoint) => boolean, side: Side): ConnectionPredicate {
  const once = memoizeByEndpoint(test);
  if (side === 'from') return ({ source }) => once(source);
  if (side === 'to') return ({ destination }) => once(destination);
  return ({ source, destination }) => once(source) || once(destination);
}

export function anyOf(a: ConnectionPredicate, b: ConnectionPredicate): ConnectionPredicate {
  return (connection, now) => a(connection, now) || b(connection, now);
}
