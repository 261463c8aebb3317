/** One entry of the kernel's table, as a source hands it to the `EntrySink`. The object is reused: copy what is to stay. */
export interface ConntrackEntry {
  /**
   * 64 bits, as two signed halves, that stand for what identifies the entry (both tuples, protocol, zone), by a hash that nobody outside can
   * know. Entries with the same tuples have the same fingerprint for as long as the agent runs.
   */
  readonly low: number;
  readonly high: number;
  readonly family: number;
  readonly protocol: number;
  readonly state: number;
  /** REPLIED, ASSURED … of `flow/columns.ts`. */
  readonly flags: number;
  readonly zone: number;
  readonly mark: number;
  /** Seconds; -1 where the kernel printed none. */
  readonly timeout: number;
  /** Seconds since the connection began; -1 where the kernel keeps no time stamps. */
  readonly age: number;
  /**
   * 32 bits by which the kernel tells entries apart; 0 where it did not say. Another number is another connection. The same one may
   * be another connection, too: it depends on the entry's place in memory.
   */
  readonly kernelId: number;
  /** As in the table's rows: original, then reply. */
  readonly ports: Uint16Array;
  /** Original packets and bytes, reply packets and bytes; NaN where the kernel does not count. */
  readonly counters: Float64Array;
  /** Writes the four addresses; false when one of them is none. Called only for an entry that was not known. */
  writeAddresses(bytes: Uint8Array, at: number): boolean;
}

/** Takes the entries of a poll, in the order of the table. */
export interface EntrySink {
  /** Lines (or messages) of this poll that could not be parsed. */
  unparsed: number;
  /** One of them, as it can be shown. */
  unparsedSample: string | undefined;
  /** No poll was completed yet: it is worth reserving room. */
  readonly isEmpty: boolean;
  reserve(entries: number): void;
  /** To be called before the entries of each piece that was read: a large table takes a while, and rates need the time. */
  readAt(monotonicMs: number): void;
  /** False, and nothing is taken, unless it is sure that the entry reads as at the poll before: then it is to be parsed and added. */
  addUnchanged(fingerprint: LineFingerprint): boolean;
  add(entry: ConntrackEntry, fingerprint?: LineFingerprint): void;
}

/** What is known of an entry before it is scanned. The object is reused. */
export interface LineFingerprint {
  /** 64 bits that stand for all that the kernel printed of it, except for the timeout. Not both 0. */
  readonly low: number;
  readonly high: number;
  /** Seconds; -1 where the kernel printed none. */
  readonly timeout: number;
}
