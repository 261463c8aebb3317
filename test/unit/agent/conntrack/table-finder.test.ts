import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileCandidate, type TableCandidate } from '../../../../src/agent/conntrack/table-candidate.ts';
import { TableFinder, type TableState } from '../../../../src/agent/conntrack/table-finder.ts';
import { probePath, toHostPath } from '../../../../src/agent/conntrack/table-paths.ts';
import { each } from '../../../each.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'kflow-find-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('files', () => {
  it("/host/proc/net, the reader's own, is read as the node's", (t) => {
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

function finderOf(t: TestContext, findCandidates: () => readonly TableCandidate[]) {
  const log: string[] = [];
  const debug: string[] = [];
  const found = new TableFinder({
    findCandidates,
    log: { info: (line) => log.push(line), debug: (line) => debug.push(line) },
  });
  t.after(() => found.close());
  return { found, log, debug };
}

describe('the finder', () => {
  function finder(t: TestContext, path: string) {
    return finderOf(t, () => [fileCandidate(path, 'a test names it')]);
  }

  it('reads the configured table, tells each candidate and its outcome, waits for one that was lost', (t) => {
    const path = join(folder(t), 'table');
    writeFileSync(path, '');
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { found, log, debug } = finder(t, path);
    const states: TableState['kind'][] = [];
    found.state$.subscribe(({ kind }) => states.push(kind));
    assert.deepEqual(log, [`reading ${path} (a test names it)`]);
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

/** A place whose outcome the test sets. */
class FakePlace implements TableCandidate {
  readonly kind: TableCandidate['kind'];
  readonly path: string;
  readonly reason: string;
  outcome = 'ok';
  #network: string;

  constructor(kind: TableCandidate['kind'], path: string, network: string) {
    this.kind = kind;
    this.path = path;
    this.reason = `${kind} it is`;
    this.#network = network;
  }

  network = () => this.#network;
  probe = () => this.outcome;
  check = () => this.outcome;
  findUnparsed = () => undefined;
  open = () => ({
    kind: this.kind,
    path: this.path,
    read: () => Promise.reject(new Error('not here')),
    readInfo: () => Promise.reject(new Error('not here')),
  });
}

describe('of several sources of a table', () => {
  const choice = ({ state$ }: TableFinder) => (state$.value.kind === 'found' ? state$.value.choice : undefined);

  it('the first that works is taken; the next one where it does not, and why', (t) => {
    const [netlink, file] = [new FakePlace('netlink', 'netlink', 'a'), new FakePlace('procfs', '/a', 'a')];
    const first = finderOf(t, () => [netlink, file]);
    assert.deepEqual([first.found.source?.kind, choice(first.found)], ['netlink', 'netlink it is']);
    assert.deepEqual(first.log, ['reading netlink (netlink it is)']);
    netlink.outcome = 'EPERM: no';
    const second = finderOf(t, () => [netlink, file]);
    assert.deepEqual([second.found.source?.kind, choice(second.found)], ['procfs', 'netlink: EPERM: no']);
    assert.deepEqual(second.found.candidates, [
      { path: 'netlink', outcome: 'EPERM: no' },
      { path: '/a', outcome: 'ok' },
    ]);
  });

  it('one that is lost is left for another of the same network, and for no other', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const netlink = new FakePlace('netlink', 'netlink', 'node');
    const own = new FakePlace('procfs', '/own', 'pod');
    const node = new FakePlace('procfs', '/node', 'node');
    const { found, log } = finderOf(t, () => [netlink, own, node]);
    netlink.outcome = 'EPERM: no longer';
    t.mock.timers.tick(5_000);
    assert.match(found.notReady ?? '', /netlink: EPERM: no longer/);
    t.mock.timers.tick(500);
    assert.deepEqual([found.source?.path, choice(found)], ['/node', 'netlink: EPERM: no longer']);
    node.outcome = 'ENOENT: gone';
    t.mock.timers.tick(60_000);
    assert.match(found.notReady ?? '', /\/node: ENOENT: gone/);
    netlink.outcome = 'ok';
    t.mock.timers.tick(5_000);
    assert.deepEqual([found.source?.path, choice(found)], ['netlink', 'netlink it is']);
    assert.ok(log.every((line) => !line.includes('/own')));
    const { source } = found;
    assert.ok(source);
    assert.match(found.reportReadError(source, new Error('EPERM: again')), /netlink: EPERM: again/);
    // Who reads another one by now does not take it away.
    found.retryNow();
    assert.equal(found.reportReadError(source, new Error('late')), 'netlink: late');
    assert.equal(found.source?.path, 'netlink');
  });
});
