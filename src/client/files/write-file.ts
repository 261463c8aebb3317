import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { constants as os } from 'node:os';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { getSystemErrorMessage } from 'node:util';

/** Pieces are written in batches of at least so many characters. */
const BATCH = 65_536;
/** Making pieces may take long: after so many, keys have their turn. */
const TURN = 500;
/** Only for those who made it: it holds who talked to whom. */
const MODE = 0o600;
/** File systems without hard links (FAT, some network ones) say so with one of these codes. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** A file that was opened to be written, from its start to its end. */
export interface OpenedFile {
  readonly handle: FileHandle;
  /** A device, a pipe, or what this process was given open: nothing of it can be taken back. */
  readonly direct: boolean;
}

/**
 * Opens a file that has its name at once, so that it can be read while it is written. Throws EEXIST where there is one, but with
 * `overwrite`: then a new file takes its place, so that the old one's owner, mode and readers have no part in it.
 */
export async function openForWriting(path: string, overwrite: boolean): Promise<OpenedFile> {
  if (await isDirect(path)) return { handle: await openDirect(path), direct: true };
  if (!overwrite) return { handle: await open(path, 'wx', MODE), direct: false };
  const temporary = temporaryName(path);
  const handle = await open(temporary, 'wx', MODE);
  try {
    await rename(temporary, path);
    return { handle, direct: false };
  } catch (error) {
    await handle.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

/** What is no file of a folder: a device, a pipe, and /dev/stdout or /dev/fd/3, whatever these are. */
async function isDirect(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isDirectory()) return false;
  return !found.isFile() || (await isOpenAlready(path));
}

const FDS = /^\/proc\/[^/]+(\/task\/[^/]+)?\/fd$|^\/dev\/fd$/;

async function isOpenAlready(path: string): Promise<boolean> {
  const named = /^\/dev\/(stdout|stderr)$/.test(path);
  return named || FDS.test(await realpath(dirname(path)).catch(() => ''));
}

/** Never made, and never emptied: `3>>file` keeps what is there. */
function openDirect(path: string): Promise<FileHandle> {
  return open(path, constants.O_WRONLY | constants.O_APPEND);
}

function temporaryName(file: string): string {
  return `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
}

/**
 * Writes a new file; one that is there already is left alone, and that is an error. The file has its name only once it is whole
 * and on the disk: until then it is a temporary one beside it, which goes when anything fails. No more is made of it than the disk
 * takes. A device or a pipe is written as it is.
 */
export async function writeExport(file: string, pieces: Iterable<string>, signal: AbortSignal): Promise<void> {
  try {
    await writeWhole(file, pieces, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw named(file, error);
  }
}

async function writeWhole(file: string, pieces: Iterable<string>, signal: AbortSignal): Promise<void> {
  if (await isDirect(file)) {
    await writeBatches(await openDirect(file), pieces, signal);
    return;
  }
  await refuseExisting(file);
  const temporary = temporaryName(file);
  const handle = await open(temporary, 'wx', MODE);
  try {
    await writeBatches(handle, pieces, signal, () => handle.datasync());
    await takeName(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeBatches(
  handle: FileHandle,
  pieces: Iterable<string>,
  signal: AbortSignal,
  finish?: () => Promise<void>,
): Promise<void> {
  try {
    for await (const batch of batches(pieces)) {
      signal.throwIfAborted();
      await handle.writeFile(batch);
    }
    await finish?.();
  } finally {
    await handle.close();
  }
}

async function* batches(pieces: Iterable<string>): AsyncGenerator<string> {
  let batch = '';
  let count = 0;
  for (const piece of pieces) {
    batch += piece;
    if (++count % TURN === 0) await setImmediate();
    if (batch.length < BATCH) continue;
    yield batch;
    batch = '';
  }
  yield batch;
}

/** Before anything is made: who typed a name that is taken need not wait for the error. */
async function refuseExisting(file: string): Promise<void> {
  const taken = await lstat(file).catch(() => undefined);
  if (taken !== undefined) throw Object.assign(new Error('EEXIST'), { code: 'EEXIST', errno: -os.errno.EEXIST });
}

/** Gives the file its name, where nothing has it: a rename alone would replace what came meanwhile. */
async function takeName(temporary: string, file: string): Promise<void> {
  try {
    await link(temporary, file);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await (await open(file, 'wx', MODE)).close();
    await rename(temporary, file);
  }
}

/** "FILE: no space left on device (ENOSPC)": of the file that was asked for, not of the temporary one. */
function named(file: string, error: unknown): unknown {
  const { code, errno } = error as NodeJS.ErrnoException;
  if (code === undefined || errno === undefined) return error;
  return Object.assign(new Error(`${file}: ${getSystemErrorMessage(errno)} (${code})`, { cause: error }), { code });
}
