import { FlowTable } from '../flow/flow-table.ts';

/** Takes what one poll found into a table. (Being written: see ARCHITECTURE.md.) */
export class Ingest {
  readonly table: FlowTable;
  /** Lines (or messages) of this poll that could not be parsed. */
  unparsed = 0;

  constructor(firstId: number) {
    this.table = new FlowTable(firstId);
  }

  /** Begins a poll. `monotonicMs` is what rates are reckoned by, `wallMs` what `firstSeenAt` and `expiresAt` are. */
  begin(_monotonicMs: number, _wallMs: number): void {}

  /** The poll read the whole table: what it did not see is removed, and a version is committed. */
  complete(): void {}

  /** The poll broke off: what it saw stays, nothing is removed, no version is committed. */
  abandon(): void {}
}
