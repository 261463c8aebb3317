import type { FlowTable } from './flow-table.ts';
import { growArray } from './grow-array.ts';

/** The difference between two versions of a table: slots of rows to read from the table, and ids of removed rows. */
export interface Changes {
  /** `added` is the whole table. The reader drops its previous rows. */
  readonly snapshot: boolean;
  /** The reader's cursor after it applied these changes. */
  readonly to: number;
  readonly added: Uint32Array;
  /** Compare `statsVersion` and `stateVersion` with `from` to see which half of a row changed. */
  readonly updated: Uint32Array;
  readonly removed: Float64Array;
  /** The reader's cursor before these changes; 0 for a snapshot. */
  readonly from: number;
}

/** Rows examined per step. */
const STEP = 16_384;

/**
 * Returns the difference between version `cursor` and the last committed version. Cursor 0, or a cursor older than the oldest
 * tombstone, gives a snapshot. The changes are merged: a row appears at most once, even across several versions.
 *
 * While a writer prepares the next version, the set of rows is still that of the last committed one, but a row's numbers may
 * already be newer. The next version then sends them again.
 */
export function changesSince(table: FlowTable, cursor: number): Changes {
  const steps = changesChunked(table, cursor);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * Like `changesSince`, in steps of less than a millisecond. Polls may run between two steps, as long as they forget no row that
 * was removed after `cursor` (for cursor 0: after the current version). If a poll does, the caller must discard the result.
 */
export function* changesChunked(table: FlowTable, cursor: number): Generator<void, Changes> {
  const snapshot = cursor === 0 || cursor < table.floor;
  const from = snapshot ? 0 : cursor;
  const to = table.version;
  const { end } = table;
  // Typed arrays: for a large table, a plain array of slots takes twice the memory per number, and as much again while it grows.
  const added = new SlotList(snapshot ? table.size : 0);
  const updated = new SlotList(0);
  const removed: number[] = [];
  for (let start = 0; start < end; start += STEP) {
    if (start > 0) yield;
    // A writer may have grown the columns since the last step.
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
