import type { FileHandle } from 'node:fs/promises';
import { HEAD_BYTES, type Head, readHead } from './frame.ts';

const PIECE = 262_144;

export interface Frame {
  readonly head: Head;
  /** Where it is in the file, and where the next one is. */
  readonly at: number;
  readonly next: number;
}

/** Where a file's frames can be read: it holds one piece of the file, or one frame. */
export class FrameFile {
  readonly #file: FileHandle;
  #piece: Buffer = Buffer.alloc(0);
  #pieceAt = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** The frame that begins there; undefined where the file ends, or is no longer one of frames. */
  async frameAt(at: number): Promise<Frame | undefined> {
    const head = readHead(await this.bytes(at, HEAD_BYTES));
    return head === undefined ? undefined : { head, at, next: at + HEAD_BYTES + head.bytes };
  }

  /** Shorter than the head says, where the file was cut off. */
  body({ at, head }: Frame): Promise<Buffer> {
    return this.bytes(at + HEAD_BYTES, head.bytes);
  }

  /** So many bytes, or as many as there are. Valid until the next call. */
  async bytes(at: number, length: number): Promise<Buffer> {
    const from = at - this.#pieceAt;
    if (from < 0 || from + length > this.#piece.length) await this.#load(at, length);
    return this.#piece.subarray(at - this.#pieceAt, at - this.#pieceAt + length);
  }

  async #load(at: number, length: number): Promise<void> {
    const wanted = Math.max(length, PIECE);
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
