import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SNAPSHOTS } from '../../../terminal/fixed/snapshots.ts';
import { openConsole } from './harness/console.ts';

test('w hides none of VIA, PROTO, NODES at 160 columns; } and { scroll, and the source stays', async (t) => {
  const console = await openConsole(t, { snapshots: SNAPSHOTS.cluster() });
  console.press('2', 'w');
  const first = await console.shows(/more columns \(\{ \}\)/);
  assert.match(first, /│SOURCE +DESTINATION +VIA +PROTO +PORT +STATE .* NODES/);
  for (let i = 0; i < 40; i++) console.press('}');
  await console.shows(/│SOURCE .* MARK +ZONE/);
  await console.hidden('DESTINATION  ');
  console.press('S-left');
  await console.shows(/│SOURCE .* MARK/);
  for (let i = 0; i < 40; i++) console.press('{');
  await console.shows(/│SOURCE +DESTINATION +VIA/);
});

test('< and > bring the column that they sort by into view', async (t) => {
  const console = await openConsole(t, { snapshots: SNAPSHOTS.cluster(), width: 80, height: 24 });
  await console.changes('2', () => console.press('2'));
  await console.changes('w', () => console.press('w'));
  const seen = new Set<string>();
  for (let i = 0; i < 30; i++) {
    const screen = await console.changes('the order', () => console.press('>'));
    const mark = /(?:▼|▲)?\b([A-Z\d][A-Z\d ]*?)(?:▼|▲)|(?:▼|▲)([A-Z\d][A-Z\d ]*)/.exec(screen.split('\n')[2] ?? '');
    assert(mark !== null, `the order is not reported:\n${screen}`);
    seen.add((mark[1] ?? mark[2] ?? '').trim());
  }
  assert(seen.size > 15, [...seen].join(', '));
});
