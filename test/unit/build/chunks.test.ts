import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Metafile } from 'esbuild';
import { findAdditions } from '../../../scripts/build/chunks.ts';

/** "a > b, c ~ d": a imports b and c, and loads d later. */
function inputs(...lines: readonly string[]): Metafile['inputs'] {
  const names = (text: string) => text.split(',').flatMap((name) => (name.trim() === '' ? [] : [`${name.trim()}.ts`]));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = '', now = '', later = ''] = /^(\w+)(?: > ([\w, ]*?))?(?: ~ ([\w, ]*))?$/.exec(line) ?? [];
      const imports = [
        ...names(now).map((path) => ({ path, kind: 'import-statement' as const })),
        ...names(later).map((path) => ({ path, kind: 'dynamic-import' as const })),
      ];
      return [`${name}.ts`, { bytes: 1, imports }];
    }),
  );
}

const additions = (lines: readonly string[], ...groups: (readonly string[])[]) =>
  Object.fromEntries(findAdditions(inputs(...lines), ['main.ts'], groups));

test('what is loaded later imports what is there by then, however it was loaded', () => {
  const found = additions([
    'main > text ~ run',
    'run > parse ~ flows, graph',
    'flows > table ~ cells',
    'graph',
    'text',
    'parse',
    'table',
    'cells',
  ]);
  assert.deepEqual(found['run.ts'], ['text.ts']);
  assert.deepEqual(found['flows.ts'], ['parse.ts', 'run.ts', 'text.ts']);
  assert.deepEqual(found['cells.ts'], ['flows.ts', 'parse.ts', 'run.ts', 'table.ts', 'text.ts']);
});

test('where two may load it, only what is there in both cases is imported', () => {
  const found = additions([
    'main ~ run',
    'run ~ flows, graph',
    'flows > table ~ cells',
    'graph > boxes ~ cells',
    'table',
    'boxes',
    'cells',
  ]);
  assert.deepEqual(found['cells.ts'], ['run.ts']);
});

test('the entry is never imported: it waits for what it loads', () => {
  const found = additions(['main ~ run', 'run']);
  assert.deepEqual(found, { 'run.ts': [] });
});

test('the members of a group import what two of them need, and what only one needs stays with it', () => {
  const lines = [
    'main ~ run',
    'run ~ flows, graph, record',
    'flows > table, own',
    'graph > table, boxes',
    'record > boxes',
    ...['table', 'own', 'boxes'],
  ];
  const found = additions(lines, ['flows.ts', 'graph.ts', 'record.ts']);
  assert.deepEqual(found['flows.ts'], ['boxes.ts', 'run.ts']);
  assert.deepEqual(found['graph.ts'], ['run.ts']);
  assert.deepEqual(found['record.ts'], ['run.ts', 'table.ts']);
});
