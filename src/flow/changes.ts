import type { FlowTable } from './flow-table.ts';

/** What lies between two versions of a table: slots of rows to be read from it, and ids of rows that are gone. */
export interface Changes {
  /** `added` is the whole table; the reader drops what it had. */
  readonly snapshot: boolean;
  /** The cursor of a reader that has taken these changes. */
  readonly to: number;
  readonly added: readonly number[];
  /** Compare `statsVersion` and `stateVersion` with `from` to see which half of a row changed. */
  readonly updated: readonly number[];
  readonly removed: readonly number[];
  /** The reader's cursor before; 0 for a snapshot. */
  readonly from: number;
}

/**
 * The difference between version `cursor` and the last committed version. Cursor 0, and one from before the oldest
 * tombstone, gives a snapshot. It is merged: however many versions lie between, a row is named at most once.
 *
 * While the next version is being written, the set of rows is still that of the last committed one, but a row's numbers
 * may already be newer. They are then sent again with that version.
 */
export function changesSince(table: FlowTable, cursor: number): Changes {
  const snapshot = cursor === 0 || cursor < table.floor;
  const from = snapshot ? 0 : cursor;
  const to = table.version;
  const { id, addedVersion, removedVersion, statsVersion, stateVersion } = table.columns;
  const added: number[] = [];
  const updated: number[] = [];
  const removed: number[] = [];
  for (let slot = 0; slot < table.end; slot++) {
    const born = addedVersion[slot] as number;
    if (id[slot] === 0 || born > to) continue;
    const died = removedVersion[slot] as number;
    if (died !== 0 && died <= to) {
      if (died > from && born <= from) removed.push(id[slot] as number);
    } else if (born > from) added.push(slot);
    else if ((statsVersion[slot] as number) > from || (stateVersion[slot] as number) > from) updated.push(slot);
  }
  return { snapshot, from, to, added, updated, removed };
}
