import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Column } from '../../../../src/client/columns/column.ts';
import { TextTable } from '../../../../src/client/output/text-table.ts';

interface Row {
  readonly name: string;
  readonly size: string;
}

function column(heading: string, align: 'left' | 'right', cell: (row: Row) => string): Column<Row> {
  return { id: heading, heading, help: '', align, width: 1, cell, sortKey: cell, defaultDirection: 'ascending' };
}

const COLUMNS = [
  column('NAME', 'left', (row) => row.name),
  column('SIZE', 'right', (row) => row.size),
  column('END', 'left', () => ''),
];
const CONTEXT = { names: true, now: 0 };

test('columns are as wide as what is in them, and nothing is cut off', () => {
  const table = new TextTable(COLUMNS);
  const rows = table.rows(
    [
      { name: 'a-long-name', size: '1' },
      { name: 'ü–', size: '12345' },
    ],
    CONTEXT,
  );
  assert.deepEqual(
    [table.heading(), ...rows],
    ['NAME           SIZE   END', 'a-long-name       1', 'ü–            12345'],
  );
});

test('rows that come later keep to the widths, or widen them', () => {
  const table = new TextTable(COLUMNS);
  assert.deepEqual(table.rows([{ name: 'abcdef', size: '1' }], CONTEXT), ['abcdef      1']);
  assert.deepEqual(table.rows([{ name: 'a', size: '1' }], CONTEXT), ['a           1']);
});
