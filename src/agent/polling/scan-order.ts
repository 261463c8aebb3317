import { growArray } from '../../flow/grow-array.ts';

const NONE = -1;

/**
 * The order in which the last poll read the entries, and a fingerprint of how each read. The kernel prints its table in
 * much the same order each time: the entry that comes next is mostly the one that came next before, and is then found
 * without a search.
 */
export class ScanOrderCache {
  #next = new Int32Array(0);
  #low = new Int32Array(0);
  #high = new Int32Array(0);
  #first = NONE;
  #last = NONE;
  #expected = NONE;

  /** Makes room for so many slots. */
  reserve(slots: number): void {
    if (slots <= this.#next.length) return;
    this.#next = growArray(this.#next, slots);
    this.#low = growArray(this.#low, slots);
    this.#high = growArray(this.#high, slots);
  }

  /** A poll begins. */
  begin(): void {
    this.#last = NONE;
    this.#expected = this.#first;
  }

  /** The slot that comes next, if it read just so, or the one behind it, if it did; else -1. */
  match(low: number, high: number): number {
    for (let slot = this.#expected, tries = 2; slot !== NONE && tries > 0; tries--) {
      if (this.#low[slot] === low && this.#high[slot] === high) return slot;
      slot = this.#next[slot] as number;
    }
    return NONE;
  }

  /** A known slot was read. */
  read(slot: number, low: number, high: number): void {
    this.#expected = this.#next[slot] as number;
    this.#put(slot, low, high);
  }

  /** A new slot was read: what is expected is expected behind it. */
  readNew(slot: number, low: number, high: number): void {
    this.#next[slot] = NONE;
    this.#put(slot, low, high);
  }

  /** The slot's entry is gone. */
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
