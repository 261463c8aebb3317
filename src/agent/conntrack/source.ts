import type { EntrySink } from './entry.ts';
import type { KernelInfo } from './kernel-info.ts';
import type { NewestEntries } from './newest-entries.ts';

/** A way to read the kernel's table. To add one: a file that implements this, and its place in `source-choice.ts`. */
export interface ConntrackSource {
  readonly kind: 'procfs' | 'netlink';
  /** Where the table is; for people. */
  readonly path: string;
  /**
   * Reads the whole table once, entry by entry, into `sink`. It yields to the event loop at least every few
   * milliseconds. Rejects with an Error whose message names the path and the cause; `sink` then has a part of the table.
   * Resolves with what it cost. One read at a time; `signal` breaks it off, and then it rejects.
   */
  read(sink: EntrySink, signal?: AbortSignal): Promise<ReadCost>;
  /** What the kernel says about the table, apart from its entries. Does not read the table, and never rejects. */
  readInfo(newest: NewestEntries): Promise<KernelInfo>;
}

export interface ReadCost {
  /** CPU time in milliseconds: what the poll took from one core. */
  readonly busyMs: number;
  /** What is to be known about the poll, though it did not fail. */
  readonly note?: string;
}
