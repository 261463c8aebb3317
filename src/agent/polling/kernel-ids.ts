import { growArray } from '../../flow/grow-array.ts';

/** By which the kernel tells the entries of a table's rows apart; 0 where it does not say. A source without ids takes no memory. */
export class KernelIds {
  #ids = new Uint32Array(0);

  of(slot: number): number {
    return this.#ids[slot] ?? 0;
  }

  /** `slots`: how many there may be. */
  set(slot: number, id: number, slots: number): void {
    if (slot >= this.#ids.length) {
      if (id === 0) return;
      this.#ids = growArray(this.#ids, slots);
    }
    this.#ids[slot] = id;
  }
}

/** Whether two ids are of two connections, for sure. */
export function areDifferentIds(one: number, other: number): boolean {
  return one !== other && one !== 0 && other !== 0;
}
