const PASTE_END = Buffer.from('\x1b[201~');
/** The rest of a longer paste is discarded. */
const MAX_PASTE_BYTES = 65_536;

/** Collects pasted text up to its end mark. */
export class PasteReader {
  readonly #bytes: number[] = [];
  /** How much of the end mark has been read. */
  #ending = 0;

  /** Returns the text if this byte completes the end mark. */
  take(byte: number): string | undefined {
    if (byte === PASTE_END[this.#ending]) {
      this.#ending++;
      return this.#ending === PASTE_END.length ? this.#text() : undefined;
    }
    // Only the first byte of the mark is ESC: after a mismatch a new mark can start.
    for (const one of PASTE_END.subarray(0, this.#ending)) this.#keep(one);
    this.#ending = byte === PASTE_END[0] ? 1 : 0;
    if (this.#ending === 0) this.#keep(byte);
    return undefined;
  }

  #keep(byte: number): void {
    if (this.#bytes.length < MAX_PASTE_BYTES) this.#bytes.push(byte);
  }

  #text(): string {
    // A character that the limit cuts is left out.
    const isCut = this.#bytes.length === MAX_PASTE_BYTES;
    return new TextDecoder().decode(Uint8Array.from(this.#bytes), { stream: isCut });
  }
}
