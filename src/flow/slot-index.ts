import { growArray } from './grow-array.ts';

const EMPTY = -1;
/** Maximum load of the buckets. Above it their number doubles, so the load is mostly half to all of this. */
const MAX_LOAD = 0.75;

/**
 * Finds the slot of a 64-bit key, passed as two halves of 32 bits (signed: V8 keeps those in registers). Uses open addressing
 * with linear probing, and backward shifting on removal, so churn does not degrade it. The low half must be well mixed: its low
 * bits choose the bucket.
 */
export class SlotIndex {
  size = 0;
  #buckets = new Int32Array(16).fill(EMPTY);
  #low = new Int32Array(0);
  #high = new Int32Array(0);

  /** Reserves capacity for `slots` slots at once. */
  reserve(slots: number): void {
    let length = this.#buckets.length;
    while (length * MAX_LOAD < slots) length *= 2;
    if (length > this.#buckets.length) this.#rehash(length);
    if (slots <= this.#low.length) return;
    this.#low = growArray(this.#low, slots);
    this.#high = growArray(this.#high, slots);
  }

  /** Returns the slot with this key, or -1. */
  find(low: number, high: number): number {
    const mask = this.#buckets.length - 1;
    let bucket = low & mask;
    for (;;) {
      const slot = this.#buckets[bucket] as number;
      if (slot === EMPTY) return EMPTY;
      if (this.#low[slot] === low && this.#high[slot] === high) return slot;
      bucket = (bucket + 1) & mask;
    }
  }

  /** The two halves of the key of a slot in the index. */
  lowOf(slot: number): number {
    return this.#low[slot] as number;
  }

  highOf(slot: number): number {
    return this.#high[slot] as number;
  }

  /** Adds a slot under a new key. */
  add(slot: number, low: number, high: number): void {
    if (this.size + 1 > this.#buckets.length * MAX_LOAD) this.#rehash(this.#buckets.length * 2);
    if (slot >= this.#low.length) {
      const length = Math.max(16, slot + 1, Math.ceil(this.#low.length * 1.5));
      this.#low = growArray(this.#low, length);
      this.#high = growArray(this.#high, length);
    }
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#place(slot);
    this.size++;
  }

  /** Removes a slot. Does nothing if the slot is not in the index. */
  remove(slot: number): void {
    const mask = this.#buckets.length - 1;
    let hole = (this.#low[slot] as number) & mask;
    for (let entry = this.#buckets[hole]; entry !== slot; entry = this.#buckets[hole]) {
      if (entry === EMPTY) return;
      hole = (hole + 1) & mask;
    }
    this.size--;
    // Move back each later entry of the chain that is past its home bucket, so that no gap breaks the chain.
    for (let next = (hole + 1) & mask; ; next = (next + 1) & mask) {
      const entry = this.#buckets[next] as number;
      if (entry === EMPTY) break;
      const home = (this.#low[entry] as number) & mask;
      if (((next - home) & mask) >= ((next - hole) & mask)) {
        this.#buckets[hole] = entry;
        hole = next;
      }
    }
    this.#buckets[hole] = EMPTY;
  }

  #place(slot: number): void {
    const mask = this.#buckets.length - 1;
    let bucket = (this.#low[slot] as number) & mask;
    while (this.#buckets[bucket] !== EMPTY) bucket = (bucket + 1) & mask;
    this.#buckets[bucket] = slot;
  }

  #rehash(length: number): void {
    const old = this.#buckets;
    this.#buckets = new Int32Array(length).fill(EMPTY);
    for (const slot of old) if (slot !== EMPTY) this.#place(slot);
  }
}
