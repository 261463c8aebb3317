import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import {
  allPrivate,
  cacheFolder,
  type FolderAccess,
  resolvePrivatePath,
} from '../../../../src/client/files/private-folder.ts';
import { createSocketFolder, socketParents } from '../../../../src/client/files/socket-folder.ts';

const [ROOT, ME, EVE] = [0, 1000, 1001];
type Folder = readonly [uid: number, mode: number];

/** A file system of folders and links, as one user sees it. */
function machine(uid: number, folders: Record<string, Folder>, links: Record<string, string> = {}): FolderAccess {
  const all = new Map(Object.entries({ '/': [ROOT, 0o755] as Folder, ...folders }));
  const stat = (path: string) => {
    const [owner, mode] = all.get(path) ?? [];
    if (owner === undefined || mode === undefined) throw new Error(`ENOENT ${path}`);
    return { uid: owner, mode, isDirectory: () => true };
  };
  const realpath = (path: string): string => {
    const link = Object.entries(links).find(([from]) => path === from || path.startsWith(`${from}/`));
    if (link !== undefined) return realpath(link[1] + path.slice(link[0].length));
    stat(path);
    return path;
  };
  return {
    uid,
    realpath,
    stat,
    isWritable: (path) => uid === ROOT || stat(path).uid === uid || (stat(path).mode & 0o002) !== 0,
    make(path) {
      const parts = path.split('/').slice(1);
      for (const [i] of parts.entries()) {
        const at = `/${parts.slice(0, i + 1).join('/')}`;
        if (all.has(at)) continue;
        if (!this.isWritable(dirname(at))) throw new Error(`EACCES ${at}`);
        all.set(at, [uid, 0o700]);
      }
    },
  };
}

const TMP: Record<string, Folder> = { '/tmp': [ROOT, 0o1777] };

test('a folder is private where it and all above it are this user’s or root’s, and nobody else can write', () => {
  const home: Record<string, Folder> = { '/home': [ROOT, 0o755], '/home/me': [ME, 0o750], '/home/me/x': [ME, 0o700] };
  const is = (uid: number, path: string, folders: Record<string, Folder>, links?: Record<string, string>) =>
    resolvePrivatePath(path, machine(uid, { ...TMP, ...folders }, links));
  assert.equal(is(ME, '/home/me/x', home), '/home/me/x');
  assert.equal(is(ME, '/tmp', {}), '/tmp');
  assert.equal(is(ME, '/nowhere', {}), undefined);
  // Somebody else owns it, or what it is in.
  assert.equal(is(EVE, '/home/me/x', home), undefined);
  assert.equal(is(ME, '/tmp/a/b', { '/tmp/a': [EVE, 0o755], '/tmp/a/b': [ME, 0o700] }), undefined);
  // Others can write there, as group or as anybody.
  for (const mode of [0o770, 0o707, 0o777, 0o1777])
    assert.equal(is(ME, '/home/me/x', { ...home, '/home/me': [ME, mode] }), undefined, mode.toString(8));
  assert.equal(is(ME, '/data', { '/data': [ROOT, 0o777] }), undefined);
  // Sticky, but not root's: its owner removes what is in it.
  assert.equal(is(ME, '/s/x', { '/s': [EVE, 0o1777], '/s/x': [ME, 0o700] }), undefined);
  // As root, nothing below another user's folder.
  assert.equal(is(ROOT, '/home/me/x', { ...home, '/home/me/x': [ROOT, 0o700] }), undefined);
  // A link is the folder that it leads to.
  const eves = { '/home/eve': [EVE, 0o700] } satisfies Record<string, Folder>;
  assert.equal(is(ME, '/tmp/link', { ...home, ...eves }, { '/tmp/link': '/home/eve' }), undefined);
  assert.equal(is(ME, '/tmp/link', home, { '/tmp/link': '/home/me/x' }), '/home/me/x');
});

test('folders that are private and can be written to are taken in turn; with none, sockets say so', () => {
  const looks = machine(ME, { ...TMP, '/run': [ROOT, 0o755], '/run/1000': [ME, 0o700], '/eve': [EVE, 0o777] });
  assert.deepEqual(allPrivate(['relative', '/nowhere', '/eve', '/run', '/run/1000', '/tmp'], looks), [
    '/run/1000',
    '/tmp',
  ]);
  assert.deepEqual(socketParents({ XDG_RUNTIME_DIR: '/eve' }, looks).at(-1), '/tmp');
  assert.equal(socketParents({ XDG_RUNTIME_DIR: '/run/1000' }, looks)[0], '/run/1000');
  // `sudo -E`: the runtime folder is still that of the user.
  const asRoot = machine(ROOT, { ...TMP, '/run': [ROOT, 0o755], '/run/1000': [ME, 0o700] });
  assert.ok(!socketParents({ XDG_RUNTIME_DIR: '/run/1000' }, asRoot).includes('/run/1000'));
  const open = machine(ME, { '/tmp': [ROOT, 0o777], [tmpdir()]: [ROOT, 0o777] });
  assert.deepEqual(socketParents({ XDG_RUNTIME_DIR: '/eve' }, open), []);
  assert.throws(() => createSocketFolder([]), /no private folder for sockets; set XDG_RUNTIME_DIR/);
});

