import { type Binding, KEYMAP } from '../keys/keymap.ts';
import { type Line, span } from '../text/line.ts';

const SECTIONS: readonly Binding['section'][] = ['Move', 'Sort', 'Filter', 'Look', 'Act', 'Recording', 'Views'];

/** The help, made from the keymap and the columns of the table in use. */
export function help(columns: readonly { readonly heading: string; readonly help: string }[]): Line[] {
  const lines: Line[] = [
    [span('kflow: keys', 'title'), span('   a number before a move repeats it: 5j · any other key closes this', 'dim')],
  ];
  for (const section of SECTIONS) {
    lines.push([], [span(section, 'heading')]);
    for (const binding of KEYMAP.filter((one) => one.section === section))
      lines.push([span(`  ${binding.shown.padEnd(14)}`, 'key'), span(binding.help)]);
  }
  lines.push([], [span('Columns', 'heading')]);
  for (const column of columns) lines.push([span(`  ${column.heading.padEnd(14)}`, 'key'), span(column.help)]);
  lines.push(
    [],
    [span('Marks', 'heading')],
    [span('  –             '), span('unknown: the kernel does not tell')],
    [span('  ✗             '), span('no answer came')],
    [span('  ◐ 12s         '), span('old: no live agent sees it; its last news came so long ago')],
  );
  return lines;
}
