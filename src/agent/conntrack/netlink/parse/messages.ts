import * as nl from './numbers.ts';

/** Takes what comes in an answer of the kernel. `view[start, end)` is what follows the message's own header. */
export interface MessageSink {
  message(type: number, view: DataView, start: number, end: number): void;
  /** Bytes that are no message: nothing of what follows them in the buffer can be found. */
  malformed(bytes: number): void;
}

/** How an answer ended: 0 or a number of errno. `undefined` before its end. */
export type AnswerEnd = number | undefined;

/** Lost data: ENOBUFS, by which the kernel says the same. */
const ENOBUFS = 105;
const NO_BYTES = new DataView(new ArrayBuffer(0));

/** Takes the buffers of one answer apart: those that are of another request are passed over. */
export class AnswerReader {
  /** The kernel said that the table changed under the dump. */
  isInterrupted = false;
  readonly #sequence: number;
  readonly #sink: MessageSink;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = NO_BYTES;

  constructor(sequence: number, sink: MessageSink) {
    this.#sequence = sequence;
    this.#sink = sink;
  }

  /** Whole messages, one after another. Returns how the answer ended, if it did. */
  read(bytes: Uint8Array): AnswerEnd {
    if (bytes.buffer !== this.#bytes.buffer || bytes.byteOffset !== this.#bytes.byteOffset) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset);
    }
    const view = this.#view;
    const end = bytes.length;
    for (let at = 0; at + nl.MESSAGE_HEADER_BYTES <= end; ) {
      const length = view.getUint32(at, nl.LITTLE_ENDIAN);
      if (length < nl.MESSAGE_HEADER_BYTES || length > end - at) {
        this.#sink.malformed(end - at);
        return undefined;
      }
      if (view.getUint32(at + 8, nl.LITTLE_ENDIAN) === this.#sequence) {
        const outcome = this.#one(at, at + length);
        if (outcome !== undefined) return outcome;
      }
      at += (length + 3) & ~3;
    }
    return undefined;
  }

  #one(start: number, end: number): AnswerEnd {
    const view = this.#view;
    const type = view.getUint16(start + 4, nl.LITTLE_ENDIAN);
    if ((view.getUint16(start + 6, nl.LITTLE_ENDIAN) & nl.NLM_F_DUMP_INTR) !== 0) this.isInterrupted = true;
    const content = start + nl.MESSAGE_HEADER_BYTES;
    switch (type) {
      case nl.NLMSG_DONE:
      case nl.NLMSG_ERROR:
        // Its first number is a negative errno, or 0; the end of a dump by an old kernel has none.
        return content + 4 <= end ? 0 - view.getInt32(content, nl.LITTLE_ENDIAN) : 0;
      case nl.NLMSG_OVERRUN:
        return ENOBUFS;
    }
    if (type >= nl.FIRST_TYPE) this.#sink.message(type, view, content, end);
    return undefined;
  }
}

/** A request about conntrack, of all families. */
export function encodeRequest(type: number, flags: number, sequence: number): Uint8Array {
  const bytes = new Uint8Array(nl.MESSAGE_HEADER_BYTES + nl.FAMILY_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, nl.LITTLE_ENDIAN);
  view.setUint16(4, type, nl.LITTLE_ENDIAN);
  view.setUint16(6, nl.NLM_F_REQUEST | flags, nl.LITTLE_ENDIAN);
  view.setUint32(8, sequence, nl.LITTLE_ENDIAN);
  return bytes;
}
