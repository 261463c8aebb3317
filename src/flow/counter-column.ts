import { growArray } from './grow-array.ts';

const TWO_TO_32 = 2 ** 32;
const ALL_ONES = TWO_TO_32 - 1;
/** The kernel's highest counter values, rounded to the nearest double. */
const LARGEST = 2 ** 64;

/**
 * A 64-bit counter per row; NaN if it is unknown. Most values are below 2^32: the upper halves take no memory until a larger
 * value is set. Values are as exact as a double.
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
    // Unknown is stored as low = all ones, high = 0. 2^32 - 1 is stored as all ones in both halves: no other double has this encoding.
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
