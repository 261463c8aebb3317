import { applyDelta } from '../../flow/apply.ts';
import { FlowTable } from '../../flow/flow-table.ts';
import type { WatchMessage } from '../../wire/decode.ts';

export type ReplicaUpdate =
  /** More of this poll is to come. */
  | { readonly kind: 'partial' }
  | { readonly kind: 'whole'; readonly table: FlowTable }
  /** The table has more rows than its limit. */
  | { readonly kind: 'too many' }
  /** The stream is invalid and must be opened again. */
  | { readonly kind: 'invalid'; readonly reason: string };

/** Applies one stream's messages to a replica of the agent's table. */
export class TableReplica {
  #table: FlowTable | undefined;
  /** The table of a snapshot that is not complete yet. */
  #incoming: FlowTable | undefined;
  #sequence = 0;

  /** Rows of the snapshot that is not complete yet; undefined: there is none. */
  get incomingRows(): number | undefined {
    return this.#incoming?.size;
  }

  /** `maxRows`: the limit of a table. */
  applyMessage(message: WatchMessage, maxRows = Number.POSITIVE_INFINITY): ReplicaUpdate {
    if (message.sequence !== this.#sequence + 1)
      return invalidUpdate(`message ${message.sequence} came after ${this.#sequence}: some were lost`);
    this.#sequence = message.sequence;

    if (message.snapshot) this.#incoming ??= new FlowTable();
    else if (this.#incoming !== undefined) {
      // The agent's table has changed so much that the agent sends a new snapshot.
      this.#incoming = undefined;
      if (isEmpty(message)) return { kind: 'partial' };
      return invalidUpdate('a snapshot broke off in the middle');
    }
    const table = this.#incoming ?? this.#table;
    if (table === undefined)
      return isEmpty(message) ? { kind: 'partial' } : invalidUpdate('the stream began without a snapshot');

    const { added, updated, removed } = message.delta;
    if (this.#incoming !== undefined && updated.length + removed.length > 0)
      return invalidUpdate('a snapshot changes what it has just reported');
    if (table.size - removed.length + added.length > maxRows) return { kind: 'too many' };
    const refused = applyDelta(table, message.delta);
    if (refused > 0) return invalidUpdate(`${refused} changes do not fit the table`);
    if (!message.endOfPoll) return { kind: 'partial' };
    table.commit(message.observedAt);
    this.#table = table;
    this.#incoming = undefined;
    return { kind: 'whole', table };
  }
}

/** It changes no row. */
export function changesNothing({ delta }: WatchMessage): boolean {
  return delta.added.length + delta.updated.length + delta.removed.length === 0;
}

/** It only ends an incomplete snapshot. */
function isEmpty(message: WatchMessage): boolean {
  return !message.endOfPoll && changesNothing(message);
}

function invalidUpdate(reason: string): ReplicaUpdate {
  return { kind: 'invalid', reason };
}
