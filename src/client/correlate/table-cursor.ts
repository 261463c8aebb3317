import type { FlowColumns } from '../../flow/columns.ts';
import type { FlowTable } from '../../flow/flow-table.ts';
import { growArray } from '../../flow/grow-array.ts';
import type { CleanText } from '../format/sanitize.ts';
import { NONE } from './entry-graph.ts';

/** One agent's flow table: input of the correlator. */
export interface AgentTable {
  /** AgentState.key */
  readonly key: string;
  readonly node: CleanText;
  readonly table: FlowTable;
  /** Its table is old: the agent is stale or lost. */
  readonly stale: boolean;
}

/** How far the correlator has read an agent's table, and the entry of each slot. */
export class TableCursor {
  readonly key: string;
  readonly number: number;
  node: CleanText;
  stale: boolean;
  table: FlowTable;
  cursor = 0;
  entryOfSlot = new Int32Array(0);

  constructor(input: AgentTable, number: number) {
    this.key = input.key;
    this.number = number;
    this.node = input.node;
    this.stale = input.stale;
    this.table = input.table;
  }

  get columns(): FlowColumns {
    return this.table.columns;
  }

  fitSlots(): void {
    const length = this.entryOfSlot.length;
    if (length < this.table.end)
      this.entryOfSlot = growArray(this.entryOfSlot, Math.max(this.table.end, Math.ceil(length * 1.5))).fill(
        NONE,
        length,
      );
  }
}
