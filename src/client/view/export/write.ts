import { randomBytes } from 'node:crypto';
import { link, lstat, open, rename, rm } from 'node:fs/promises';
import { constants } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { getSystemErrorMessage } from 'node:util';

/** Pieces are written in batches of at least so many characters. */
const BATCH = 65_536;
/** Making pieces may take long: after so many, keys have their turn. */
const TURN = 500;
/** Only for those who made it: it holds who talked to whom. */
const MODE = 0o600;
/** File systems without hard links (FAT, some network ones) say so in one of these ways. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/**
 * Writes a new file; one that is there already is left alone, and that is an error. The file has its name only once it is whole
 * and on the disk: until then it is a temporary one beside it, which goes when anything fails. No more is made of it than the disk
 * takes.
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
  await refuseExisting(file);
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  const handle = await open(temporary, 'wx', MODE);
  try {
    try {
      for await (const batch of batches(pieces)) {
        signal.throwIfAborted();
        await handle.writeFile(batch);
      }
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await takeName(temporary, file);
  } finally {
    await rm(temporary, { force: true });
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

/** Before anything is made: who typed a name that is taken need not wait to be told. */
async function refuseExisting(file: string): Promise<void> {
  const taken = await lstat(file).catch(() => undefined);
  if (taken !== undefined) throw Object.assign(new Error('EEXIST'), { code: 'EEXIST', errno: -constants.errno.EEXIST });
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
