import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { constants as os } from 'node:os';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { getSystemErrorMessage } from 'node:util';
import { openDirect, PipeError, writeAll } from './direct-file.ts';

/** Pieces are written in batches of at least this many characters. */
const BATCH_LENGTH = 65_536;
/** Generating pieces may take long: after this many, keys are handled. */
const PIECES_PER_TURN = 500;
/** Readable by the owner only: the file contains traffic data. */
const FILE_MODE = 0o600;
/** File systems without hard links (FAT, some network ones) say so with one of these codes. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** A file opened for writing. */
export interface OpenedFile {
  readonly handle: FileHandle;
  /** A device, a pipe, or an inherited descriptor: written data cannot be undone. */
  readonly direct: boolean;
}

/**
 * Creates a file under its final name, so that it can be read while it is written. Throws EEXIST if it exists, except with
 * `overwrite`: then a new file replaces it, so that it does not keep the old one's owner, mode and readers.
 */
export async function openForWriting(path: string, overwrite: boolean, signal: AbortSignal): Promise<OpenedFile> {
  if (await isDirect(path)) return { handle: await openDirect(path, signal), direct: true };
  if (!overwrite) return { handle: await open(path, 'wx', FILE_MODE), direct: false };
  const temporary = temporaryName(path);
  const handle = await open(temporary, 'wx', FILE_MODE);
  try {
    await rename(temporary, path);
    return { handle, direct: false };
  } catch (error) {
    await handle.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Not a regular file: a device, a pipe, or /dev/stdout or /dev/fd/3, whatever they refer to. */
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

/** Opens a file for appending and creates it if it is missing. */
export async function openForAppending(path: string, signal: AbortSignal): Promise<FileHandle> {
  if (await isDirect(path)) return openDirect(path, signal);
  return open(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK, FILE_MODE);
}

function temporaryName(file: string): string {
  return `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
}

/**
 * Writes a new file; an existing one is an error and stays unchanged. The file gets its name only when it is complete
 * and on the disk. Until then it is a temporary file beside it, which is removed on any failure. Pieces are generated only as fast as
 * the disk accepts them. A device or a pipe is written directly.
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
    await writeBatches(await openDirect(file, signal), pieces, signal);
    return;
  }
  await refuseExisting(file);
  const temporary = temporaryName(file);
  const handle = await open(temporary, 'wx', FILE_MODE);
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
      await writeAll(handle, Buffer.from(batch), signal);
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
    if (++count % PIECES_PER_TURN === 0) await setImmediate();
    if (batch.length < BATCH_LENGTH) continue;
    yield batch;
    batch = '';
  }
  yield batch;
}

/** Checked first, so that the error for an existing file comes at once. */
async function refuseExisting(file: string): Promise<void> {
  const taken = await lstat(file).catch(() => undefined);
  if (taken !== undefined) throw Object.assign(new Error('EEXIST'), { code: 'EEXIST', errno: -os.errno.EEXIST });
}

/** Links the file to its name unless that exists: a rename alone would replace a file created meanwhile. */
async function takeName(temporary: string, file: string): Promise<void> {
  try {
    await link(temporary, file);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await (await open(file, 'wx', FILE_MODE)).close();
    await rename(temporary, file);
  }
}

/** "FILE: no space left on device (ENOSPC)": names the requested file, not the temporary one. */
function named(file: string, error: unknown): unknown {
  if (error instanceof PipeError) return new PipeError(`${file}: ${error.message}`);
  const { code, errno } = error as NodeJS.ErrnoException;
  if (code === undefined || errno === undefined) return error;
  return Object.assign(new Error(`${file}: ${getSystemErrorMessage(errno)} (${code})`, { cause: error }), { code });
}
