import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeExport } from '../../../../../src/client/view/export/write.ts';

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
  const module = new URL('../../../../../src/client/view/export/write.ts', import.meta.url);
  const script = `
    import { writeExport } from '${module}';
    const pieces = Array(10).fill('x'.repeat(70_000));
    await writeExport(process.argv[1], pieces, new AbortController().signal).catch(({ message }) => console.log(message));`;
  const run = 'ulimit -f 100; exec "$0" --input-type=module -e "$1" "$2"';
  const { stdout } = spawnSync('bash', ['-c', run, process.execPath, script, join(path, 'rows')], { encoding: 'utf8' });
  assert.equal(stdout, `${join(path, 'rows')}: file too large (EFBIG)\n`);
  assert.deepEqual(readdirSync(path), []);
});
