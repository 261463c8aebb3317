import { type Flow, type FlowUpdate, writeFlow, writeStats, writeStatus } from './flow.ts';
import type { FlowTable } from './flow-table.ts';

/** Changes as objects. They do not refer to the source table, so they can be sent over the network. */
export interface FlowDelta {
  readonly added: readonly Flow[];
  readonly updated: readonly FlowUpdate[];
  readonly removed: readonly number[];
}

/**
 * Applies a delta to a replica. The caller commits at the end of a poll, and starts a snapshot with a new table. Returns the
 * number of items that it rejected (unknown id, duplicate id, invalid address): 0 unless the sender is broken, because ids arrive
 * in order.
 */
export function applyDelta(table: FlowTable, delta: FlowDelta): number {
  let refused = 0;
  for (const id of delta.removed) {
    const slot = table.slotOf(id);
    if (slot < 0) refused++;
    else table.remove(slot);
  }
  for (const update of delta.updated) {
    const slot = table.slotOf(update.id);
    if (slot < 0) refused++;
    else {
      if (update.status) writeStatus(table, slot, update.status);
      if (update.stats) writeStats(table, slot, update.stats);
    }
  }
  for (const flow of delta.added) {
    if (!isId(flow.id) || table.slotOf(flow.id) >= 0 || writeFlow(table, flow) === undefined) refused++;
  }
  return refused;
}

function isId(id: number): boolean {
  return Number.isSafeInteger(id) && id > 0;
}
