import type { FlowTable } from './flow-table.ts';
import { growArray } from './grow-array.ts';

/** What lies between two versions of a table: slots of rows to be read from it, and ids of rows that are gone. */
export interface Changes {
  /** `added` is the whole table; the reader drops what it had. */
  readonly snapshot: boolean;
  /** The cursor of a reader that has taken these changes. */
  readonly to: number;
  readonly added: Uint32Array;
  /** Compare `statsVersion` and `stateVersion` with `from` to see which half of a row changed. */
  readonly updated: Uint32Array;
  readonly removed: Float64Array;
  /** The reader's cursor before; 0 for a snapshot. */
  readonly from: number;
}

/** Rows that are looked at in one step. */
const STEP = 16_384;

/**
 * The difference between version `cursor` and the last committed version. Cursor 0, and one from before the oldest
 * tombstone, gives a snapshot. It is merged: however many versions lie between, a row is named at most once.
 *
 * While the next version is being written, the set of rows is still that of the last committed one, but a row's numbers
 * may already be newer. They are then sent again with that version.
 */
export function changesSince(table: FlowTable, cursor: number): Changes {
  const steps = changesChunked(table, cursor);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * The same in steps of less than a millisecond. Polls may continue between two, as long as they forget no row that was removed
 * after `cursor` (with cursor 0: after the version of now). If one does, the result is worth nothing.
 */
export function* changesChunked(table: FlowTable, cursor: number): Generator<void, Changes> {
  const snapshot = cursor === 0 || cursor < table.floor;
  const from = snapshot ? 0 : cursor;
  const to = table.version;
  const { end } = table;
  // A list of objects' slots would take twice the room for each number, and again as much to grow: a table has many.
  const added = new SlotList(snapshot ? table.size : 0);
  const updated = new SlotList(0);
  const removed: number[] = [];
  for (let start = 0; start < end; start += STEP) {
    if (start > 0) yield;
    // Others may have grown the columns meanwhile.
    const { id, addedVersion, removedVersion, statsVersion, stateVersion } = table.columns;
    for (let slot = start; slot < Math.min(end, start + STEP); slot++) {
      const born = addedVersion[slot] as number;
      if (id[slot] === 0 || born > to) continue;
      const died = removedVersion[slot] as number;
      if (died !== 0 && died <= to) {
        if (died > from && born <= from) removed.push(id[slot] as number);
      } else if (born > from) added.push(slot);
      else if ((statsVersion[slot] as number) > from || (stateVersion[slot] as number) > from) updated.push(slot);
    }
  }
  return { snapshot, from, to, added: added.slots, updated: updated.slots, removed: Float64Array.from(removed) };
}

class SlotList {
  #slots: Uint32Array;
  #length = 0;

  constructor(expected: number) {
    this.#slots = new Uint32Array(expected);
  }

  get slots(): Uint32Array {
    return this.#slots.subarray(0, this.#length);
  }

  push(slot: number): void {
    if (this.#length === this.#slots.length) this.#slots = growArray(this.#slots, Math.max(256, this.#length * 2));
    this.#slots[this.#length++] = slot;
  }
}
