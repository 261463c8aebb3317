import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { toConnectionJson } from '../../../../src/client/output/connection-json.ts';
import { withUnanswered } from '../../../../src/client/problems/unanswered-rule.ts';
import { SNAPSHOTS } from '../../../terminal/fixed/snapshots.ts';
import { type ConsoleHarness, openConsole } from './harness/console.ts';

const CLUSTER = withUnanswered(SNAPSHOTS.cluster());

async function opened(t: TestContext): Promise<{ console: ConsoleHarness; home: string }> {
  const home = mkdtempSync(join(tmpdir(), 'kflow-copy-'));
  t.after(() => rmSync(home, { recursive: true }));
  const env = { TERM: 'xterm-256color', HOME: home };
  return { console: await openConsole(t, { snapshots: CLUSTER, options: { env } }), home };
}

test('e fills in a name, which can be changed; ~ is the home folder; nothing is written over', async (t) => {
  const { console, home } = await opened(t);
  console.press('2', 'e');
  await console.shows(/^ :export kflow-connections-2026-01-15T03-00-00-000Z\.csv█/m);
  console.press('escape');
  await console.hidden(':export');
  assert.deepEqual(readdirSync(home), []);
  console.press(':');
  console.send('export json ~/my rows.txt\r');
  await console.shows('written to');
  const rows = JSON.parse(readFileSync(join(home, 'my rows.txt'), 'utf8'));
  const expected = CLUSTER.connections.map((one) => JSON.stringify(toConnectionJson(one, CLUSTER.at)));
  assert.deepEqual(rows.map((row: unknown) => JSON.stringify(row)).sort(), expected.sort());
  console.press(':');
  console.send('export csv ~/my rows.txt\r');
  await console.shows(/not written: .*exists/);
  assert.deepEqual(JSON.parse(readFileSync(join(home, 'my rows.txt'), 'utf8')), rows);
});

for (const [view, name, copied] of [
  ['5', /^ :export kflow-graph-.*\.dot█/m, /^digraph kflow \{/],
  ['6', /^ :export kflow-problems-.*\.csv█/m, /^[✗!·] \w+\t/],
  ['7', /^ :export kflow-agents-.*\.csv█/m, /^node\d\tkflow\/kflow-daemon-node\d\t/],
  ['3', /^ :export kflow-workloads-.*\.csv█/m, /^\w+\/\w+\t/],
] as const)
  test(`y and e act on what view ${view} shows, from its details too`, async (t) => {
    const { console } = await opened(t);
    for (const pane of [[], ['tab']]) {
      console.press(view, ...pane, 'e');
      await console.shows(name);
      console.press('escape', 'y');
      await console.shows('copied');
      assert.match(console.clipboard, copied);
      assert.doesNotMatch(console.clipboard, /[\ue000-\uf8ff]/);
      await console.changes('another view', () => console.press('2'));
    }
  });

test('y copies the box of the graph that is selected, with what it talks to', async (t) => {
  const { console } = await opened(t);
  console.press('5', 'y');
  await console.shows('copied');
  const whole = console.clipboard;
  await console.changes('a box', () => console.press('j'));
  console.press('.');
  await console.shows(' ↔ ');
  console.press('y');
  await console.shows('copied');
  assert.match(console.clipboard, /^digraph kflow/);
  assert.equal(console.clipboard.match(/^ {2}"(.*)" -> "(?!\1")/gm)?.length, 1);
  assert(console.clipboard.length < whole.length);
});

test(':sort -age is the other way round, each time', async (t) => {
  const { console } = await opened(t);
  for (const [command, sign] of [
    ['sort age', 'by age ▼'],
    ['sort -age', 'by age ▲'],
    ['sort -age', 'by age ▲'],
    ['sort age', 'by age ▼'],
    ['sort -source', 'by source ▼'],
  ] as const) {
    console.press('2', ':');
    console.send(`${command}\r`);
    await console.shows(sign);
  }
});
