import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCsvHeading, formatCsvLine, formatCsvRow } from '../../../../src/client/output/csv.ts';

import { bareConnection, connection } from '../cli/commands/fixtures.ts';

const NOW = 1_012_000;

function row(line: string): Record<string, string> {
  const names = formatCsvHeading().split(',');
  const cells = line.split(',');
  assert.equal(cells.length, names.length);
  return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
}

test('one column a field', () => {
  const cells = row(formatCsvRow(connection(), NOW));
  assert.equal(cells.protocol, 'tcp');
  assert.equal(cells.source_workload_name, 'cart');
  assert.equal(cells.destination_port, '8080');
  assert.equal(cells.service_name, 'web');
  assert.equal(cells.snat_address, '10.89.0.12');
  assert.equal(cells.bytes_per_second_sent, '1810');
  assert.equal(cells.observed_by, 'node1 node2');
});

test('zones are numbers with spaces between them', () => {
  const parts = { zone: 12, zones: [12, 17], mark: 0x4000, offloaded: true, incomplete: 'no agent on node2' };
  const cells = row(formatCsvRow(connection(parts), NOW));
  assert.deepEqual(
    [cells.zones, cells.mark, cells.offloaded, cells.incomplete],
    ['12 17', '16384', 'true', 'no agent on node2'],
  );
  const usual = row(formatCsvRow(connection(), NOW));
  assert.deepEqual([usual.zones, usual.mark, usual.offloaded, usual.incomplete], ['0', '0', 'false', '']);
});

test('unknown is empty', () => {
  const cells = row(formatCsvRow(bareConnection(), NOW));
  for (const name of ['state', 'assured', 'source_port', 'source_kind', 'bytes_sent', 'bytes_per_second_received'])
    assert.equal(cells[name], '', name);
  assert.equal(cells.icmp_code, '0');
});

test('commas, quotes and line ends are quoted', () => {
  const named = (name: string) => formatCsvRow(connection({ source: { address: '10.0.0.1', name } }), NOW);
  assert.match(named('a,b'), /,"a,b",/);
  assert.match(named('a"b'), /,"a""b",/);
  assert.match(named('a\nb'), /,"a\nb",/);
});

test('what a spreadsheet takes for a formula is quoted; numbers are numbers', () => {
  assert.equal(formatCsvLine(['=1+1', '+a', '-b', '@c', '\tx']), "'=1+1,'+a,'-b,'@c,'\tx");
  assert.equal(formatCsvLine(['-5', '+1.5', -5, '1e3', 'a=b', true, undefined]), '-5,+1.5,-5,1e3,a=b,true,');
  assert.equal(formatCsvLine(['=HYPERLINK("http://x","y")']), '"\'=HYPERLINK(""http://x"",""y"")"');
  assert.equal(formatCsvLine(['\rx']), '"\'\rx"');
});

test('so are full-width forms, and what would be a cell of its own where ";" separates cells', () => {
  for (const start of ['＝', '＋', '－', '＠', '\n='])
    assert.match(formatCsvLine([`${start}1`]), new RegExp(`^"?'${start}1"?$`), start);
  assert.equal(formatCsvLine(['a;=cmd', 'a; -b', 'a;＝c;@d', 'a;b', ';=']), "a;'=cmd,a;' -b,a;'＝c;'@d,a;b,;'=");
  assert.equal(formatCsvLine(['a;"=cmd"']), '"a;\'""=cmd"""');
  assert.equal(formatCsvLine(['=a;+b']), "'=a;'+b");
  assert.equal(formatCsvLine(['a＝b', 'a=b']), 'a＝b,a=b');
});
