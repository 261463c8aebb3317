import { growArray } from '../../flow/grow-array.ts';

/** The kernel's ids of the entries in a table's rows; 0 if unknown. A source without ids uses no memory. */
export class KernelIds {
  #ids = new Uint32Array(0);

  of(slot: number): number {
    return this.#ids[slot] ?? 0;
  }

  /** `slots`: number of slots to allocate for. */
  set(slot: number, id: number, slots: number): void {
    if (slot >= this.#ids.length) {
      if (id === 0) return;
      this.#ids = growArray(this.#ids, slots);
    }
    this.#ids[slot] = id;
  }
}

/** Returns whether two ids certainly belong to different connections. */
export function areDifferentIds(one: number, other: number): boolean {
  return one !== other && one !== 0 && other !== 0;
}
