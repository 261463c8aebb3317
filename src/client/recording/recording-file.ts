import type { FileHandle } from 'node:fs/promises';
import { getSystemErrorMessage } from 'node:util';
import { writeAll } from '../files/direct-file.ts';
import { type OpenedFile, openForWriting } from '../files/write-file.ts';
import { InvalidRecordingError } from './recording.ts';

/** Where a recording goes: piece by piece, in order. */
export interface RecordingSink {
  /** Written so far. */
  readonly bytes: number;
  /** Resolves when the piece is written whole. */
  append(piece: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Standard output, or whatever else takes bytes. What is cut off there stays so. */
export class RecordingStream implements RecordingSink {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  bytes = 0;

  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  async append(piece: Buffer): Promise<void> {
    await this.#write(piece);
    this.bytes += piece.length;
  }

  async close(): Promise<void> {}
}

/** A file that only grows, by whole pieces: what a full disk cuts off is taken back. */
export class RecordingFile implements RecordingSink {
  readonly #file: FileHandle;
  readonly #direct: boolean;
  readonly #signal: AbortSignal;
  #bytes = 0;

  private constructor({ handle, direct }: OpenedFile, signal: AbortSignal) {
    this.#file = handle;
    this.#direct = direct;
    this.#signal = signal;
  }

  /** Throws file system errors: EEXIST for an existing file without `overwrite`. `signal`: see `writeAll`. */
  static async create(path: string, overwrite: boolean, signal: AbortSignal): Promise<RecordingFile> {
    return new RecordingFile(await openForWriting(path, overwrite, signal), signal);
  }

  get bytes(): number {
    return this.#bytes;
  }

  async append(piece: Buffer): Promise<void> {
    try {
      await writeAll(this.#file, piece, this.#signal);
      this.#bytes += piece.length;
    } catch (error) {
      if (!this.#direct) await this.#file.truncate(this.#bytes).catch(() => {});
      throw error;
    }
  }

  /** What was written is on the disk when this resolves. */
  async close(): Promise<void> {
    try {
      await this.#file.datasync();
    } catch (error) {
      // A pipe or device has nothing to be kept.
      if (!this.#direct || (error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
    } finally {
      await this.#file.close();
    }
  }
}

/** Why a file cannot be read or written, in words. */
export function describeFileError(error: unknown): string {
  if (error instanceof InvalidRecordingError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code, errno } = error as NodeJS.ErrnoException;
  if (code === 'EISDIR') return 'a directory';
  return errno === undefined ? error.message : getSystemErrorMessage(errno);
}
