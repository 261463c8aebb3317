import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { MAX_CONFIG_FILE_BYTES } from '../model/limits.ts';

const PIECE_BYTES = 64 * 1024;
/** How long to wait for a pipe's writer, which may be a program that calls a server. */
const MAX_PIPE_WAIT_MS = 10_000;
const PIPE_POLL_MS = 20;
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/**
 * Reads a whole file or pipe that the user or a kubeconfig names. Devices are refused, because they may have no end or prompt
 * on a terminal; /dev/null counts as empty. Throws the system's error, or the reason for the refusal.
 */
export function readWholeFile(path: string | URL, most = MAX_CONFIG_FILE_BYTES, maxWaitMs = MAX_PIPE_WAIT_MS): Buffer {
  // The terminal must not become the controlling one, and opening must not wait for a pipe's writer, which no signal would interrupt.
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
      // A pipe without a writer yet looks like one that has ended.
      if (count === undefined || (count === 0 && length === 0 && stat.isFIFO())) {
        if (stat.isFile() || Date.now() > waitUntil) throw new Error(`no data within ${maxWaitMs / 1000} s`);
        Atomics.wait(NEVER, 0, 0, PIPE_POLL_MS);
        continue;
      }
      if (count === 0) return Buffer.concat(pieces, length);
      // A pipe may deliver one byte at a time.
      pieces.push(count === PIECE_BYTES ? piece : Buffer.from(piece.subarray(0, count)));
      length += count;
      if (length > most) throw tooLarge(most);
    }
  } finally {
    closeSync(file);
  }
}

/** Undefined: no data yet. */
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
