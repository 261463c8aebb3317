import { centerOf, contains, curveBetween, pointAt } from './curve.ts';
import { boxInSlot, type SlotGrid } from './slots.ts';

const SAMPLES = 24;

/** The slots that a straight line between two slots crosses. Computed at the first request. */
export class OcclusionMap {
  readonly #boxes;
  readonly #known: (Uint8Array | undefined)[] = [];

  constructor(slots: SlotGrid) {
    this.#boxes = slots.centers.map((_, slot) => boxInSlot(slots, slot, '', slots.boxWidth));
  }

  /** For each slot 1 or 0. */
  blockedSlots(from: number, to: number): Uint8Array {
    const key = from < to ? from * this.#boxes.length + to : to * this.#boxes.length + from;
    let passed = this.#known[key];
    if (passed === undefined) {
      passed = this.#work(from, to);
      this.#known[key] = passed;
    }
    return passed;
  }

  #work(from: number, to: number): Uint8Array {
    const passed = new Uint8Array(this.#boxes.length);
    const [a, b] = [this.#boxes[from], this.#boxes[to]];
    if (a === undefined || b === undefined) return passed;
    const line = curveBetween(centerOf(a), centerOf(b), 0);
    for (const [slot, box] of this.#boxes.entries()) {
      if (slot === from || slot === to) continue;
      for (let i = 1; i < SAMPLES && passed[slot] === 0; i++)
        if (contains(box, pointAt(line, i / SAMPLES))) passed[slot] = 1;
    }
    return passed;
  }
}
