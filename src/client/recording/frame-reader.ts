import type { FileHandle } from 'node:fs/promises';
import { FRAME_HEADER_BYTES, type FrameHeader, parseFrameHeader } from './frame.ts';

const READ_BYTES = 262_144;

export interface RecordingFrame {
  readonly header: FrameHeader;
  /** Its offset in the file, and the offset of the next one. */
  readonly at: number;
  readonly next: number;
}

/** Reads a file's frames. It keeps one piece of the file, or one frame, in memory. */
export class RecordingFrameReader {
  readonly #file: FileHandle;
  #piece: Buffer = Buffer.alloc(0);
  #pieceAt = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** The frame at this offset; undefined at the end of the file, or of its valid part. */
  async frameAt(at: number): Promise<RecordingFrame | undefined> {
    const header = parseFrameHeader(await this.bytes(at, FRAME_HEADER_BYTES));
    return header === undefined ? undefined : { header, at, next: at + FRAME_HEADER_BYTES + header.bytes };
  }

  /** Shorter than in the header if the file is truncated. */
  body({ at, header }: RecordingFrame): Promise<Buffer> {
    return this.bytes(at + FRAME_HEADER_BYTES, header.bytes);
  }

  /** At most this many bytes. Valid until the next call. */
  async bytes(at: number, length: number): Promise<Buffer> {
    const from = at - this.#pieceAt;
    if (from < 0 || from + length > this.#piece.length) await this.#load(at, length);
    return this.#piece.subarray(at - this.#pieceAt, at - this.#pieceAt + length);
  }

  async #load(at: number, length: number): Promise<void> {
    const wanted = Math.max(length, READ_BYTES);
    const buffer = Buffer.allocUnsafe(wanted);
    let filled = 0;
    while (filled < wanted) {
      const { bytesRead } = await this.#file.read(buffer, filled, wanted - filled, at + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    this.#piece = buffer.subarray(0, filled);
    this.#pieceAt = at;
  }
}
