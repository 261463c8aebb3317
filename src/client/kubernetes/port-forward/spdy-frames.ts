/**
 * The frames of SPDY/3.1 that a client of Kubernetes' port-forward sends and understands. Kubernetes uses no flow control
 * (its servers ignore windows), so there is none here.
 */
const CONTROL = 0x8003;
const HEADER_BYTES = 8;
const SYN_STREAM = 1;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const FIN = 0x01;
/** How much of a control frame is kept. Longer frames have headers, which are not read. */
const MAX_CONTROL_BYTES = 1024;

/** Events of `FrameReader`. */
export interface FrameEvents {
  /** A part of a data frame, as it came. */
  data(stream: number, chunk: Buffer): void;
  /** The other side sends no more on this stream. */
  fin(stream: number): void;
  reset(stream: number, status: number): void;
  ping(id: number): void;
  goAway(): void;
}

/** Opens a stream. Names in lower case. `first`: of this connection. `fin`: nothing will be sent on it. */
export function synStreamFrame(stream: number, headers: Record<string, string>, first: boolean, fin: boolean): Buffer {
  const block = headerBlock(headers, first);
  const frame = Buffer.alloc(HEADER_BYTES + 10);
  controlHeader(frame, SYN_STREAM, fin ? FIN : 0, 10 + block.length);
  frame.writeUInt32BE(stream, HEADER_BYTES);
  return Buffer.concat([frame, block]);
}

export function pingFrame(id: number): Buffer {
  const frame = Buffer.alloc(HEADER_BYTES + 4);
  controlHeader(frame, PING, 0, 4);
  frame.writeUInt32BE(id, HEADER_BYTES);
  return frame;
}

export function dataFrameHeader(stream: number, length: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(stream, 0);
  header.writeUIntBE(length, 5, 3);
  return header;
}

function controlHeader(frame: Buffer, type: number, flags: number, length: number): void {
  frame.writeUInt16BE(CONTROL, 0);
  frame.writeUInt16BE(type, 2);
  frame[4] = flags;
  frame.writeUIntBE(length, 5, 3);
}

/**
 * Names and values, in the zlib stream that all header blocks of a connection share. It is made of stored blocks: nothing is
 * saved, but nothing has to be kept either, and no dictionary is needed. The empty block at the end lets the reader continue.
 */
function headerBlock(headers: Record<string, string>, first: boolean): Buffer {
  const entries = Object.entries(headers);
  const parts = [uint32(entries.length)];
  for (const text of entries.flat()) parts.push(uint32(Buffer.byteLength(text)), Buffer.from(text));
  const content = Buffer.concat(parts);
  const stored = Buffer.alloc(5);
  stored.writeUInt16LE(content.length, 1);
  stored.writeUInt16LE(~content.length & 0xffff, 3);
  const zlibHeader = Buffer.from(first ? [0x78, 0x01] : []);
  return Buffer.concat([zlibHeader, stored, content, Buffer.from([0, 0, 0, 0xff, 0xff])]);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

/** Parses frames from chunks of any size. */
export class SpdyFrameReader {
  readonly #events: FrameEvents;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerLength = 0;
  /** Missing bytes of the current frame. */
  #left = 0;
  #control: Buffer[] = [];
  #controlLength = 0;

  constructor(events: FrameEvents) {
    this.#events = events;
  }

  push(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#headerLength < HEADER_BYTES) {
        const taken = rest.copy(this.#header, this.#headerLength, 0, HEADER_BYTES - this.#headerLength);
        this.#headerLength += taken;
        rest = rest.subarray(taken);
        if (this.#headerLength < HEADER_BYTES) return;
        this.#left = this.#header.readUIntBE(5, 3);
      } else {
        const part = rest.subarray(0, this.#left);
        this.#left -= part.length;
        rest = rest.subarray(part.length);
        this.#take(part);
      }
      if (this.#left === 0) this.#finish();
    }
  }

  get #isControl(): boolean {
    return ((this.#header[0] ?? 0) & 0x80) !== 0;
  }

  #take(part: Buffer): void {
    if (!this.#isControl) {
      this.#events.data(this.#header.readUInt32BE(0), part);
    } else if (this.#controlLength < MAX_CONTROL_BYTES) {
      const kept = part.subarray(0, MAX_CONTROL_BYTES - this.#controlLength);
      this.#control.push(kept);
      this.#controlLength += kept.length;
    }
  }

  #finish(): void {
    const flags = this.#header[4] ?? 0;
    if (this.#isControl) this.#controlFrame(this.#header.readUInt16BE(2), Buffer.concat(this.#control));
    else if ((flags & FIN) !== 0) this.#events.fin(this.#header.readUInt32BE(0));
    this.#headerLength = 0;
    this.#control = [];
    this.#controlLength = 0;
  }

  #controlFrame(type: number, payload: Buffer): void {
    if (type === PING && payload.length >= 4) this.#events.ping(payload.readUInt32BE(0));
    else if (type === RST_STREAM && payload.length >= 8) {
      this.#events.reset(payload.readUInt32BE(0) & 0x7fffffff, payload.readUInt32BE(4));
    } else if (type === GOAWAY) this.#events.goAway();
  }
}
