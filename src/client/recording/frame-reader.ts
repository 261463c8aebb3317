import type { FileHandle } from 'node:fs/promises';
import { FRAME_HEADER_BYTES, type FrameHeader, parseFrameHeader } from './frame.ts';

const READ_BYTES = 262_144;

export interface RecordingFrame {
  readonly header: FrameHeader;
  /** Where it is in the file, and where the next one is. */
  readonly at: number;
  readonly next: number;
}

/** Where a file's frames can be read: it holds one piece of the file, or one frame. */
export class RecordingFrameReader {
  readonly #file: FileHandle;
  #piece: Buffer = Buffer.alloc(0);
  #pieceAt = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** The frame that begins there; undefined where the file ends, or is no longer one of frames. */
  async frameAt(at: number): Promise<RecordingFrame | undefined> {
    const header = parseFrameHeader(await this.bytes(at, FRAME_HEADER_BYTES));
    return header === undefined ? undefined : { header, at, next: at + FRAME_HEADER_BYTES + header.bytes };
  }

  /** Shorter than the head says, where the file was cut off. */
  body({ at, header }: RecordingFrame): Promise<Buffer> {
    return this.bytes(at + FRAME_HEADER_BYTES, header.bytes);
  }

  /** So many bytes, or as many as there are. Valid until the next call. */
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
