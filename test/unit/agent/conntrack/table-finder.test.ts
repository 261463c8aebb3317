import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { TableFinder, type TableState } from '../../../../src/agent/conntrack/table-finder.ts';
import { candidatePaths, probePath, toHostPath } from '../../../../src/agent/conntrack/table-paths.ts';
import { each } from '../../../each.ts';

const FOUND = [
  '/host/proc/1/net/nf_conntrack',
  '/host/proc/1/net/ip_conntrack',
  '/host/proc/1/net/nf_conntrack6',
  '/proc/net/nf_conntrack',
  '/proc/net/ip_conntrack',
  '/proc/net/nf_conntrack6',
];

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'kflow-find-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('candidates', () => {
  it("are the node's before this process's own; where one is configured, no other", () => {
    assert.deepEqual(candidatePaths(undefined), FOUND);
    assert.deepEqual(candidatePaths('/some/table'), ['/some/table']);
    assert.deepEqual(candidatePaths('/proc/net/nf_conntrack'), ['/proc/net/nf_conntrack']);
  });

  it("/host/proc/net, the reader's own, is read as the node's", (t) => {
    assert.deepEqual(candidatePaths('/host/proc/net/nf_conntrack'), FOUND.slice(0, 1));
    assert.equal(toHostPath('/host/proc/net/../net/ip_conntrack'), '/host/proc/1/net/ip_conntrack');
    assert.equal(toHostPath('/proc/net/nf_conntrack'), '/proc/net/nf_conntrack');
    assert.equal(toHostPath('/host/proc/1/net/nf_conntrack'), '/host/proc/1/net/nf_conntrack');
    const other = folder(t);
    symlinkSync('self/net', join(other, 'net'));
    assert.equal(toHostPath(join(other, 'net/nf_conntrack')), join(other, '1/net/nf_conntrack'));
    mkdirSync(join(other, 'plain/net'), { recursive: true });
    assert.equal(toHostPath(join(other, 'plain/net/x')), join(other, 'plain/net/x'));
  });

  it('are tried by opening and reading; what is no file is reported apart', (t) => {
    const path = folder(t);
    writeFileSync(join(path, 'empty'), '');
    assert.equal(probePath(join(path, 'empty')), 'ok');
    assert.equal(probePath(path), 'is a directory');
    assert.equal(probePath(join(path, 'none')), 'ENOENT: no such file or directory');
    assert.equal(probePath(join(path, 'empty/x')), 'ENOTDIR: not a directory');
    assert.equal(probePath('/dev/zero'), 'is not a regular file');
  });
});

describe('the finder', () => {
  function finder(t: TestContext, configured: string) {
    const log: string[] = [];
    const debug: string[] = [];
    const found = new TableFinder({
      configured,
      openSource: (path) => ({
        kind: 'procfs',
        path,
        read: () => Promise.reject(new Error('not here')),
        readInfo: () => Promise.reject(new Error('not here')),
      }),
      log: { info: (line) => log.push(line), debug: (line) => debug.push(line) },
    });
    t.after(() => found.close());
    return { found, log, debug };
  }

  it('reads the configured table, tells each candidate and its outcome, waits for one that was lost', (t) => {
    const path = join(folder(t), 'table');
    writeFileSync(path, '');
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { found, log, debug } = finder(t, path);
    const states: TableState['kind'][] = [];
    found.state$.subscribe(({ kind }) => states.push(kind));
    assert.deepEqual(log, [`reading ${path}`]);
    assert.deepEqual(debug, [`candidate ${path}: ok`]);
    assert.deepEqual(found.candidates, [{ path, outcome: 'ok' }]);
    rmSync(path);
    t.mock.timers.tick(5_000);
    assert.match(log.at(-1) ?? '', /can no longer be read: ENOENT/);
    // It is waited for, with longer and longer pauses; no other is taken in its place.
    for (let second = 0; second < 60; second++) t.mock.timers.tick(1_000);
    assert.ok(debug.length > 5 && debug.length < 30, `${debug.length} tries in a minute`);
    assert.ok(each(debug.slice(1), (line) => line.startsWith(`candidate ${path}: ENOENT`)));
    writeFileSync(path, '');
    t.mock.timers.tick(5_000);
    assert.deepEqual(states, ['found', 'none', 'found']);
    assert.equal(found.source?.path, path);
  });

  it('a configured table that is not there is waited for, though there are others', (t) => {
    const path = join(folder(t), 'table');
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { found, log } = finder(t, path);
    assert.deepEqual(log, [
      `no conntrack table can be read (${path}: ENOENT: no such file or directory); trying again until it can be read`,
    ]);
    assert.deepEqual(found.candidates, [{ path, outcome: 'ENOENT: no such file or directory' }]);
    assert.match(found.notReady ?? '', /no conntrack table can be read/);
    writeFileSync(path, '');
    t.mock.timers.tick(500);
    assert.equal(found.source?.path, path);
    assert.equal(found.notReady, undefined);
  });

  it('who asks for a table that is not there makes it look at once', (t) => {
    const path = join(folder(t), 'table');
    writeFileSync(path, '');
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { found } = finder(t, path);
    const { source } = found;
    assert.ok(source);
    rmSync(path);
    assert.match(
      found.reportReadError(source, new Error(`ENOENT: no such file or directory, open '${path}'`)),
      /ENOENT/,
    );
    writeFileSync(path, '');
    found.retryNow();
    assert.equal(found.source?.path, path);
  });
});
