/**
 * The tables of docs/scripting.md, made from what kflow itself goes by: `npm run docs` writes them, a test holds that they
 * are current. What a table does not tell is written by hand around it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CLI_AGENT_COLUMNS } from '../src/client/cli/commands/agents.ts';
import { FILTER_FLAGS } from '../src/client/cli/options/flows-options.ts';
import { CONNECTION_COLUMNS } from '../src/client/columns/connection-columns.ts';
import { CHECKS } from '../src/client/doctor/diagnose.ts';
import { describeFields } from '../src/client/filter/help.ts';
import { CSV_COLUMNS } from '../src/client/output/csv.ts';

export const REFERENCE = fileURLToPath(new URL('../docs/scripting.md', import.meta.url));

const TABLES: Readonly<Record<string, () => string>> = {
  'connection columns': () =>
    table(
      ['heading', '`--sort`', 'shown', 'what it is'],
      CONNECTION_COLUMNS.map(({ id, heading, wide, help }) => [heading, id, shown(wide), help]),
    ),
  'agent columns': () =>
    table(
      ['heading', 'shown', 'what it is'],
      CLI_AGENT_COLUMNS.map(({ heading, wide, help }) => [heading, shown(wide), help]),
    ),
  'doctor checks': () =>
    table(
      ['`check`', 'of', 'what it looks at'],
      CHECKS.map(({ id, modes, help }) => [`\`${id}\``, modes.join(', '), help]),
    ),
  'csv columns': () => `    ${CSV_COLUMNS.map(([name]) => name).join('\n    ')}`,
  'filter options': () =>
    table(
      ['option', 'the same as'],
      FILTER_FLAGS.map(({ flag, field }) => [`\`--${flag} X\``, `\`${field}:X\``]),
    ),
  'filter fields': () =>
    table(
      ['field', 'with a side', 'what it looks at', 'value', 'example'],
      describeFields().map(({ names, sides, help, accepts, example }) => [
        names,
        sides,
        help,
        accepts,
        `\`${example}\``,
      ]),
    ),
};

/** The text with each table between its marks rebuilt. Throws for a mark that names no table. */
export function withTables(text: string): string {
  return text.replace(/(<!-- (.+?) -->\n)[\s\S]*?(<!-- end -->)/g, (_, begin: string, name: string, end: string) => {
    const make = TABLES[name];
    if (make === undefined) throw new Error(`no table is called "${name}": ${Object.keys(TABLES).join(', ')}`);
    return `${begin}\n${make()}\n\n${end}`;
  });
}

function shown(wide: boolean | undefined): string {
  return wide ? 'wide' : 'always';
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

if (import.meta.main) writeFileSync(REFERENCE, withTables(readFileSync(REFERENCE, 'utf8')));
