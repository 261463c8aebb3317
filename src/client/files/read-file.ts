import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { MAX_CONFIG_FILE_BYTES } from '../model/limits.ts';

const PIECE_BYTES = 64 * 1024;

/**
 * The whole of a file that the user, or a kubeconfig, names: a file or a pipe. Devices are refused, for one may have no end or ask
 * at a terminal; /dev/null is empty, as people use it. Throws what the system says, or why it is refused.
 */
export function readWholeFile(path: string | URL, most = MAX_CONFIG_FILE_BYTES): Buffer {
  // Without a terminal's becoming the process's own.
  const file = openSync(path, constants.O_RDONLY | constants.O_NOCTTY);
  try {
    const stat = fstatSync(file);
    if (stat.isCharacterDevice() && stat.rdev === nullDevice()) return Buffer.alloc(0);
    if (stat.isCharacterDevice() || stat.isBlockDevice()) throw new Error('it is a device');
    if (stat.isFile() && stat.size > most) throw tooLarge(most);
    const pieces: Buffer[] = [];
    let length = 0;
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      const count = readSync(file, piece, 0, PIECE_BYTES, null);
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

function tooLarge(most: number): Error {
  return new Error(`it has more than ${most / 1024 ** 2} MiB`);
}

function nullDevice(): number | undefined {
  return statSync('/dev/null', { throwIfNoEntry: false })?.rdev;
}
