import { HASH_SEED_HIGH, HASH_SEED_LOW } from '../../parse/line-fingerprint.ts';
import type { Attributes } from './attributes.ts';
import { CTA_TIMEOUT, CTA_USE, LITTLE_ENDIAN } from './numbers.ts';

/** Kernel timeouts are at most half of this. */
const MAX_TIMEOUT_SECONDS = 0x7fff_ffff;

/**
 * A fingerprint of everything that the kernel reports about an entry, except for its timeout and its use count. Most entries are
 * unchanged since the last poll; the fingerprint detects that at a fraction of the cost of parsing.
 */
export class MessageFingerprint {
  low = 0;
  high = 0;
  /** Seconds; -1 if there is none. */
  timeout = -1;
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** Reads `view[start, end)`. `attributes`: the attributes in it. */
  read(view: DataView, start: number, end: number, attributes: Attributes): void {
    this.#view = view;
    this.low = HASH_SEED_LOW;
    this.high = HASH_SEED_HIGH;
    const timeout = attributes.uint32(CTA_TIMEOUT);
    this.timeout = timeout > MAX_TIMEOUT_SECONDS ? -1 : timeout;
    const timeoutAt = attributes.offset(CTA_TIMEOUT, 4);
    const useAt = attributes.offset(CTA_USE, 4);
    const first = Math.min(timeoutAt, useAt);
    const second = Math.max(timeoutAt, useAt);
    let at = start;
    if (first >= 0) {
      this.#mix(at, first);
      at = first + 4;
    }
    if (second >= at) {
      this.#mix(at, second);
      at = second + 4;
    }
    this.#mix(at, end);
  }

  #mix(start: number, end: number): void {
    const view = this.#view;
    let { low, high } = this;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const word = view.getInt32(at, LITTLE_ENDIAN);
      low = Math.imul(((low << 5) | (low >>> 27)) ^ word, 0x9e3779b1);
      high = Math.imul(((high << 13) | (high >>> 19)) ^ word, 0x85ebca77);
    }
    // The remaining bytes and the length.
    let rest = end - start;
    for (; at < end; at++) rest = (rest << 8) | view.getUint8(at);
    this.low = Math.imul(((low << 5) | (low >>> 27)) ^ rest, 0x9e3779b1);
    this.high = Math.imul(((high << 13) | (high >>> 19)) ^ rest, 0x85ebca77);
  }
}
