import { closeSync, constants, fstatSync, openSync } from 'node:fs';

/** Opens a table's file for reading. Throws if it is not a regular file: a FIFO or a device could block, or never end. */
export function openTable(path: string): number {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stat = fstatSync(file);
  if (stat.isFile()) return file;
  closeSync(file);
  throw new Error(`${path}: ${stat.isDirectory() ? 'is a directory' : 'is not a regular file'}`);
}
