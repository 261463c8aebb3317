import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SNAPSHOTS } from '../../../terminal/fixed/snapshots.ts';
import { openConsole } from './harness/console.ts';

/** What users are reported keys, written down here and not taken from the keymap: a key that it loses is missed. */
const KEYS = [
  ['j ↓', 'row down'],
  ['k ↑', 'row up'],
  ['gg Home', 'first row'],
  ['G End', 'last row'],
  ['Ctrl-d', 'half a page down'],
  ['Ctrl-u', 'half a page up'],
  ['Ctrl-f PgDn', 'page down'],
  ['Ctrl-b PgUp', 'page up'],
  ['h ←', 'pane to the left'],
  ['l →', 'pane to the right'],
  ['.', 'next line of the box'],
  [',', 'line before'],
  ['Tab', 'next pane'],
  ['Shift-Tab', 'previous pane'],
  ['{ Shift-←', 'columns to the left'],
  ['} Shift-→', 'columns that do not fit'],
  ['<', 'sort by the column to the left'],
  ['>', 'sort by the column to the right'],
  ['r', 'reverse the order'],
  ['t', 'sort by state'],
  ['/ p', 'filter as you type'],
  ['f', 'unanswered'],
  ['v', 'IPv4'],
  ['n', 'reverse DNS'],
  ['w', 'all columns'],
  ['z', 'this pane alone'],
  ['o', 'group by node, namespace, workload'],
  ['Space', 'freeze the screen'],
  ['Enter', 'open'],
  ['Esc', 'close one thing'],
  ['c', 'all connections'],
  ['y', 'copy'],
  ['e', 'write what is shown to a file'],
  [':', 'command'],
  ['? F1', 'this help'],
  ['q :q', 'quit'],
  ['Ctrl-c', 'quit'],
  ['Ctrl-z', 'suspend'],
  ['R', 'replay a recorded incident'],
  ['T', 'turn connection tracking on'],
  ['D', 'run the demo'],
  ['[', 'ten seconds back'],
  [']', 'ten seconds forward'],
  ['+', 'twice as fast'],
  ['-', 'half as fast'],
  ['gt', 'next view'],
  ['gT', 'previous view'],
  ['1', 'overview'],
  ['2', 'connections'],
  ['3', 'workloads'],
  ['4', 'services'],
  ['5', 'graph'],
  ['6', 'problems'],
  ['7', 'agents'],
] as const;

for (const key of ['?', 'f1'])
  test(`${key} shows what every key does`, async (t) => {
    const console = await openConsole(t, { snapshots: SNAPSHOTS.cluster(), width: 110, height: 150 });
    await console.changes(key, () => console.press(key));
    await console.shows('▸ Help');
    const lines = console.lines().map((line) => line.replace(/^│ {2}/, ''));
    for (const [shown, words] of KEYS)
      assert.ok(
        lines.some((line) => line.startsWith(`${shown} `) && line.slice(14).includes(words)),
        `${shown}: ${words}`,
      );
  });
