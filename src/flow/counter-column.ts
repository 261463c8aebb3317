import { growArray } from './grow-array.ts';

const TWO_TO_32 = 2 ** 32;
const ALL_ONES = TWO_TO_32 - 1;
/** The nearest double of the kernel's last counters. */
const LARGEST = 2 ** 64;

/**
 * A counter of 64 bits for each row, NaN where it is unknown. Most are below 2^32: the upper halves take no memory before there is one.
 * A value is what was set, as exactly as a double is.
 */
export class CounterColumn {
  #low = new Uint32Array(0);
  #high = new Uint32Array(0);

  grow(rows: number): void {
    this.#low = growArray(this.#low, rows);
    if (this.#high.length > 0) this.#high = growArray(this.#high, rows);
  }

  get(slot: number): number {
    const low = this.#low[slot] as number;
    const high = this.#high.length > 0 ? (this.#high[slot] as number) : 0;
    // What is unknown is all ones below and none above; 2^32 - 1 is all ones, which no double is.
    if (low === ALL_ONES && (high === 0 || high === ALL_ONES)) return high === 0 ? Number.NaN : ALL_ONES;
    return high === 0 ? low : high * TWO_TO_32 + low;
  }

  set(slot: number, value: number): void {
    if (value < ALL_ONES) this.#put(slot, value, 0);
    else if (value >= LARGEST) this.#put(slot, ALL_ONES - 1, ALL_ONES);
    else if (value > ALL_ONES) this.#put(slot, value % TWO_TO_32, Math.floor(value / TWO_TO_32));
    else this.#put(slot, ALL_ONES, value === ALL_ONES ? ALL_ONES : 0);
  }

  #put(slot: number, low: number, high: number): void {
    this.#low[slot] = low;
    if (high !== 0 && this.#high.length === 0) this.#high = new Uint32Array(this.#low.length);
    if (this.#high.length > 0) this.#high[slot] = high;
  }
}
