/** A length below this fits in one byte. */
const SHORT = 0x80;
const TWO_TO_64 = 2 ** 64;

/** Wire types. The tag of a field is one byte for field numbers up to 15, two bytes above. */
export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;

/**
 * Writes the protobuf wire format into one reused buffer, so that encoding a flow creates no objects. The buffer does not grow:
 * the caller bounds what it writes before `finish`.
 */
export class ProtobufWriter {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Writes a field's number and wire type. */
  tag(field: number, type: number): void {
    this.varint((field << 3) | type);
  }

  /** Writes an integer of 0 or more. 2^64 is written as 2^64 - 1: the highest counters round to it as doubles. */
  varint(value: number): void {
    if (value >= TWO_TO_64) {
      for (let i = 0; i < 9; i++) this.#bytes[this.at++] = 0xff;
      this.#bytes[this.at++] = 1;
      return;
    }
    let rest = value;
    // Bitwise operators work only up to 31 bits.
    while (rest > 0x7fff_ffff) {
      const next = Math.floor(rest / SHORT);
      this.#bytes[this.at++] = (rest - next * SHORT) | SHORT;
      rest = next;
    }
    while (rest >= SHORT) {
      this.#bytes[this.at++] = (rest & 0x7f) | SHORT;
      rest >>>= 7;
    }
    this.#bytes[this.at++] = rest;
  }

  uint(field: number, value: number): void {
    this.tag(field, VARINT);
    this.varint(value);
  }

  bool(field: number, value: boolean): void {
    this.uint(field, value ? 1 : 0);
  }

  double(field: number, value: number): void {
    this.tag(field, FIXED64);
    this.#view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  /** Writes text. It must be ASCII. */
  ascii(field: number, text: string): void {
    this.tag(field, BYTES);
    const start = this.open();
    for (let i = 0; i < text.length; i++) this.#bytes[this.at++] = text.charCodeAt(i);
    this.close(start);
  }

  /** Writes a 32-bit IPv4 address as "a.b.c.d". */
  dotted(field: number, address: number): void {
    this.tag(field, BYTES);
    const start = this.open();
    for (let shift = 24; shift >= 0; shift -= 8) {
      if (shift < 24) this.#bytes[this.at++] = 46;
      const part = (address >>> shift) & 0xff;
      if (part >= 100) this.#bytes[this.at++] = 48 + ((part / 100) | 0);
      if (part >= 10) this.#bytes[this.at++] = 48 + (((part / 10) | 0) % 10);
      this.#bytes[this.at++] = 48 + (part % 10);
    }
    this.close(start);
  }

  /** Reserves one byte for a length. Pass the result to `close`, which fills the length in. */
  open(): number {
    return ++this.at;
  }

  close(start: number): void {
    const length = this.at - start;
    if (length < SHORT) {
      this.#bytes[start - 1] = length;
      return;
    }
    // A longer length takes more bytes: move the content to make room for them.
    let more = 0;
    for (let rest = length >>> 7; rest > 0; rest >>>= 7) more++;
    this.#bytes.copyWithin(start + more, start, this.at);
    this.at = start - 1;
    this.varint(length);
    this.at += length;
  }

  /** Returns `head` followed by a copy of the written bytes. The writer is then empty. */
  finish(head: Uint8Array): Buffer {
    const whole = Buffer.allocUnsafe(head.length + this.at);
    whole.set(head, 0);
    whole.set(this.#bytes.subarray(0, this.at), head.length);
    this.at = 0;
    return whole;
  }
}
