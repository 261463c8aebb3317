import { describeFields } from '../../filter/help.ts';
import type { Binding } from '../input/binding.ts';
import { COMMANDS, ROW_COMMAND } from '../input/commands.ts';
import { KEYMAP } from '../input/keymap.ts';
import { type Line, span, wrap } from '../text/line.ts';

const SECTIONS: readonly Binding['section'][] = ['Move', 'Sort', 'Filter', 'Display', 'Actions', 'Recording', 'Views'];
/** Cells before what an entry says. */
const INDENT = 17;

type Entry = readonly [what: string, says: string];

/** The help, made from the keymap, the columns of the table in use, the commands and the fields of filters. */
export function renderHelp(
  columns: readonly { readonly heading: string; readonly help: string }[],
  width: number,
): Line[] {
  const lines: Line[] = [
    [span('kflow: keys', 'title')],
    ...wrap('the keys that move scroll this · q, Esc and ? close it', width).map((text): Line => [span(text, 'dim')]),
  ];
  const add = (section: string, entries: readonly Entry[]) =>
    lines.push([], [span(section, 'heading')], ...entries.flatMap((entry) => entryLines(entry, width)));
  for (const section of SECTIONS)
    add(
      section,
      KEYMAP.filter((one) => one.section === section).map(({ label, help }) => [label, help]),
    );
  add(
    'Columns',
    columns.map((column) => [column.heading, column.help]),
  );
  add('Marks', [
    ['–', 'unknown: the kernel does not tell'],
    ['✗', 'no answer came'],
    ['◐ 12s', 'stale: not reported by any live agent; time since the last update'],
  ]);
  add('Commands', [
    ...COMMANDS.map(({ name, usage }): Entry => [`:${name}`, usage]),
    [ROW_COMMAND.names, ROW_COMMAND.usage],
  ]);
  add(
    'Filter fields',
    describeFields().map((field) => [`${field.names.split(',')[0]}:`, `${field.help}: ${field.example}`]),
  );
  return lines;
}

function entryLines([what, says]: Entry, width: number): Line[] {
  return wrap(says, Math.max(12, width - INDENT)).map((text, i) => [
    span(i === 0 ? `  ${what.padEnd(INDENT - 3)} ` : ' '.repeat(INDENT), 'key'),
    span(text),
  ]);
}
