import { type Changes, changesSince } from './changes.ts';
import type { RowMatch } from './filter.ts';
import type { FlowTable } from './flow-table.ts';

export interface ViewChanges extends Changes {
  /** What `maxFlows` left out. Absent where the view has no such limit. */
  readonly others?: {
    readonly flows: number /** Absent: none of their rates is known. */;
    readonly bytesPerSecond?: number;
  };
}

/**
 * A part of a table, as one subscriber sees it: rows that match, and of these only the heaviest `maxFlows` (0: all). A row
 * that begins to belong to it is `added`, one that ceases to is `removed`. It remembers which rows the subscriber has,
 * a byte a slot: so each subscriber needs its own, and must take every changes that it gives, in order.
 */
export class FilteredView {
  readonly #match: RowMatch | undefined;
  readonly #maxFlows: number;
  #members = new Uint8Array(0);

  constructor(match: RowMatch | undefined, maxFlows: number) {
    this.#match = match;
    this.#maxFlows = maxFlows;
  }

  changesSince(table: FlowTable, cursor: number): ViewChanges {
    if (this.#match === undefined && this.#maxFlows === 0) return changesSince(table, cursor);
    const { columns } = table;
    const { id, addedVersion, removedVersion, statsVersion, stateVersion } = columns;
    const snapshot = cursor === 0 || cursor < table.floor;
    const from = snapshot ? 0 : cursor;
    const to = table.version;
    const had = snapshot ? new Uint8Array(0) : this.#members;
    const candidates: number[] = [];
    for (let slot = 0; slot < table.end; slot++) {
      const died = removedVersion[slot] as number;
      if (id[slot] === 0 || (addedVersion[slot] as number) > to || (died !== 0 && died <= to)) continue;
      if (this.#match === undefined || this.#match(columns, slot)) candidates.push(slot);
    }
    const { chosen, others } = this.#choose(table, candidates);
    const members = new Uint8Array(table.end);
    const added: number[] = [];
    const updated: number[] = [];
    const removed: number[] = [];
    for (const slot of chosen) {
      members[slot] = 1;
      if (had[slot] !== 1) added.push(slot);
      else if ((statsVersion[slot] as number) > from || (stateVersion[slot] as number) > from) updated.push(slot);
    }
    for (let slot = 0; slot < had.length; slot++) {
      if (had[slot] === 1 && members[slot] !== 1) removed.push(id[slot] as number);
    }
    this.#members = members;
    return { snapshot, from, to, added, updated, removed, ...(others ? { others } : {}) };
  }

  #choose(table: FlowTable, candidates: number[]): { chosen: number[]; others: ViewChanges['others'] } {
    if (this.#maxFlows === 0) return { chosen: candidates, others: undefined };
    const { columns } = table;
    const rates = new Float64Array(candidates.length);
    candidates.forEach((slot, i) => {
      const rate = columns.rate(slot);
      // An unknown rate comes after 0.
      rates[i] = Number.isNaN(rate) ? -1 : rate;
    });
    const excess = candidates.length - this.#maxFlows;
    if (excess <= 0) return { chosen: candidates, others: { flows: 0, bytesPerSecond: 0 } };
    const bound = rates.slice().sort()[excess] as number;
    const chosen: number[] = [];
    // Of rows with the rate of the bound as many as there is room for: those in the lowest slots, so that it is stable.
    let atBound = this.#maxFlows;
    for (const rate of rates) if (rate > bound) atBound--;
    let left = 0;
    let known = false;
    candidates.forEach((slot, i) => {
      const rate = rates[i] as number;
      if (rate > bound || (rate === bound && atBound-- > 0)) chosen.push(slot);
      else if (rate >= 0) {
        known = true;
        left += rate;
      }
    });
    return { chosen, others: { flows: excess, ...(known ? { bytesPerSecond: left } : {}) } };
  }
}
