import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { derive } from '../../../../../src/client/view/data/derive.ts';
import { EXPORT_FORMATS, exportWanted } from '../../../../../src/client/view/export/registry.ts';
import { writeExport } from '../../../../../src/client/view/export/write.ts';
import { initialState, type ViewState } from '../../../../../src/client/view/state/state.ts';
import { agent, connection, pod, snapshot, unanswered } from '../fixtures.ts';

const [CSV, JSON_FORMAT] = EXPORT_FORMATS;

function written(state: ViewState, format = CSV): string {
  const shown = snapshot([connection({ source: pod('cart', 'node1') }), unanswered()], { agents: [agent('node1')] });
  return [...format.pieces(state, derive(shown, state))].join('');
}

test('csv is the table as it is shown: a line of headings, then all rows in their order', () => {
  const [headings, first, second, ...rest] = written(initialState()).split('\r\n');
  assert.match(headings ?? '', /^SOURCE,DESTINATION,VIA,PROTO,PORT,STATE,RATE OUT,RATE IN,TOTAL,AGE,NODES$/);
  assert.match(first ?? '', /^shop\/cart-5d8-x2,10\.0\.0\.2,,tcp,443 https,ESTABLISHED,100 B\/s,900 B\/s,/);
  assert.match(second ?? '', /SYN_SENT/);
  assert.deepEqual(rest, ['']);
});

test('json has the connections as scripts get them, the agents too, and other rows by their columns', () => {
  assert(JSON_FORMAT !== undefined);
  const connections = JSON.parse(written(initialState(), JSON_FORMAT));
  assert.equal(connections.length, 2);
  assert.equal(connections[0].source.name, 'cart-5d8-x2');
  assert.deepEqual(connections[0].bytesPerSecond, { sent: 100, received: 900 });
  assert(!('bytesPerSecond' in connections[1]), 'unknown is left out');
  const agents = JSON.parse(written({ ...initialState(), focus: 'agents' }, JSON_FORMAT));
  assert.equal(agents[0].status, 'live');
  const nodes = JSON.parse(written({ ...initialState(), focus: 'nodes' }, JSON_FORMAT));
  assert.equal(nodes[0].node, 'node1');
  assert.deepEqual(JSON.parse(written({ ...initialState(), filter: 'nobody' }, JSON_FORMAT)), []);
});

test('what :export is to write', () => {
  assert.deepEqual(exportWanted([]), { format: CSV });
  assert.deepEqual(exportWanted(['json']), { format: JSON_FORMAT });
  assert.deepEqual(exportWanted(['json', 'a.txt']), { format: JSON_FORMAT, file: 'a.txt' });
  assert.deepEqual(exportWanted(['a', 'b.json']), { format: JSON_FORMAT, file: 'a b.json' });
  // A file by the name of a format that there is not would surprise.
  assert.match(String(exportWanted(['xml'])), /does not know "xml"; it takes csv, json, dot, a file/);
  assert.deepEqual(exportWanted(['csv', 'a']), { format: CSV, file: 'a' });
});

test('a file is written whole, and none is written over', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-export-'));
  try {
    const file = join(folder, 'rows');
    const { signal } = new AbortController();
    const pieces = Array.from({ length: 2_001 }, (_, i) => `${i}\n`);
    await writeExport(file, pieces, signal);
    assert.equal(readFileSync(file, 'utf8'), pieces.join(''));
    writeFileSync(file, 'mine');
    await assert.rejects(writeExport(file, pieces, signal), /rows: file already exists \(EEXIST\)$/);
    assert.equal(readFileSync(file, 'utf8'), 'mine');
    await assert.rejects(
      writeExport(join(folder, 'no/such'), [], signal),
      /such: no such file or directory \(ENOENT\)$/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
