import { type Changes, changesChunked } from './changes.ts';
import type { RowPredicate } from './filter.ts';
import type { FlowTable } from './flow-table.ts';
import { type OtherFlows, selectTopFlows } from './top-flows.ts';

/** Rows examined per step. */
const STEP = 2048;

export interface ViewChanges extends Changes {
  /** Absent if the view has no `maxFlows`. */
  readonly others?: OtherFlows;
}

/**
 * The part of a table that one subscriber sees: the rows that match, limited to the `maxFlows` with the highest rates (0: all). A
 * row that enters the view is `added`, a row that leaves it is `removed`. The view remembers which rows the subscriber has, one
 * byte per slot. So each subscriber needs its own view, and must apply all changes that it returns, in order.
 */
export class FilteredView {
  readonly #match: RowPredicate | undefined;
  readonly #maxFlows: number;
  #members = new Uint8Array(0);

  constructor(match: RowPredicate | undefined, maxFlows: number) {
    this.#match = match;
    this.#maxFlows = maxFlows;
  }

  changesSince(table: FlowTable, cursor: number): ViewChanges {
    const steps = this.changesChunked(table, cursor);
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  }

  /**
   * Like `changesSince`, in steps of a few milliseconds. Polls may run between two steps, as long as they forget no row that was
   * removed after `cursor` (for cursor 0: after the current version). If a poll does, the caller must discard the result.
   */
  *changesChunked(table: FlowTable, cursor: number): Generator<void, ViewChanges> {
    if (this.#match === undefined && this.#maxFlows === 0) return yield* changesChunked(table, cursor);
    const { columns } = table;
    const snapshot = cursor === 0 || cursor < table.floor;
    const from = snapshot ? 0 : cursor;
    const to = table.version;
    const had = snapshot ? new Uint8Array(0) : this.#members;
    const candidates: number[] = [];
    const { end } = table;
    for (let slot = 0; slot < end; slot++) {
      if (slot % STEP === STEP - 1) yield;
      const died = columns.removedVersion[slot] as number;
      if (columns.id[slot] === 0 || (columns.addedVersion[slot] as number) > to || (died !== 0 && died <= to)) continue;
      if (this.#match === undefined || this.#match(columns, slot)) candidates.push(slot);
    }
    yield;
    const { chosen, others } =
      this.#maxFlows === 0 ? { chosen: candidates } : selectTopFlows(columns, candidates, this.#maxFlows);
    yield;
    const members = new Uint8Array(end);
    const added: number[] = [];
    const updated: number[] = [];
    const removed: number[] = [];
    const { id, statsVersion, stateVersion } = columns;
    for (const slot of chosen) {
      members[slot] = 1;
      if (had[slot] !== 1) added.push(slot);
      else if ((statsVersion[slot] as number) > from || (stateVersion[slot] as number) > from) updated.push(slot);
    }
    for (let slot = 0; slot < had.length; slot++) {
      if (had[slot] === 1 && members[slot] !== 1) removed.push(id[slot] as number);
    }
    this.#members = members;
    return {
      snapshot,
      from,
      to,
      added: Uint32Array.from(added),
      updated: Uint32Array.from(updated),
      removed: Float64Array.from(removed),
      ...(others ? { others } : {}),
    };
  }
}
