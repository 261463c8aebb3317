/** The console over hostile text: what the terminal is sent, what is copied, and what is exported. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Snapshot } from '../../../../src/client/model/snapshot.ts';
import { withUnanswered } from '../../../../src/client/problems/unanswered-rule.ts';
import { Recording } from '../../../../src/client/recording/recording.ts';
import { connection, snapshot } from '../cli/commands/fixtures.ts';
import { hostileRecordingBytes } from '../cli/commands/hostile-recording.ts';
import { assertClean, assertCleanJson, EVIL, FORGED } from '../cli/commands/hostile-text.ts';
import { openConsole } from './harness/console.ts';

function folderOf(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'kflow-text-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

async function lastOf(file: string): Promise<Snapshot> {
  const recording = await Recording.open(file);
  let last: Snapshot | undefined;
  for await (const moment of recording.snapshots()) last = moment.snapshot;
  await recording.close();
  assert.ok(last !== undefined);
  return withUnanswered(last);
}

async function opened(t: TestContext) {
  const home = folderOf(t);
  const file = join(home, 'recorded');
  writeFileSync(file, hostileRecordingBytes());
  const snapshots = await lastOf(file);
  const env = { TERM: 'xterm-256color', HOME: home };
  const console = await openConsole(t, { snapshots, width: 200, options: { env } });
  return { console, home };
}

/** Sequences that only hostile text has: the clipboard, the title, C1, the direction of writing. */
const HOSTILE = [
  '\x1b]52;c;QQ==',
  '\x1b]0;owned',
  ...'\x80\x85\x9b\x9d\u202e\u2066\u2028\u2029\u200b\u00ad\ufeff\u3164',
];

test('no view sends the terminal what hostile text asks for', async (t) => {
  const { console } = await opened(t);
  let sent = '';
  const write = console.output.write.bind(console.output);
  t.mock.method(console.output, 'write', (piece: string | Uint8Array, ...rest: []) => {
    sent += typeof piece === 'string' ? piece : Buffer.from(piece).toString('utf8');
    return write(piece, ...rest);
  });
  for (const view of ['2', '3', '4', '5', '6', '7', '1']) {
    await console.changes(`view ${view}`, () => console.press(view));
    for (const line of console.lines()) assert.ok(!line.startsWith(FORGED), line);
  }
  await console.changes('details', () => console.press('.'));
  await console.changes('a prompt', () => console.press('/'));
  // Transition or pasted, it is text as well.
  console.paste(EVIL);
  await console.shows('E');
  console.press('escape');
  assert.ok(sent.length > 1000);
  for (const one of HOSTILE) assert.ok(!sent.includes(one), JSON.stringify(one));
  assert.equal(console.clipboard, '');
});

test('what is copied and exported is clean', async (t) => {
  const { console, home } = await opened(t);
  for (const [view, format] of [
    ['1', 'csv'],
    ['1', 'json'],
    ['3', 'csv'],
    ['4', 'json'],
    ['5', 'dot'],
    ['6', 'csv'],
    ['7', 'json'],
  ] as const) {
    console.press(view, ':');
    console.send(`export ${format} ~/x${view}.${format}\r`);
    await console.shows(new RegExp(`written to .*x${view}\\.${format}`));
    const text = readFileSync(join(home, `x${view}.${format}`), 'utf8');
    assert.notEqual(text, '');
    if (format === 'json') assertCleanJson(`x${view}`, text);
    else assertClean(`x${view}`, text);
    console.press('escape');
  }
  console.press('1', 'y');
  await console.shows('copied');
  assertClean('the clipboard', console.clipboard.replaceAll('\t', ' '));
  assert.equal(readdirSync(home).length, 8);
});

test('scripts of all directions, CJK, names in other alphabets and zones of addresses are shown as they are', async (t) => {
  const names = ['مرحبا', 'שלום', '東京', 'bücher.example', 'xn--bcher-kva.example', 'fe80::1%eth0', 'می\u200cخواهم'];
  const connections = names.map((name, id) =>
    connection({ id, source: { kind: 'node', address: `10.0.0.${id}`, name }, service: { address: '10.0.0.9' } }),
  );
  const console = await openConsole(t, { snapshots: snapshot({ connections }), width: 160 });
  for (const name of names) await console.shows(name);
});
