import { closeSync, readSync } from 'node:fs';
import { openTable } from './open-table.ts';
import { formatLineSample } from './parse/line-sample.ts';
import { LineScanner } from './parse/line-scanner.ts';
import { LineSplitter } from './parse/line-splitter.ts';

/** If nothing in this many bytes can be parsed, nothing in the rest can be either. */
const MAX_BYTES = 256 * 1024;

/**
 * Checks whether a table's text can be parsed: one parsed line is enough. Returns a sample line if none can be parsed; undefined
 * if one can, or if there are no lines. Throws if the file cannot be read.
 */
export function findUnparsedLine(path: string): string | undefined {
  const scanner = new LineScanner();
  const addresses = new Uint8Array(64);
  let isUnderstood = false;
  let sample: string | undefined;
  const splitter = new LineSplitter((bytes, start, end, terminated) => {
    if (isUnderstood) return;
    isUnderstood = scanner.scan(bytes, start, end, terminated) && scanner.writeAddresses(addresses, 0);
    sample ??= formatLineSample(bytes, start, end);
  });
  const file = openTable(path);
  try {
    for (let read = 0; read < MAX_BYTES && !isUnderstood; ) {
      const count = readSync(file, splitter.buffer, splitter.filled, splitter.room, null);
      if (count === 0) {
        splitter.end();
        break;
      }
      read += count;
      splitter.advance(count);
    }
    if (splitter.overlong > 0) sample ??= 'a line without an end';
    return isUnderstood ? undefined : sample;
  } finally {
    closeSync(file);
  }
}
