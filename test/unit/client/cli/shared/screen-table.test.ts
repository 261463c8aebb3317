import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { flowStyle } from '../../../../../src/client/cli/commands/flow-style.ts';
import { run } from '../../../../../src/client/cli/run.ts';
import { formatTable } from '../../../../../src/client/cli/shared/screen-table.ts';
import { CONNECTION_COLUMNS } from '../../../../../src/client/columns/connection-columns.ts';
import { textWidth } from '../../../../../src/client/format/width.ts';
import { AT, SNAPSHOTS } from '../../../../terminal/fixed/snapshots.ts';

const ESC = '\x1b';
const EXAMPLE = ['--recording', 'examples/shop.kflow', '--at', '1m20s'];

interface Printed {
  readonly status: number;
  readonly out: string;
}

/** `columns` and `rows`: of the terminal that stdout is; none: it is a pipe. */
async function printed(
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
  columns?: number,
  rows = 24,
): Promise<Printed> {
  let out = '';
  const status = await run(['node', 'kflow', ...words], {
    stdout: (text) => {
      out += text;
    },
    flushed: () => Promise.resolve(),
    stderr: () => {},
    signal: new AbortController().signal,
    env: { TERM: 'xterm-256color', ...env },
    isTerminal: false,
    ...(columns === undefined ? {} : { terminal: () => ({ columns, rows }) }),
  });
  return { status, out };
}

function lines({ out }: Printed): string[] {
  return stripVTControlCharacters(out).trimEnd().split('\n');
}

for (const columns of [40, 60, 80, 100, 160])
  for (const output of ['table', 'wide'])
    test(`flows -o ${output} fits a terminal of ${columns} columns`, async () => {
      const rows = lines(await printed(['flows', ...EXAMPLE, '-o', output], {}, columns));
      assert(rows.length > 20);
      for (const row of rows) assert(textWidth(row) <= columns, row);
      assert.match(rows[0] ?? '', /^SOURCE +DESTINATION/);
      if (columns >= 160) assert.match(rows[0] ?? '', /VIA +PROTO +PORT +STATE .* NODES/);
    });

test('COLUMNS is the width, where it is set', async () => {
  const rows = lines(await printed(['flows', ...EXAMPLE], { COLUMNS: '70' }, 160));
  for (const row of rows) assert(textWidth(row) <= 70, row);
});

test('in a pipe nothing is cut and nothing is coloured, whatever COLUMNS says', async () => {
  const wide = await printed(['flows', ...EXAMPLE, '-o', 'wide'], { COLUMNS: '80' });
  assert.match(wide.out, /^SOURCE .* MARK +ZONE/m);
  assert(!wide.out.includes('…') && !wide.out.includes(ESC));
});

test('colours are those of the console; NO_COLOR and TERM=dumb have none', async () => {
  assert((await printed(['flows', ...EXAMPLE], {}, 120)).out.includes(`${ESC}[1;38;5;203mSYN_SENT`));
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
    assert(!(await printed(['flows', ...EXAMPLE], env, 120)).out.includes(ESC));
});

test('what is printed row by row keeps its columns where they are', () => {
  const columns = CONNECTION_COLUMNS.filter(({ wide }) => !wide);
  const io = { env: { NO_COLOR: '1' }, terminal: () => ({ columns: 120, rows: 24 }) };
  const table = formatTable({ columns, style: flowStyle, isStream: true, indent: 2 }, io as never);
  const heading = table.heading();
  const [first] = table.rows(SNAPSHOTS.cluster().connections, { names: true, now: AT });
  assert.equal(table.heading(), heading);
  assert((first ?? '').length <= 118);
});

test('-f repeats its heading before it leaves the terminal, and in a pipe never', async () => {
  const rows = lines(await printed(['flows', '-f', ...EXAMPLE.slice(0, 2)], { NO_COLOR: '1' }, 100, 12));
  const headings = rows.flatMap((row, i) => (/^ {2}SOURCE/.test(row) ? [i] : []));
  assert(headings.length > 20);
  for (const [i, at] of headings.entries()) assert((headings[i + 1] ?? rows.length) - at < 12);
  for (const row of rows) assert(textWidth(row) <= 100, row);
  const piped = lines(await printed(['flows', '-f', ...EXAMPLE.slice(0, 2)]));
  assert.equal(piped.filter((row) => /^ {2}SOURCE/.test(row)).length, 1);
});
