import type { EntrySink } from './entry.ts';
import type { KernelInfo } from './kernel-info.ts';
import type { NewestEntries } from './newest-entries.ts';

/** A method of reading the kernel's table. To add one, implement this in a file and add it to `source-choice.ts`. */
export interface ConntrackSource {
  readonly kind: 'procfs' | 'netlink';
  /** Location of the table, for display. */
  readonly path: string;
  /**
   * Reads the whole table once, entry by entry, into `sink`. It yields to the event loop at least every few milliseconds.
   * Resolves with the cost. Rejects with an Error whose message names the path and the cause; `sink` then has a part of the
   * table. Only one read may run at a time. `signal` aborts it, and it then rejects.
   */
  read(sink: EntrySink, signal?: AbortSignal): Promise<ReadCost>;
  /** Reads what the kernel reports about the table, apart from its entries. Does not read the table, and never rejects. */
  readInfo(newest: NewestEntries): Promise<KernelInfo>;
}

export interface ReadCost {
  /** CPU time in milliseconds that the poll used. */
  readonly busyMs: number;
  /** A remark about a poll that did not fail. */
  readonly note?: string;
}
