import { cleanLine } from '../../log.ts';
import {
  decodeReaderHeader,
  HEADER_BYTES,
  MAX_FAILURE_BYTES,
  MAX_FRAME_BYTES,
  type ReaderFailure,
  type ReaderSettings,
} from './protocol.ts';

/** A part of a reply. A `frame` is valid until the next chunk is added. */
export type AnswerPart =
  | { readonly kind: 'settings'; readonly settings: ReaderSettings }
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  | { readonly kind: 'failure'; readonly failure: ReaderFailure };

const FAILURE_HEADER_BYTES = 12;

/** Splits a reader's reply, which arrives in chunks of any size. It buffers at most one frame. */
export class FrameSplitter {
  #rest = Buffer.alloc(0);
  #hasHeader = false;
  #isOver = false;

  /** Throws an Error if the bytes are not a reader's reply. */
  *add(chunk: Buffer): Generator<AnswerPart> {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const part = this.#isOver ? undefined : this.#next(bytes);
      if (part === undefined) break;
      bytes = bytes.subarray(part.length);
      yield part.part;
    }
    this.#rest = this.#isOver ? Buffer.alloc(0) : Buffer.from(bytes);
  }

  #next(bytes: Buffer): { readonly part: AnswerPart; readonly length: number } | undefined {
    if (!this.#hasHeader) {
      if (bytes.length < HEADER_BYTES) return undefined;
      const header = decodeReaderHeader(bytes);
      if (!header.ok) throw new Error(header.message);
      this.#hasHeader = true;
      return { part: { kind: 'settings', settings: header.settings }, length: HEADER_BYTES };
    }
    if (bytes.length < 4) return undefined;
    const length = bytes.readUInt32LE(0);
    if (length === 0) return this.#failure(bytes);
    if (length > MAX_FRAME_BYTES)
      throw new Error(`the reader sent a frame of ${length} bytes: ${MAX_FRAME_BYTES} at most`);
    if (bytes.length < 4 + length) return undefined;
    return { part: { kind: 'frame', bytes: bytes.subarray(4, 4 + length) }, length: 4 + length };
  }

  #failure(bytes: Buffer): { readonly part: AnswerPart; readonly length: number } | undefined {
    if (bytes.length < FAILURE_HEADER_BYTES) return undefined;
    const textBytes = Math.min(bytes.readUInt32LE(8), MAX_FAILURE_BYTES);
    const length = FAILURE_HEADER_BYTES + textBytes;
    if (bytes.length < length) return undefined;
    // It goes to logs, health and GetAgent.
    const text = cleanLine(bytes.toString('utf8', FAILURE_HEADER_BYTES, length));
    this.#isOver = true;
    return { part: { kind: 'failure', failure: { errno: bytes.readUInt32LE(4), text } }, length };
  }
}
