import type { FileHandle } from 'node:fs/promises';
import { getSystemErrorMessage } from 'node:util';
import { writeAll } from '../files/direct-file.ts';
import { type OpenedFile, openForWriting } from '../files/write-file.ts';
import { InvalidRecordingError } from './recording.ts';

/** The output of a recording: piece by piece, in order. */
export interface RecordingSink {
  /** Bytes written so far. */
  readonly bytes: number;
  /** Resolves when the piece is written completely. */
  append(piece: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** Standard output, or another byte stream. A truncated write cannot be undone there. */
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

/** A file that only grows by complete pieces: an incomplete write (a full disk) is undone. */
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

  /** Resolves when all data is on the disk. */
  async close(): Promise<void> {
    try {
      await this.#file.datasync();
    } catch (error) {
      // A pipe or device needs no sync.
      if (!this.#direct || (error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
    } finally {
      await this.#file.close();
    }
  }
}

/** Why a file cannot be read or written, for messages. */
export function describeFileError(error: unknown): string {
  if (error instanceof InvalidRecordingError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code, errno } = error as NodeJS.ErrnoException;
  if (code === 'EISDIR') return 'a directory';
  return errno === undefined ? error.message : getSystemErrorMessage(errno);
}
