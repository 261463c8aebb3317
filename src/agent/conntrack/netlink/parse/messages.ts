import * as nl from './numbers.ts';

/** Receives the messages of a kernel reply. `view[start, end)` is the content after the netlink header. */
export interface MessageSink {
  message(type: number, view: DataView, start: number, end: number): void;
  /** Bytes that are not a message. The rest of the buffer cannot be parsed. */
  malformed(bytes: number): void;
}

/** The outcome of a reply: 0 or an errno. `undefined` before its end. */
export type AnswerEnd = number | undefined;

/** Data was lost. NLMSG_OVERRUN means the same as this errno. */
/** For those who look only for an answer's end. */
export const NO_SINK: MessageSink = { message: () => {}, malformed: () => {} };

const ENOBUFS = 105;
const NO_BYTES = new DataView(new ArrayBuffer(0));

/** Splits the buffers of one reply into messages. It skips messages of other requests. */
export class AnswerReader {
  /** The kernel reported that the table changed during the dump. */
  isInterrupted = false;
  readonly #sequence: number;
  readonly #sink: MessageSink;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = NO_BYTES;

  constructor(sequence: number, sink: MessageSink) {
    this.#sequence = sequence;
    this.#sink = sink;
  }

  /** Reads a buffer of whole messages. Returns the outcome of the reply if it ended. */
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
        // The first number is a negative errno, or 0. Old kernels end a dump without it.
        return content + 4 <= end ? 0 - view.getInt32(content, nl.LITTLE_ENDIAN) : 0;
      case nl.NLMSG_OVERRUN:
        return ENOBUFS;
    }
    if (type >= nl.FIRST_TYPE) this.#sink.message(type, view, content, end);
    return undefined;
  }
}

/** Encodes a conntrack request for all families. */
export function encodeRequest(type: number, flags: number, sequence: number): Uint8Array {
  const bytes = new Uint8Array(nl.MESSAGE_HEADER_BYTES + nl.FAMILY_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, nl.LITTLE_ENDIAN);
  view.setUint16(4, type, nl.LITTLE_ENDIAN);
  view.setUint16(6, nl.NLM_F_REQUEST | flags, nl.LITTLE_ENDIAN);
  view.setUint32(8, sequence, nl.LITTLE_ENDIAN);
  return bytes;
}