test('where nothing can be made, the next folder is tried', (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'kflow-private-'));
  t.after(() => rmSync(parent, { recursive: true }));
  const folder = createSocketFolder(['/proc', join(parent, 'nowhere'), parent]);
  assert.ok(folder.path.startsWith(parent));
  folder.remove();
  assert.throws(() => createSocketFolder('/proc'), /no private folder for sockets: .*\/proc/);
});

test('compiled code is kept in a folder of the user’s own alone, and never for root', () => {
  const env = { HOME: '/nowhere', XDG_CACHE_HOME: '/home/me/.cache' };
  const home: Record<string, Folder> = { '/home': [ROOT, 0o755], '/home/me': [ME, 0o755] };
  const own = join(tmpdir(), `kflow-cache-${ME}`);
  const inTmp = (mode: number, owner: number) => machine(ME, { [tmpdir()]: [ROOT, 0o1777], [own]: [owner, mode] });
  assert.equal(cacheFolder(env, machine(ME, home)), '/home/me/.cache/kflow');
  assert.equal(cacheFolder(env, machine(ROOT, home)), undefined);
  // A folder that another user made beforehand is not used, nor one that is open.
  assert.equal(cacheFolder({ HOME: '/nowhere' }, inTmp(0o700, ME)), own);
  assert.equal(cacheFolder({ HOME: '/nowhere' }, inTmp(0o700, EVE)), undefined);
  assert.equal(cacheFolder({ HOME: '/nowhere' }, inTmp(0o777, ME)), undefined);
  assert.equal(cacheFolder({ HOME: '/nowhere' }, inTmp(0o755, ROOT)), undefined);
});

test('folders of this machine are looked at as they are', (t) => {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'kflow-private-')));
  t.after(() => rmSync(parent, { recursive: true }));
  const folder = join(parent, 'a');
  mkdirSync(folder, { mode: 0o700 });
  symlinkSync(folder, join(parent, 'link'));
  assert.equal(resolvePrivatePath(join(parent, 'link')), folder);
  chmodSync(parent, 0o777);
  assert.equal(resolvePrivatePath(folder), undefined);
  chmodSync(parent, 0o700);
  if (process.getuid?.() !== 0) {
    t.diagnostic('not root: folders of another user are left out');
    return;
  }
  chownSync(parent, 12345, 12345);
  assert.equal(resolvePrivatePath(folder), undefined);
  chownSync(parent, 0, 0);
  chownSync(folder, 12345, 12345);
  assert.equal(resolvePrivatePath(folder), undefined);
});

const MAIN = new URL('../../../../src/client/main.ts', import.meta.url).pathname;
const AGENT = new URL('../../../../src/agent/main.ts', import.meta.url).pathname;

/** Runs a program with a folder for temporary files of its own, and tells what it left there. */
function leftBy(program: string, tmp: string, as?: number): readonly string[] {
  const env = { PATH: process.env.PATH, TMPDIR: tmp, HOME: '/dev/null/home' };
  const user = as === undefined ? {} : { uid: as, gid: as };
  const { status, stderr } = spawnSync(process.execPath, [program, '--version'], { env, ...user, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return readdirSync(tmp).sort();
}

test('neither program reads or writes compiled code where another user can plant it', (t) => {
  const tmp = realpathSync(mkdtempSync(join(tmpdir(), 'kflow-planted-')));
  t.after(() => rmSync(tmp, { recursive: true }));
  chmodSync(tmp, 0o1777);
  const planted = join(tmp, 'node-compile-cache');
  mkdirSync(planted);
  for (const program of [MAIN, AGENT]) {
    const left = leftBy(program, tmp);
    assert.deepEqual(readdirSync(planted), [], program);
    assert.deepEqual(
      left.filter((name) => name.startsWith('kflow-cache') && process.getuid?.() === 0),
      [],
      program,
    );
  }
  if (process.getuid?.() !== 0) {
    t.diagnostic('not root: another user is left out');
    return;
  }
  // A folder that somebody else made under this user's name.
  const taken = join(tmp, 'kflow-cache-12345');
  mkdirSync(taken);
  leftBy(MAIN, tmp, 12345);
  assert.deepEqual(readdirSync(taken), []);
  rmSync(taken, { recursive: true });
  assert.ok(leftBy(MAIN, tmp, 12345).includes('kflow-cache-12345'));
  assert.equal(statSync(taken).mode & 0o777, 0o700);
  assert.ok(existsSync(taken) && readdirSync(taken).length > 0);
});

test('a folder for temporary files in which nothing can be made holds up no start', (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root, to be a user without a home');
  const env = { PATH: process.env.PATH, TMPDIR: '/proc', HOME: '/proc/self' };
  const as = { uid: 12345, gid: 12345, timeout: 20_000, encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync(process.execPath, [MAIN, '--version'], { env, ...as });
  assert.equal(status, 0, stderr);
});
