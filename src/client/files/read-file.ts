import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { MAX_CONFIG_FILE_BYTES } from '../model/limits.ts';

const PIECE_BYTES = 64 * 1024;
/** Until a pipe's writer has written all: it may be a program that asks a server. */
const MAX_PIPE_WAIT_MS = 10_000;
const PIPE_POLL_MS = 20;
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/**
 * The whole of a file that the user, or a kubeconfig, names: a file or a pipe. Devices are refused, for one may have no end or ask
 * at a terminal; /dev/null is empty, as people use it. Throws what the system says, or why it is refused.
 */
export function readWholeFile(path: string | URL, most = MAX_CONFIG_FILE_BYTES, maxWaitMs = MAX_PIPE_WAIT_MS): Buffer {
  // Without a terminal's becoming the process's own, and without waiting for a pipe's writer, which no signal would end.
  const file = openSync(path, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (stat.isCharacterDevice() && stat.rdev === nullDevice()) return Buffer.alloc(0);
    if (stat.isCharacterDevice() || stat.isBlockDevice()) throw new Error('it is a device');
    if (stat.isFile() && stat.size > most) throw tooLarge(most);
    const pieces: Buffer[] = [];
    let length = 0;
    for (const waitUntil = Date.now() + maxWaitMs; ; ) {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      const count = readAvailable(file, piece);
      // A pipe that nobody has opened for writing yet looks like one that has ended.
      if (count === undefined || (count === 0 && length === 0 && stat.isFIFO())) {
        if (stat.isFile() || Date.now() > waitUntil) throw new Error(`nothing comes from it (${maxWaitMs / 1000} s)`);
        Atomics.wait(NEVER, 0, 0, PIPE_POLL_MS);
        continue;
      }
      if (count === 0) return Buffer.concat(pieces, length);
      // A pipe may give a byte at a time.
      pieces.push(count === PIECE_BYTES ? piece : Buffer.from(piece.subarray(0, count)));
      length += count;
      if (length > most) throw tooLarge(most);
    }
  } finally {
    closeSync(file);
  }
}

/** Undefined: nothing yet. */
function readAvailable(file: number, piece: Buffer): number | undefined {
  try {
    return readSync(file, piece, 0, piece.length, null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

function tooLarge(most: number): Error {
  return new Error(`it has more than ${most / 1024 ** 2} MiB`);
}

function nullDevice(): number | undefined {
  return statSync('/dev/null', { throwIfNoEntry: false })?.rdev;
}
