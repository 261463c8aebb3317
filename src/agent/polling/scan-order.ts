import { growArray } from '../../flow/grow-array.ts';

const NONE = -1;

/**
 * The order of the entries in the last poll, and a fingerprint of each. The kernel prints its table in nearly the same order each
 * time: the next entry is mostly the one that followed last time, so the cache finds it without a search.
 */
export class ScanOrderCache {
  #next = new Int32Array(0);
  #low = new Int32Array(0);
  #high = new Int32Array(0);
  #first = NONE;
  #last = NONE;
  #expected = NONE;

  /** Reserves capacity for `slots` slots. */
  reserve(slots: number): void {
    if (slots <= this.#next.length) return;
    this.#next = growArray(this.#next, slots);
    this.#low = growArray(this.#low, slots);
    this.#high = growArray(this.#high, slots);
  }

  /** Starts a poll. */
  begin(): void {
    this.#last = NONE;
    this.#expected = this.#first;
  }

  /** Returns the expected slot if its fingerprint matches, or the slot after it if that one's does; else -1. */
  match(low: number, high: number): number {
    for (let slot = this.#expected, tries = 2; slot !== NONE && tries > 0; tries--) {
      if (this.#low[slot] === low && this.#high[slot] === high) return slot;
      slot = this.#next[slot] as number;
    }
    return NONE;
  }

  /** Records that a known slot was read. */
  read(slot: number, low: number, high: number): void {
    this.#expected = this.#next[slot] as number;
    this.#put(slot, low, high);
  }

  /** Records that a new slot was read. The expected slot stays the same. */
  readNew(slot: number, low: number, high: number): void {
    this.#next[slot] = NONE;
    this.#put(slot, low, high);
  }

  /** Forgets a slot whose entry is gone. */
  forget(slot: number): void {
    this.#low[slot] = 0;
    this.#high[slot] = 0;
  }

  #put(slot: number, low: number, high: number): void {
    if (this.#last === NONE) this.#first = slot;
    else this.#next[this.#last] = slot;
    this.#last = slot;
    this.#low[slot] = low;
    this.#high[slot] = high;
  }
}
