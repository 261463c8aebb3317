import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openForWriting, writeExport } from '../../../../src/client/files/write-file.ts';

const NEVER = new AbortController().signal;
const PIECE = 'x'.repeat(70_000);

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'kflow-export-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('no more is made than the disk has taken, and the name is there only when the file is whole', async (t) => {
  const path = folder(t);
  let most = 0;
  function* pieces() {
    for (let made = 0; made < 100; made++) {
      const names = readdirSync(path);
      assert.deepEqual([names.length, names.includes('rows')], [1, false]);
      most = Math.max(most, made - statSync(join(path, names[0] ?? '')).size / PIECE.length);
      yield PIECE;
    }
  }
  await writeExport(join(path, 'rows'), pieces(), NEVER);
  assert.ok(most <= 1, `${most} pieces were made and not written`);
  assert.deepEqual(readdirSync(path), ['rows']);
  assert.equal(statSync(join(path, 'rows')).size, 100 * PIECE.length);
});

test('only its owner may read it', async (t) => {
  const before = process.umask(0);
  t.after(() => process.umask(before));
  const file = join(folder(t), 'rows');
  await writeExport(file, ['a'], NEVER);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a file that came while it was written stays as it is', async (t) => {
  const path = folder(t);
  const file = join(path, 'rows');
  function* pieces() {
    yield PIECE;
    writeFileSync(file, 'mine');
    yield PIECE;
  }
  await assert.rejects(writeExport(file, pieces(), NEVER), /rows: file already exists/);
  assert.deepEqual([readdirSync(path), readFileSync(file, 'utf8')], [['rows'], 'mine']);
});

test('nothing is left of one that was broken off, or whose pieces failed', async (t) => {
  const path = folder(t);
  const abort = new AbortController();
  function* broken() {
    yield PIECE;
    abort.abort();
    yield PIECE;
  }
  await assert.rejects(writeExport(join(path, 'rows'), broken(), abort.signal), { name: 'AbortError' });
  function* failing() {
    yield PIECE;
    throw new Error('no more');
  }
  await assert.rejects(writeExport(join(path, 'rows'), failing(), NEVER), /no more/);
  assert.deepEqual(readdirSync(path), []);
});

test('a full disk is an error that names the file, and nothing is left', (t) => {
  const path = folder(t);
  const module = new URL('../../../../src/client/files/write-file.ts', import.meta.url);
  const script = `
    import { openForWriting, writeExport } from '${module}';
    const pieces = Array(10).fill('x'.repeat(70_000));
    await writeExport(process.argv[1], pieces, new AbortController().signal).catch(({ message }) => console.log(message));`;
  const run = 'ulimit -f 100; exec "$0" --input-type=module -e "$1" "$2"';
  const { stdout } = spawnSync('bash', ['-c', run, process.execPath, script, join(path, 'rows')], { encoding: 'utf8' });
  assert.equal(stdout, `${join(path, 'rows')}: file too large (EFBIG)\n`);
  assert.deepEqual(readdirSync(path), []);
});

test('a file that is overwritten is another file: its owner, mode and readers have no part in the new one', async (t) => {
  const path = folder(t);
  const file = join(path, 'rows');
  writeFileSync(file, 'old', { mode: 0o666 });
  chmodSync(file, 0o666);
  const reader = openSync(file, 'r');
  t.after(() => closeSync(reader));
  if (process.getuid?.() === 0) chownSync(file, 12345, 12345);
  await assert.rejects(openForWriting(file, false, NEVER), { code: 'EEXIST' });
  const { handle, direct } = await openForWriting(file, true, NEVER);
  await handle.writeFile('new');
  // It can be read while it is written.
  assert.equal(readFileSync(file, 'utf8'), 'new');
  await handle.close();
  const { mode, uid } = statSync(file);
  assert.deepEqual([mode & 0o777, uid, direct], [0o600, process.getuid?.(), false]);
  assert.equal(readFileSync(reader, 'utf8'), 'old');
  assert.deepEqual(readdirSync(path), ['rows']);
});

test('a link is replaced, not followed', async (t) => {
  const path = folder(t);
  writeFileSync(join(path, 'target'), 'precious');
  symlinkSync(join(path, 'target'), join(path, 'rows'));
  await assert.rejects(openForWriting(join(path, 'rows'), false, NEVER), { code: 'EEXIST' });
  await (await openForWriting(join(path, 'rows'), true, NEVER)).handle.close();
  assert.equal(readFileSync(join(path, 'target'), 'utf8'), 'precious');
  assert.ok(lstatSync(join(path, 'rows')).isFile());
});

test('devices, pipes and open files are written as they are', async (t) => {
  await writeExport('/dev/null', ['a'], NEVER);
  await (await openForWriting('/dev/null', true, NEVER)).handle.close();
  assert.ok(statSync('/dev/null').isCharacterDevice());
  const path = folder(t);
  const pipe = join(path, 'pipe');
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
  const read = readFile(pipe, 'utf8');
  await writeExport(pipe, ['a', 'b'], NEVER);
  assert.equal(await read, 'ab');
  assert.deepEqual(readdirSync(path), ['pipe']);
  const file = join(path, 'log');
  writeFileSync(file, 'before ');
  const open = openSync(file, 'a');
  t.after(() => closeSync(open));
  for (const overwrite of [false, true]) {
    const { handle, direct } = await openForWriting(`/dev/fd/${open}`, overwrite, NEVER);
    assert.equal(direct, true);
    await handle.writeFile('x');
    await handle.close();
  }
  assert.equal(readFileSync(file, 'utf8'), 'before xx');
});
