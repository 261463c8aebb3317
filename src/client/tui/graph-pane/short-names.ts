import { truncateCells } from '../../format/cells.ts';
import { displayName } from '../../graph/collapse.ts';

/**
 * Shortens names to their widths. It cuts the middle, unless that is the part that distinguishes the
 * names: then it cuts the part that they share.
 */
export function shortNames(names: readonly string[], widthOf: (name: string) => number): Map<string, string> {
  const short = new Map(names.map((name) => [name, truncateCells(displayName(name), widthOf(name))]));
  const alike = new Map<string, string[]>();
  for (const name of names) {
    const key = short.get(name) ?? '';
    alike.set(key, [...(alike.get(key) ?? []), name]);
  }
  for (const group of alike.values()) {
    if (group.length < 2) continue;
    const texts = group.map((name) => displayName(name));
    const head = shared(texts);
    const tail = shared(texts.map((text) => [...text].reverse().join('')));
    for (const name of group) short.set(name, around(displayName(name), head, tail, widthOf(name)));
  }
  return short;
}

/** Keeps the part between `head` and `tail`, and as much as fits of the text before it. */
function around(text: string, head: number, tail: number, width: number): string {
  const telling = text.slice(head, Math.max(head, text.length - tail));
  const end = tail === 0 ? '' : '…';
  const room = width - telling.length - end.length - 1;
  if (room < 0) return truncateCells(`…${telling}`, width);
  const after = Math.min(tail, Math.floor(room / 2));
  const before = text.slice(0, Math.max(0, Math.min(head, room - after)));
  const last =
    tail === after ? text.slice(text.length - tail) : `${text.slice(text.length - tail, text.length - tail + after)}…`;
  return truncateCells(`${before.length === head ? before : `${before}…`}${telling}${tail === 0 ? '' : last}`, width);
}

/** The length of the common prefix. */
function shared([first = '', ...rest]: readonly string[]): number {
  let length = first.length;
  for (const text of rest) while (!text.startsWith(first.slice(0, length))) length--;
  return length;
}
