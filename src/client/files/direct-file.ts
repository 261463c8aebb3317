import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/** How long to wait for a pipe's reader: a script may start it later than the writer. */
const MAX_READER_WAIT_MS = 10_000;
/** How long to wait for a reader that takes nothing once the program is ending. */
const MAX_LAST_WAIT_MS = 1_000;
const POLL_MS = 20;

/** The other end of a pipe does nothing. */
export class PipeError extends Error {
  override name = 'PipeError';
}

/**
 * Opens a device, a pipe or an inherited descriptor for appending. Never creates and never truncates: `3>>file` keeps its content.
 * All calls are non-blocking: a thread blocked in open() or write() keeps the process from exiting.
 */
export async function openDirect(
  path: string,
  signal: AbortSignal,
  maxWaitMs = MAX_READER_WAIT_MS,
): Promise<FileHandle> {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK | constants.O_NOCTTY;
  for (const waitUntil = performance.now() + maxWaitMs; ; ) {
    signal.throwIfAborted();
    try {
      return await open(path, flags);
    } catch (error) {
      // For a pipe: it has no reader.
      if (codeOf(error) !== 'ENXIO' || !(await stat(path)).isFIFO()) throw error;
      if (performance.now() >= waitUntil) throw new PipeError(`nobody reads this pipe (${maxWaitMs / 1000} s)`);
      await setTimeout(POLL_MS);
    }
  }
}

/** Writes all bytes at the reader's pace. After `signal` aborts, it waits for a stalled reader for `MAX_LAST_WAIT_MS` only. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  let waitUntil = Number.POSITIVE_INFINITY;
  for (let written = 0; written < bytes.length; ) {
    try {
      written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten;
      waitUntil = Number.POSITIVE_INFINITY;
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error;
      if (signal.aborted) waitUntil = Math.min(waitUntil, performance.now() + MAX_LAST_WAIT_MS);
      if (performance.now() >= waitUntil) throw new PipeError('its reader does not read');
      await setTimeout(POLL_MS);
    }
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
