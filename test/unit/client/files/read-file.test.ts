import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readWholeFile } from '../../../../src/client/files/read-file.ts';

test('a pipe is read to its end, also by pieces that come late', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const writer = spawn('sh', ['-c', `sleep 0.2; { printf abc; sleep 0.2; printf def; } > ${pipe}`]);
  t.after(() => writer.kill());
  assert.equal(readWholeFile(pipe).toString(), 'abcdef');
});

test('a pipe that nobody writes to is an error after a while, not a program that no signal ends', {
  timeout: 60_000,
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  assert.throws(() => readWholeFile(pipe, 1_000, 300), /no data within 0.3 s/);
});
