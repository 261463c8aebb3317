import { isFamily } from './line-cursor.ts';
import { MAX_TIMEOUT_SECONDS } from './line-prefix.ts';
import { parseDecimal } from './numbers.ts';

const SPACE = 32;
const TAB = 9;

/**
 * Reads only the timeout of a line, and a fingerprint of the rest, in words of 32 bits. Most lines are unchanged since the last
 * poll except for their timeout; the fingerprint detects that at a fraction of the cost of a scan.
 */
export class LineFingerprinter {
  low = 0;
  high = 0;
  /** Seconds; -1 if there is none. */
  timeout = -1;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);

  /** Reads `bytes[start, end)`, whether or not it is a line of a conntrack table. */
  read(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.low = HASH_SEED_LOW;
    this.high = HASH_SEED_HIGH;
    // "ipv4 2 tcp 6 431999 …"; older kernels print "tcp 6 431999 …".
    let at = start;
    const withFamily = isFamily(bytes, start) && (bytes[start + 4] as number) <= SPACE;
    for (let words = withFamily ? 4 : 2; words > 0; words--) {
      while (at < end && (bytes[at] as number) > SPACE) at++;
      while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
    }
    let after = at;
    while (after < end && (bytes[after] as number) > SPACE) after++;
    const timeout = parseDecimal(bytes, at, after);
    this.timeout = timeout > MAX_TIMEOUT_SECONDS ? -1 : timeout;
    this.#mix(start, at);
    this.#mix(this.timeout < 0 ? at : after, end);
  }

  #mix(start: number, end: number): void {
    let { low, high } = this;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const word = this.#view.getInt32(at, true);
      low = Math.imul(((low << 5) | (low >>> 27)) ^ word, 0x9e3779b1);
      high = Math.imul(((high << 13) | (high >>> 19)) ^ word, 0x85ebca77);
    }
    // The remaining bytes and the length.
    let rest = end - start;
    for (; at < end; at++) rest = (rest << 8) | (this.#bytes[at] as number);
    this.low = Math.imul(((low << 5) | (low >>> 27)) ^ rest, 0x9e3779b1);
    this.high = Math.imul(((high << 13) | (high >>> 19)) ^ rest, 0x85ebca77);
  }
}

// Random per process, so that nobody can create connections with colliding fingerprints.
export const HASH_SEED_LOW = (Math.random() * 0x1_0000_0000) | 0;
export const HASH_SEED_HIGH = (Math.random() * 0x1_0000_0000) | 0;
