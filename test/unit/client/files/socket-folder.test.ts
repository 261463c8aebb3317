import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createSocketFolder, removeStaleFolders } from '../../../../src/client/files/socket-folder.ts';

const MODULE = new URL('../../../../src/client/files/socket-folder.ts', import.meta.url).href;

describe('createSocketFolder', () => {
  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  });
  afterEach(() => rmSync(parent, { recursive: true }));

  /** A process that makes a folder with a socket's file in it, and then does what `end` says. */
  const run = (end: string) => {
    const script = `import { writeFileSync } from 'node:fs'; import { createSocketFolder } from '${MODULE}';
      const folder = createSocketFolder('${parent}'); writeFileSync(folder.path + '/0', ''); ${end}`;
    return spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  };

  it('makes one that only this user may enter, and removes it', () => {
    const folder = createSocketFolder(parent);
    assert.equal(statSync(folder.path).mode & 0o777, 0o700);
    writeFileSync(join(folder.path, '0'), '');
    folder.remove();
    assert.equal(existsSync(folder.path), false);
    folder.remove();
  });

  for (const end of ['process.exit(3)', 'throw new Error("x")', 'undefined.x']) {
    it(`leaves nothing after ${end}`, () => {
      assert.notEqual(run(end).status, 0);
      assert.deepEqual(readdirSync(parent), []);
    });
  }

  it("removes a killed process's folder at the next start, and leaves those of the living", () => {
    const mine = createSocketFolder(parent);
    assert.equal(run('process.kill(process.pid, "SIGKILL")').signal, 'SIGKILL');
    assert.equal(readdirSync(parent).length, 2);
    const next = createSocketFolder(parent);
    assert.deepEqual(
      readdirSync(parent).sort(),
      [mine.path, next.path].map((path) => path.slice(parent.length + 1)).sort(),
    );
    mine.remove();
    next.remove();
  });

  it('takes a later process of the same number for another', {
    skip: !existsSync('/proc/self/stat') && 'needs /proc',
  }, () => {
    const own = createSocketFolder(parent);
    const name = own.path.slice(parent.length + 1);
    own.remove();
    const parts = name.split('-');
    parts[2] = (Number.parseInt(parts[2] ?? '', 36) - 1).toString(36);
    mkdirSync(join(parent, parts.join('-')));
    removeStaleFolders(parent);
    assert.deepEqual(readdirSync(parent), []);
  });

  it('touches nothing else', () => {
    const others = ['kflow', 'kflow-1-2-3', 'kflow-zz-1-1-ABCDEF-x'];
    for (const name of others) mkdirSync(join(parent, name));
    // Another process namespace: whether its process lives cannot be known.
    mkdirSync(join(parent, 'kflow-zzzz-1-7-ABCDEF'));
    symlinkSync('/', join(parent, 'kflow-link'));
    removeStaleFolders(parent);
    assert.equal(readdirSync(parent).length, others.length + 2);
  });
});
