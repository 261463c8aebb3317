const MIN_CAPACITY_BYTES = 16 * 1024;

/**
 * Collects chunks in one buffer: a server may send each byte as its own chunk, and each stored chunk
 * costs a hundred bytes.
 */
export class ByteBuffer {
  #bytes = Buffer.allocUnsafe(MIN_CAPACITY_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const longer = Buffer.allocUnsafe(Math.max(length, this.#bytes.length * 2));
      this.#bytes.copy(longer, 0, 0, this.#length);
      this.#bytes = longer;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  /** Returns the content as text and empties the buffer. */
  take(): string {
    const text = this.#bytes.toString('utf8', 0, this.#length);
    this.#length = 0;
    // The memory of one long line is not kept for all other lines.
    if (this.#bytes.length > 64 * MIN_CAPACITY_BYTES) this.#bytes = Buffer.allocUnsafe(MIN_CAPACITY_BYTES);
    return text;
  }
}
